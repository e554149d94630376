from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.markup import inline, page, plain, prose, text_of, with_urls

TAGS = {"p", "em", "strong", "code", "pre", "a", "span", "img", "div", "ul", "ol", "li", "blockquote", "br", "hr"} | {
    f"h{level}" for level in range(1, 7)
}
ATTRIBUTES = {"class", "id", "href", "rel", "target", "src", "alt", "data-term", "role", "aria-labelledby", "start"}

pieces = [
    *("<b>", "<script>", "<!--", "<http://a.b/", "onload=x", ">", "&lt;", "&#x3c;", '"', "`", "*", "-", "\\"),
    *("[a](", "![", ")", "](x.png)", "]: ", "javascript:alert(1)", "term:a", "item:b", "> [!peers] ", "## "),
    *("a", " ", "\n", "\n\n"),
]
markdown = st.text() | st.text(alphabet="<>&\"'`[]()!#*_-:/\\ \nabx1") | st.lists(st.sampled_from(pieces)).map("".join)


class Parsed(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"declaration {decl!r}")

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"comment {data!r}")


def assert_safe(html: str) -> None:
    parsed = Parsed(html)
    assert set(parsed.tags) <= TAGS
    for name, value in parsed.attributes:
        assert name in ATTRIBUTES
        if name in ("href", "src"):
            assert value.startswith(("http://", "https://", "item:", "asset:", "#term-"))


@given(markdown)
def test_no_html_of_the_author_comes_through_when_any_text_is_rendered(source: str) -> None:
    body = page(source)
    for html in (inline(source).html, prose(source).html, body.story.html, *(f.html for _, f in body.sections)):
        assert_safe(html)


@given(markdown)
def test_inline_has_no_paragraphs_and_no_links_when_any_text_is_rendered(source: str) -> None:
    fragment = inline(source)
    if not fragment.findings:
        assert set(Parsed(fragment.html).tags) <= {"em", "strong", "code", "br"}


def test_quotes_and_dashes_are_typographic_when_prose_is_rendered() -> None:
    assert inline('It\'s "deep" -- or---not... (c)').html == "It’s “deep” – or—not… (c)"


def test_quotes_and_dashes_stay_when_they_stand_in_code_or_an_address() -> None:
    assert inline('`"a" -- b`').html == "<code>&quot;a&quot; -- b</code>"
    assert "http://a.b/c--d</a>" in prose("<http://a.b/c--d>").html.replace(NOTE, "")


NOTE = '<span class="visually-hidden"> (opens in a new tab)</span>'


def test_another_site_opens_in_a_new_tab_and_says_so_when_linked() -> None:
    assert prose("[here](https://example.org/?a=1&copy=2)").html == (
        f'<p><a href="https://example.org/?a=1&amp;copy=2" rel="noopener noreferrer" target="_blank">here{NOTE}</a></p>'
    )


def test_a_term_becomes_a_link_to_its_card_when_marked() -> None:
    assert page("[weights](term:weight)").story.html == (
        '<p><a class="term" href="#term-weight" data-term="weight">weights</a></p>'
    )


def test_a_callout_becomes_a_titled_note_when_rendered() -> None:
    story = page("> [!peers]\n> One.\n>\n> Two.\n\n> [!honest] Told *straight*\n> Three.").story
    assert story.html == (
        '<div class="callout callout-peers" role="note" aria-labelledby="callout-1-title">\n'
        '<p class="callout-title" id="callout-1-title">What peers get wrong</p>\n<p>One.</p>\n<p>Two.</p>\n</div>\n'
        '<div class="callout callout-honest" role="note" aria-labelledby="callout-2-title">\n'
        '<p class="callout-title" id="callout-2-title">Told <em>straight</em></p>\n<p>Three.</p>\n</div>'
    )
    assert story.callouts == ["peers", "honest"]


def test_a_plain_quote_stays_a_quote_when_it_has_no_mark() -> None:
    assert page("> To be.").story.html == "<blockquote>\n<p>To be.</p>\n</blockquote>"


def test_course_links_and_images_get_addresses_when_urls_are_filled_in() -> None:
    html = page("[a](item:lesson-2#loss) [b](item:lesson-2) ![c](curve.png)", "module-1").story.html
    filled = with_urls(
        html, item_url=lambda item, section: f"/{item}?s={section}&x", asset_url=lambda path: f"/f/{path}"
    )
    assert filled == (
        '<p><a href="/lesson-2?s=loss&amp;x">a</a> <a href="/lesson-2?s=None&amp;x">b</a> '
        '<img src="/f/module-1/curve.png" alt="c"></p>'
    )


def test_text_is_left_alone_when_it_looks_like_an_address() -> None:
    html = prose('`href="item:a"` and href="item:a" src="asset:b"').html
    assert with_urls(html, item_url=lambda *_: "!", asset_url=lambda _: "!") == html


def test_a_title_is_text_and_not_html_when_read() -> None:
    assert plain('Tom & "Jerry" -- it\'s 1 < 2') == ("Tom & “Jerry” – it’s 1 < 2", [])


def test_markup_is_a_fault_when_it_stands_in_a_title() -> None:
    text, findings = plain("It is *not*")
    assert text == "It is not"
    assert [finding.message for finding in findings] == ["This must be plain text, without markup."]


@pytest.mark.parametrize("html", ["<p>a &lt; b</p>", "<p>a <em>&lt;</em> b</p>"])
def test_words_are_found_when_tags_are_taken_off(html: str) -> None:
    assert text_of(html).split() == ["a", "<", "b"]
