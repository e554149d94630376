"""Which language a page comes in, and the forms its numbers and times take."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from config.settings import Settings
from lti_tool.app import create_app
from lti_tool.web import i18n, languages
from lti_tool.web.languages import choose_language, text_direction, translations
from lti_tool.web.pseudo import KEPT, accented, mirrored

OFFERED = ("en", "de", "pt_BR", "zh_Hant", "ar")
A_MOMENT = datetime(2026, 3, 5, 14, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wanted", "tag"),
    [
        ("de", "de"),
        ("de_du", "de"),  # Moodle's informal German
        ("DE-at", "de-AT"),
        ("de-AT.UTF-8@euro", "de-AT"),
        ("pt-br", "pt-BR"),
        ("pt", "pt-BR"),
        ("zh_tw", "zh-Hant-TW"),
        ("zh-Hant-HK", "zh-Hant-HK"),
        ("en-GB-x-ukhe", "en-GB"),  # Canvas's English for universities
        ("fr", "en"),
        ("tlh", "en"),
        ("", "en"),
        ("../../etc/passwd", "en"),
        ("de; rm", "de"),
        ("x" * 5000, "en"),
    ],
)
def test_a_platform_may_spell_a_language_as_it_likes(wanted: str, tag: str) -> None:
    chosen = choose_language([wanted], OFFERED)
    assert chosen.tag == tag


def test_the_first_wish_that_can_be_met_counts_and_its_region_comes_from_any_wish() -> None:
    assert choose_language(["fr", "de-CH", "en"], OFFERED).tag == "de-CH"
    assert choose_language(["en", "de", "en-GB"], OFFERED).tag == "en-GB"
    assert choose_language(["nonsense!", "de"], OFFERED).key == "de"


@given(st.lists(st.text(max_size=60)))
def test_no_wish_breaks_a_page(wanted: list[str]) -> None:
    chosen = choose_language(wanted, OFFERED)
    assert chosen.key in OFFERED
    assert chosen.direction in {"ltr", "rtl"}


@given(st.text())
def test_any_tag_has_a_direction(tag: str) -> None:
    assert text_direction(tag) in {"ltr", "rtl"}


def test_directions() -> None:
    assert [text_direction(tag) for tag in ("ar", "he-IL", "fa_IR", "en", "de-CH", "")] == ["rtl"] * 3 + ["ltr"] * 3


def test_translations_are_read_from_the_file_as_translators_write_it(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "de.po").write_text(
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
        'msgid "Hello, %(name)s."\nmsgstr "Guten Tag, %(name)s."\n\n'
        'msgid "%(num)s try"\nmsgid_plural "%(num)s tries"\n'
        'msgstr[0] "%(num)s Versuch"\nmsgstr[1] "%(num)s Versuche"\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(languages, "FOLDER", tmp_path)
    translations.cache_clear()
    try:
        with create_app(settings).test_request_context(headers={"Accept-Language": "de, en;q=0.8"}):
            assert i18n.gettext("Hello, %(name)s.", name="Ada") == "Guten Tag, Ada."
            assert [i18n.ngettext("%(num)s try", "%(num)s tries", count) for count in (1, 2)] == [
                "1 Versuch",
                "2 Versuche",
            ]
            assert i18n.gettext("Not in the file") == "Not in the file"
            assert i18n.number(Decimal("1234.5")) == "1.234,5"
    finally:
        translations.cache_clear()


@pytest.fixture
def app(settings: Settings) -> Flask:
    return create_app(settings)


def test_numbers_and_times_take_the_readers_form(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "en-GB"}):
        assert i18n.language().tag == "en-GB"
        assert i18n.number(Decimal("0.665")) == "0.67"
        assert i18n.number(Decimal("4.00")) == "4"
        assert i18n.number(Fraction(2, 3)) == "0.67"
        assert i18n.percent(Fraction(200, 3)) == "67%"
        assert i18n.percent(12.5) == "13%"
        assert i18n.moment(A_MOMENT) == "5 March 2026, 14:07 UTC"
        assert [i18n.duration(minutes) for minutes in (0, 1, 60, 90)] == [
            "0 minutes",
            "1 minute",
            "1 hour",
            "1 hour, 30 minutes",
        ]
        assert i18n.listed([2, 3, 5]) == "2, 3 and 5"
    with app.test_request_context(headers={"Accept-Language": "en-US"}):
        assert i18n.moment(A_MOMENT).replace("\N{NARROW NO-BREAK SPACE}", " ") == "March 5, 2026, 2:07 PM UTC"


def test_outside_a_request_everything_is_english() -> None:
    assert i18n.gettext("Saved") == "Saved"
    assert i18n.number(Decimal("0.5")) == "0.5"


def test_a_constant_text_is_translated_when_it_is_shown_and_not_before(app: Flask) -> None:
    text = i18n.lazy_gettext("Saved")
    assert str(text) == "Saved"
    with app.test_request_context():
        assert app.jinja_env.from_string("{{ text }}").render(text=text) == "Saved"


def test_what_a_template_puts_into_a_sentence_is_escaped(app: Flask) -> None:
    with app.test_request_context():
        source = '{% autoescape true %}{{ _("by <b>%(name)s</b>", name="<script>") }}{% endautoescape %}'
        page = app.jinja_env.from_string(source)
        assert page.render() == "by <b>&lt;script&gt;</b>"


MESSAGES = st.lists(st.sampled_from(["Save", " ", "%(count)s", "<b>", "</b>", "{answered}", "&nbsp;", "of"])).map(
    "".join
)


@given(MESSAGES)
def test_made_up_languages_keep_placeholders_and_tags(message: str) -> None:
    for change in (accented, mirrored):
        assert KEPT.findall(change(message)) == KEPT.findall(message)


def test_made_up_words_are_longer_and_say_where_they_begin_and_end() -> None:
    words = accented("Check this answer")
    assert words.startswith("[")
    assert words.endswith("]")
    assert len(words) >= 1.4 * len("Check this answer")
