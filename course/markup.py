"""Markdown to safe HTML.

The output is safe by construction: the parser knows no HTML, every text is escaped, and of the attributes only
`href`, `src`, `alt` and a code block's language come from the author; the first two are built here from addresses
that passed the checks below. Whatever is not allowed becomes a `Finding`, with its line, and the caller refuses the
file; even then the HTML stays harmless.

The course's own links are rendered as `item:lesson-2#section` and its images as `asset:module-1/curve.png`, because
addresses belong to whoever serves the pages. `with_urls` fills them in.
"""

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import escape, unescape
from typing import Literal
from urllib.parse import urlsplit

from markdown_it.token import Token
from markdown_it.utils import EnvType

from course.markdown_rules import Finding, findings_of, parser

ID = re.compile(r"[a-z0-9-]{1,64}")

_MARKDOWN = parser()
_TAG = re.compile(r"<[^>]*>")
_TERM_LINK = re.compile(r"term:(.*)", re.DOTALL)
_ITEM_LINK = re.compile(rf"item:({ID.pattern})(?:#({ID.pattern}))?")
_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.?")  # other alphabets have been turned into this one
_ASSET_PATH = re.compile(r"[A-Za-z0-9._/-]+")
_COURSE_ADDRESS = re.compile(r'(?:href="item:([a-z0-9-]+)(?:#([a-z0-9-]+))?"|src="asset:([A-Za-z0-9._/-]+)")')
_RAW_HTML_HINT = "Use Markdown instead; for a `<` in the text write `\\<`, or put code between backticks."


@dataclass(frozen=True, slots=True)
class Reference:
    """Something the text points to and the loader must find: a term's id, an item (with or without a section), or an
    image's path below the course folder. `line` counts from 0 at the start of the text."""

    kind: Literal["term", "item", "image"]
    target: str
    line: int
    section: str | None = None


@dataclass(slots=True)
class Fragment:
    """A rendered piece of text, with what was found in it."""

    html: str = ""
    findings: list[Finding] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    callouts: list[str] = field(default_factory=list)

    @property
    def term_ids(self) -> tuple[str, ...]:
        """Terms in the order of first use, each once."""
        return tuple(dict.fromkeys(r.target for r in self.references if r.kind == "term"))


@dataclass(frozen=True, slots=True)
class Heading:
    """`id` is None when the author gave none; `text` is plain."""

    id: str | None
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class PageMarkup:
    """A page's body: what stands before the first heading, then each section with its heading."""

    story: Fragment
    sections: tuple[tuple[Heading, Fragment], ...]


@dataclass(frozen=True, slots=True)
class _Allowed:
    where: str
    terms: bool = False
    links: bool = False
    sections: bool = False


_PAGE = _Allowed("a page", terms=True, links=True, sections=True)
_PROSE = _Allowed("a text of a quiz or a lab", links=True)
_INLINE = _Allowed("a stem, a choice or a definition")


def page(source: str, folder: str = "") -> PageMarkup:
    """The body of a lesson or an introduction. `folder` is its file's folder below the course's, for image paths."""
    env: EnvType = {}
    tokens = _MARKDOWN.parse(source, env)
    story_tokens, section_tokens = _split(tokens)
    story = _render(story_tokens, env, _PAGE, folder)
    story.findings[:0] = findings_of(env)
    sections = []
    for opening, inline, body in section_tokens:
        fragment = _render(body, env, _PAGE, folder)
        text, findings = _plain_text(inline.children or [], opening.map[0] if opening.map else 0)
        fragment.findings[:0] = findings
        sections.append((Heading(opening.meta.get("id"), text, opening.map[0] if opening.map else 0), fragment))
    return PageMarkup(story, tuple(sections))


def prose(source: str, folder: str = "") -> Fragment:
    """Paragraphs without headings, callouts or terms: feedback, an introduction to a quiz, a case for a lab."""
    env: EnvType = {}
    tokens = _MARKDOWN.parse(source, env)
    fragment = _render(tokens, env, _PROSE, folder)
    fragment.findings[:0] = findings_of(env)
    return fragment


def inline(source: str) -> Fragment:
    """One run of text with emphasis and code, but no links: it may stand in a label, where a link cannot."""
    return _render(_MARKDOWN.parseInline(source), {}, _INLINE, "")


def plain(source: str) -> tuple[str, list[Finding]]:
    """A title, as text that must still be escaped: quotes and dashes are made typographic, markup is a fault."""
    tokens = _MARKDOWN.parseInline(source)
    return _plain_text(tokens[0].children or [], 0)


def text_of(html: str) -> str:
    """The words of HTML made here."""
    return unescape(_TAG.sub(" ", html))


def with_urls(html: str, *, item_url: Callable[[str, str | None], str], asset_url: Callable[[str], str]) -> str:
    """The HTML with real addresses: `item_url(item_id, section_id or None)` and `asset_url(path)` give them.
    Text cannot be mistaken for an attribute, because every quote in it is escaped."""

    def address(match: re.Match[str]) -> str:
        item_id, section_id, path = match.groups()
        if item_id:
            return f'href="{escape(item_url(item_id, section_id))}"'
        return f'src="{escape(asset_url(path))}"'

    return _COURSE_ADDRESS.sub(address, html)


def _split(tokens: list[Token]) -> tuple[list[Token], list[tuple[Token, Token, list[Token]]]]:
    starts = [i for i, t in enumerate(tokens) if t.type == "heading_open" and t.tag == "h2" and not t.level]
    ends = [*starts[1:], len(tokens)]
    sections = [(tokens[s], tokens[s + 1], tokens[s + 3 : e]) for s, e in zip(starts, ends, strict=False)]
    return tokens[: starts[0]] if starts else tokens, sections


def _render(tokens: list[Token], env: EnvType, allowed: _Allowed, folder: str) -> Fragment:
    fragment = Fragment()
    line = 0
    for token in tokens:
        if token.map:
            line = token.map[0]
        if token.type == "callout_open":
            fragment.callouts.append(token.meta["kind"])
        if token.children:
            token.children = list(_checked(token.children, line, allowed, folder, fragment))
        _check_block(token, line, allowed, fragment)
    fragment.html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, env).strip()
    return fragment


def _check_block(token: Token, line: int, allowed: _Allowed, fragment: Fragment) -> None:
    if token.type == "callout_open" and not allowed.sections:
        fragment.findings.append(
            Finding(line, f"A callout cannot stand in {allowed.where}.", "Write it as a paragraph.")
        )
    if token.type != "heading_open":
        return
    if not allowed.sections or token.level:
        message, hint = (
            f"A heading cannot stand in {_place(token, allowed)}.",
            "Write it as a paragraph, or as **bold**.",
        )
    elif token.tag != "h3":
        message = f"A heading with {token.markup} cannot be used here."
        hint = "Write ## for a section and ### for a heading inside one; the page's title stands in the front matter."
    elif "id" in token.meta:
        message, hint = "Only a section has an id.", f"Take {{#{token.meta['id']}}} away, or make it a ## heading."
    else:
        return
    fragment.findings.append(Finding(line, message, hint))


def _place(token: Token, allowed: _Allowed) -> str:
    return "a list or a quote" if token.level else allowed.where


def _checked(children: list[Token], line: int, allowed: _Allowed, folder: str, fragment: Fragment) -> Iterator[Token]:
    """The inline tokens of one paragraph, links and images judged and given their final attributes."""
    external = False
    for position, token in enumerate(children):
        at = line + int(token.meta.get("line", 0))
        if token.type == "link_open":
            external = _check_link(token, at, allowed, fragment)
            if children[position + 1].type == "link_close":
                fragment.findings.append(
                    Finding(at, "A link has no text.", "Write the words of the link between [ and ].")
                )
        elif token.type == "link_close" and external:
            external = False
            yield Token("new_tab_note", "", 0)
        elif token.type == "image":
            _check_image(token, at, allowed, folder, fragment)
        elif token.type == "raw_html":
            fragment.findings.append(Finding(at, f"HTML is not allowed: {token.content[:60]}", _RAW_HTML_HINT))
        yield token


def _check_link(token: Token, line: int, allowed: _Allowed, fragment: Fragment) -> bool:
    """Gives the link its attributes; True when it leads out of the course."""
    address = str(token.attrs.get("href", ""))
    token.attrs = {}
    if term := _TERM_LINK.fullmatch(address):
        if not allowed.terms:
            hint = "Write the word without a link; terms are marked in lessons."
            fragment.findings.append(Finding(line, f"A key term cannot be marked in {allowed.where}.", hint))
        elif not ID.fullmatch(term.group(1)):
            hint = "Use the id from `terms`: lower-case letters, digits and hyphens."
            fragment.findings.append(Finding(line, f"{address!r} is not the id of a term.", hint))
        else:
            token.attrs = {"class": "term", "href": f"#term-{term.group(1)}", "data-term": term.group(1)}
            fragment.references.append(Reference("term", term.group(1), line))
        return False
    if not allowed.links:
        hint = "Move the link to the feedback, the explanation or the lesson."
        fragment.findings.append(Finding(line, f"A link cannot stand in {allowed.where}.", hint))
        return False
    if item := _ITEM_LINK.fullmatch(address):
        token.attrs = {"href": address}
        fragment.references.append(Reference("item", item.group(1), line, item.group(2)))
        return False
    if _is_web_address(address):
        token.attrs = {"href": address, "rel": "noopener noreferrer", "target": "_blank"}
        return True
    hint = "Write https://… for another site, item:lesson-2 or item:lesson-2#section-id for this course."
    fragment.findings.append(Finding(line, f"The link to {address!r} cannot be used.", hint))
    return False


def _is_web_address(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and _HOST.fullmatch(parts.hostname or "") is not None
    except ValueError:  # for example a bracket that is never closed
        return False


def _check_image(token: Token, line: int, allowed: _Allowed, folder: str, fragment: Fragment) -> None:
    source = str(token.attrs.get("src", ""))
    path = posixpath.normpath(posixpath.join(folder, source))
    alt, _ = _plain_text(token.children or [], line)
    token.attrs = {"src": f"asset:{path}", "alt": ""}  # the renderer fills in the alt text from the children
    token.children = [Token("text", "", 0, content=alt)]
    if not allowed.links:
        message = f"An image cannot stand in {allowed.where}."
        hint = "Move it to an introduction, the feedback or the lesson."
    elif not alt:
        message = f"The image {source!r} has no alt text."
        hint = "Say between ![ and ] what a reader who cannot see the image must know."
    elif not _ASSET_PATH.fullmatch(source) or source.startswith("/") or path.startswith(".."):
        message = f"The image {source!r} is not a file of this course."
        hint = "Give its path from this file's folder, such as images/curve.png: letters, digits, . _ - and / only."
    else:
        fragment.references.append(Reference("image", path, line))
        return
    token.attrs["src"] = "asset:refused"
    fragment.findings.append(Finding(line, message, hint))


def _plain_text(children: list[Token], line: int) -> tuple[str, list[Finding]]:
    words = "".join(" " if child.type in ("softbreak", "hardbreak") else child.content for child in children)
    if all(child.type in ("text", "softbreak", "hardbreak") for child in children):
        return words.strip(), []
    hint = "Take out emphasis, code, links and tags; put \\ before a sign that is meant as itself, such as \\*."
    return words.strip(), [Finding(line, "This must be plain text, without markup.", hint)]
