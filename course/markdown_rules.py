"""Our additions to Markdown, as rules of markdown-it.

They find section ids, callouts and raw HTML, and make dashes typographic. A rule that meets a fault notes it in the
parse's `env` (see `findings_of`) and goes on, so that one reading finds every fault.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.common.html_re import HTML_TAG_RE
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline, autolink, image, link
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

CALLOUT_TITLES = {
    "peers": "What peers get wrong",
    "takeaway": "Practical takeaway",
    "honest": "The honest version",
}

_CALLOUT_MARK = re.compile(r"\[!([^\]\n]*)\][ \t]*([^\n]*)\n?")
_SECTION_ID = re.compile(r"[ \t]*\{#([^{}]*)\}\Z")
_DASHES = (
    (re.compile(r"(?<!-)---(?!-)"), "\N{EM DASH}"),
    (re.compile(r"(?<!-)--(?!-)"), "\N{EN DASH}"),
    (re.compile(r"(?<!\.)\.{3}(?!\.)"), "\N{HORIZONTAL ELLIPSIS}"),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault in a piece of Markdown. `line` counts from 0 at the start of that piece."""

    line: int
    message: str
    hint: str


def findings_of(env: EnvType) -> list[Finding]:
    """The faults the rules have noted so far; the list may be added to."""
    findings: list[Finding] = env.setdefault("findings", [])
    return findings


def parser() -> MarkdownIt:
    """A parser that never lets HTML through and never drops a link for its scheme: `course.markup` judges the links,
    because an author must hear about a bad one, where markdown-it would quietly show it as text."""
    md = MarkdownIt("commonmark", {"html": False, "typographer": True, "xhtmlOut": False})
    md.disable(["lheading", "code"])  # one way to write a heading; an indented line is not code by accident
    md.enable("smartquotes")
    md.validateLink = _any_address  # type: ignore[method-assign]  # markdown-it's documented way to set it
    for name, rule in (("link", link), ("image", image), ("autolink", autolink)):
        md.inline.ruler.at(name, _with_line(rule))
    md.inline.ruler.after("autolink", "raw_html", _raw_html)
    md.core.ruler.after("block", "section_ids", _section_ids)
    md.core.ruler.after("section_ids", "callouts", _callouts)
    # not markdown-it's own `replacements`, which would turn an enumerated "(c)" into a copyright sign
    md.core.ruler.before("smartquotes", "dashes", _dashes)
    md.add_render_rule("raw_html", _render_raw_html)
    md.add_render_rule("new_tab_note", _render_new_tab_note)
    return md


def _any_address(url: str) -> bool:  # noqa: ARG001  # markdown-it's signature; the judging is done in course.markup
    return True


InlineRule = Callable[[StateInline, bool], bool]


def _with_line(rule: InlineRule) -> InlineRule:
    """Notes in `meta["line"]` on which line of its paragraph a link or image begins; markdown-it only knows blocks'."""

    def noting(state: StateInline, silent: bool) -> bool:
        start, first = state.pos, len(state.tokens)
        if not rule(state, silent):
            return False
        for token in state.tokens[first:]:
            if token.type in ("link_open", "image"):
                token.meta.setdefault("line", state.src.count("\n", 0, start))
        return True

    return noting


def _raw_html(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "<":
        return False
    match = HTML_TAG_RE.match(state.src, state.pos)
    if match is None:
        return False
    if not silent:
        token = state.push("raw_html", "", 0)
        token.content = match.group()
        token.meta["line"] = state.src.count("\n", 0, state.pos)
    state.pos = match.end()
    return True


def _section_ids(state: StateCore) -> None:
    """Takes `{#id}` off the end of a heading and keeps it in `meta["id"]`, before quotes and dashes are touched."""
    for opening, inline in zip(state.tokens, state.tokens[1:], strict=False):
        if opening.type == "heading_open" and (match := _SECTION_ID.search(inline.content)):
            opening.meta["id"] = match.group(1)
            inline.content = inline.content[: match.start()]


def _callouts(state: StateCore) -> None:
    number = 0
    position = 0
    while position < len(state.tokens):
        match = _callout_mark(state.tokens, position)
        if match is not None and _is_callout(state, position, match.group(1)):
            number += 1
            _make_callout(state.tokens, position, match, number)
            if state.tokens[position + 4].type == "callout_close":
                message = "A callout has no text."
                hint = "Write its text on the next lines, each beginning with >."
                findings_of(state.env).append(Finding(_line(state.tokens[position]), message, hint))
        position += 1


def _line(token: Token) -> int:
    return token.map[0] if token.map else 0


def _callout_mark(tokens: list[Token], position: int) -> re.Match[str] | None:
    if tokens[position].type != "blockquote_open" or tokens[position + 1].type != "paragraph_open":
        return None
    return _CALLOUT_MARK.match(tokens[position + 2].content)


def _is_callout(state: StateCore, position: int, kind: str) -> bool:
    opening = state.tokens[position]
    line = _line(opening)
    if kind not in CALLOUT_TITLES:
        known = ", ".join(f"[!{name}]" for name in CALLOUT_TITLES)
        findings_of(state.env).append(
            Finding(line, f"There is no callout [!{kind}].", f"Use one of {known}, or a plain quote without a mark.")
        )
        return False
    if opening.level:
        findings_of(state.env).append(
            Finding(line, "A callout stands inside a list or a quote.", "Move it to the start of a line of its own.")
        )
        return False
    return True


def _make_callout(tokens: list[Token], position: int, match: re.Match[str], number: int) -> None:
    """Turns the quote that opens at `position` into a callout: its first line becomes the title."""
    kind, title = match.group(1), match.group(2).strip()
    opening, paragraph, inline = tokens[position : position + 3]
    closing = next(t for t in tokens[position:] if t.type == "blockquote_close" and t.level == opening.level)
    title_id = f"callout-{number}-title"
    opening.type, opening.tag = "callout_open", "div"
    # A note rather than an <aside>: inside the text it is no landmark of its own, and is still announced by its title.
    opening.attrs = {"class": f"callout callout-{kind}", "role": "note", "aria-labelledby": title_id}
    opening.meta["kind"] = kind
    closing.type, closing.tag = "callout_close", "div"

    head = Token("paragraph_open", "p", 1, block=True, level=1, attrs={"class": "callout-title", "id": title_id})
    text = Token("inline", "", 0, block=True, level=2, map=inline.map, children=[])
    text.content = title or CALLOUT_TITLES[kind]
    inline.content = inline.content[match.end() :]
    if inline.map:
        inline.map = [inline.map[0] + 1, inline.map[1]]
    body = [paragraph, inline, tokens[position + 3]] if inline.content.strip() else []
    tokens[position + 1 : position + 4] = [head, text, Token("paragraph_close", "p", -1, block=True, level=1), *body]


def _dashes(state: StateCore) -> None:
    for token in state.tokens:
        inside_address = False
        for child in token.children or ():
            if child.type in ("link_open", "link_close") and child.info == "auto":
                inside_address = child.type == "link_open"
            elif child.type == "text" and not inside_address:
                for pattern, sign in _DASHES:
                    child.content = pattern.sub(sign, child.content)


def _render_raw_html(
    _self: RendererHTML, tokens: list[Token], position: int, _options: OptionsDict, _env: EnvType
) -> str:
    return escapeHtml(tokens[position].content)


def _render_new_tab_note(
    _self: RendererHTML, _tokens: list[Token], _position: int, _options: OptionsDict, _env: EnvType
) -> str:
    return '<span class="visually-hidden"> (opens in a new tab)</span>'
