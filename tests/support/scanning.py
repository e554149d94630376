"""Looks through what was written for what must not be in it: names, addresses, what people wrote, and secrets; also
escaped, encoded, cut, or between other words."""

import base64
import binascii
import html
import re
import unicodedata
from collections.abc import Iterable, Iterator
from urllib.parse import unquote_plus

CUT = 5  # characters of the beginning of a word, where a longer one was cut
SECRET_CUT = 12
_ALWAYS = {
    "an e-mail address": re.compile(r"[\w.+-]+@[\w-]+\.[a-z]{2,}", re.IGNORECASE),
    "a signed token": re.compile(r"eyJ[\w-]{10,}"),
    "a key": re.compile(r"PRIVATE KEY|\bBearer [\w.-]{8,}"),
}


class Scanner:
    """`names`: of people, places and whatever else is found by single words. `texts`: what somebody wrote, of which
    three words in a row are no accident. `secrets`: whole, or as they begin."""

    def __init__(self, *, names: Iterable[str] = (), texts: Iterable[str] = (), secrets: Iterable[str] = ()) -> None:
        words = {word for name in names for word in _words(name) if len(word) > 2}
        self._beginnings = {word[:CUT] for word in words if len(word) > CUT}
        self._short = {word for word in words if len(word) <= CUT}
        self._rows = {row for text in texts for row in _rows(_words(text))}
        self._secrets = [secret for secret in secrets if secret]
        assert all(len(secret) >= SECRET_CUT for secret in self._secrets), "too short to be looked for"

    def finds(self, written: str) -> list[str]:
        """What was found, each with what stands around it."""
        found = [f"{what}: {_around(written, one)}" for what, ever in _ALWAYS.items() for one in ever.finditer(written)]
        for form in _forms(written):
            found += [f"{secret[:4]}… (a secret)" for secret in self._secrets if secret[:SECRET_CUT] in form]
            words = _words(form)
            found += [word for word in words if word in self._short or word[:CUT] in self._beginnings]
            found += self._rows & _rows(words)
        return sorted(set(found))


def _words(text: str) -> list[str]:
    """Its words, in one spelling."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    return re.findall(r"\w+", "".join(one for one in folded if not unicodedata.combining(one)))


def _rows(words: list[str]) -> set[str]:
    return {" ".join(row) for row in zip(words, words[1:], words[2:], strict=False)}


def _forms(written: str) -> Iterator[str]:
    """What was written, and what it says once it is read as JSON, an address, HTML or base64 would be."""
    yield written
    unescaped = re.sub(r"\\u([0-9a-fA-F]{4})", lambda one: chr(int(one[1], 16)), written)
    yield re.sub(r"\\[nrt\"]", " ", unescaped)
    yield unquote_plus(written)
    yield html.unescape(written)
    yield " ".join(_decoded(token) for token in re.findall(r"[\w+/-]{12,}", written))


def _decoded(token: str) -> str:
    try:
        return base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_").decode("utf-8", "ignore")
    except binascii.Error:
        return ""


def _around(text: str, found: re.Match[str]) -> str:
    return "…" + text[max(0, found.start() - 60) : found.end() + 40].replace("\n", " ") + "…"
