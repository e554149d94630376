"""Finds the words of a page that were never marked for translation: in `en-XA` every message stands in brackets."""

import re
from html.parser import HTMLParser

VOID = {"br", "hr", "img", "input", "link", "meta", "col", "area", "base", "embed", "source", "track", "wbr"}
SAID = {"aria-label", "title", "alt", "placeholder", "label"}
SILENT = {"script", "style", "code"}  # what stands in <code> is for machines and admins: ids, addresses, commands
LETTERS = re.compile(r"[^\W\d_]")
LOOKS_SAID = re.compile(r"\s|^[A-Z]")  # of a data attribute: ids and addresses have neither


class _Page(HTMLParser):
    """Collects what the interface says. What has a `lang` of its own says the course or is a language's own name, and
    `dir="auto"` marks what people wrote or are called."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._open: list[tuple[str, bool]] = []

    @property
    def _is_silent(self) -> bool:
        return any(silent for _, silent in self._open)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = {name: value or "" for name, value in attrs}
        silent = tag in SILENT or (tag != "html" and "lang" in of) or of.get("dir") == "auto"
        if not silent and not self._is_silent:
            for name, value in of.items():
                is_data = name.startswith("data-") and LOOKS_SAID.search(value)
                if name in SAID or is_data:
                    self.texts.append(f"\0{name}=\0{value}\0")
        if tag not in VOID:
            self._open.append((tag, silent))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not self._is_silent:
            self.texts.append(data)


def unmarked(html: str) -> list[str]:
    """The words outside of brackets in a page shown in `en-XA`, with what stands before them."""
    page = _Page()
    page.feed(html)
    attributes = [text.split("\0")[1:3] for text in page.texts if text.startswith("\0")]
    body = " ".join("".join(text for text in page.texts if not text.startswith("\0")).split())
    found = [f"{name}{value}" for name, value in attributes if LETTERS.search(_outside(value))]
    return found + [f"text: {one}" for one in re.split(r"\[\]", _outside(body)) if LETTERS.search(one)]


def _outside(text: str) -> str:
    """`text` with each message in brackets reduced to the brackets."""
    depth, kept = 0, []
    for letter in text:
        if letter == "[":
            depth += 1
            kept.append("[" if depth == 1 else "")
        elif letter == "]" and depth:
            depth -= 1
            kept.append("]" if depth == 0 else "")
        elif depth == 0:
            kept.append(letter)
    return "".join(kept)
