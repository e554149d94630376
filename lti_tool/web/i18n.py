"""Words, numbers and times in the reader's language: what every page asks, and nothing below the web.

Whole sentences with named placeholders, plurals by `ngettext`; see docs/architecture.md, "Languages". Outside a request
everything is English.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import flask_babel
from babel import dates, lists, numbers, units
from babel.support import NullTranslations
from flask import Flask, g, has_request_context, request
from flask_babel.speaklater import LazyString
from markupsafe import Markup

from lti_tool.web.current import services
from lti_tool.web.languages import SOURCE, Language, choose_language, text_direction, translated, translations
from lti_tool.web.pseudo import PSEUDO

__all__ = [
    "LazyString",
    "dollars",
    "duration",
    "gettext",
    "in_language",
    "language",
    "lazy_gettext",
    "listed",
    "moment",
    "ngettext",
    "number",
    "offered",
    "percent",
    "pgettext",
    "prefer",
    "register",
    "text_direction",
    "told",
]  # fmt: skip

Number = int | float | Decimal | Fraction


def gettext(message: str, /, **values: object) -> str:
    """`message` in the reader's language, its placeholders filled."""
    return str(flask_babel.gettext(message, **values))


def ngettext(singular: str, plural: str, count: int, /, **values: object) -> str:
    """The form of a sentence that fits `count`, which is also its placeholder `%(num)s`."""
    return str(flask_babel.ngettext(singular, plural, count, **values))


def pgettext(context: str, message: str, /, **values: object) -> str:
    """`gettext` for a word that means different things; `context` tells translators which."""
    return str(flask_babel.pgettext(context, message, **values))


def lazy_gettext(message: str, /) -> LazyString:
    """A constant text, translated anew whenever it is turned into a string: `str(text)`."""
    return LazyString(gettext, message)


def number(value: Number, digits: int = 2) -> str:
    """Such as "1,234.5": at most `digits` decimals, halves rounded up, and none that say nothing."""
    pattern = f"#,##0.{'#' * digits}" if digits else "#,##0"
    with localcontext(rounding=ROUND_HALF_UP):
        return numbers.format_decimal(_decimal(value), format=pattern, locale=language().locale)


def percent(value: Number) -> str:
    """Such as "80%", in whole hundredths; `value` is 80 for 80%."""
    with localcontext(rounding=ROUND_HALF_UP):
        return numbers.format_percent(_decimal(value) / 100, locale=language().locale)


def dollars(millionths: int) -> str:
    """Such as "$2.50", of millionths of a US dollar, in whole cents."""
    with localcontext(rounding=ROUND_HALF_UP):
        return numbers.format_currency(Decimal(millionths) / 1_000_000, "USD", locale=language().locale)


def _decimal(value: Number) -> Decimal:
    return Decimal(value.numerator) / value.denominator if isinstance(value, Fraction) else Decimal(str(value))


def moment(value: datetime) -> str:
    """Such as "15 March 2026, 14:00 UTC": for readers without scripts, since only those know the reader's zone."""
    locale = language().locale
    return gettext(
        "%(date)s, %(time)s UTC",
        date=dates.format_date(value, "long", locale=locale),
        time=dates.format_time(value, "short", tzinfo=dates.UTC, locale=locale),
    )


def duration(minutes: int) -> str:
    """Such as "1 hour, 30 minutes"."""
    locale = language().locale
    hours, rest = divmod(minutes, 60)
    parts = [(hours, "hour"), (rest, "minute")] if hours and rest else [(hours, "hour") if hours else (rest, "minute")]
    return lists.format_list([units.format_unit(*part, locale=locale) for part in parts], "unit", locale=locale)


def listed(things: Iterable[object]) -> str:
    """Such as "2, 3 and 5"."""
    return lists.format_list([str(one) for one in things], locale=language().locale)


def told(template: str, values: Mapping[str, object]) -> str:
    """A sentence that another layer has marked (`config.words.N_`), its values as readers want them: moments by
    `moment`, lists of titles by `listed`, whole numbers by `number`."""
    return gettext(template, **{name: _shown(value) for name, value in values.items()})


def _shown(value: object) -> object:
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, tuple):
        return listed(value)
    return number(value) if isinstance(value, int) else value


def offered() -> tuple[str, ...]:
    """The keys of the languages that are to be had here."""
    return (*translated(), *PSEUDO) if services().settings.pseudo_locales else translated()


def prefer(*, chosen: str = "", launch: str = "", course: str = "") -> None:
    """Tell this request what its reader prefers, as language tags in any spelling: what they chose themselves, what
    the platform said at the launch, and what the course is written in. '' says nothing."""
    g.preferred_languages = ((chosen, launch), (course,))
    g.pop("language", None)
    flask_babel.refresh()


def language() -> Language:
    """The language of this request's page: the reader's choice, the launch's, the browser's, the course's, English."""
    if not has_request_context():
        return choose_language((), (SOURCE,))
    if "language" not in g:
        before, after = g.get("preferred_languages", ((), ()))
        g.language = choose_language((*before, *request.accept_languages.values(), *after), offered())
    chosen: Language = g.language
    return chosen


class _Words(flask_babel.Domain):
    """flask-babel's source of words, except that ours come from .po files and made-up languages."""

    def get_translations(self) -> NullTranslations:
        return translations(language().key)


class _Babel(flask_babel.Babel):
    domain_instance = _Words()


def in_language(tag: str) -> Markup:
    """The attributes of an element whose text is the course's own, in the language of `tag`."""
    return Markup(' lang="{}" dir="{}"').format(tag, text_direction(tag))


def register(app: Flask) -> None:
    """Give the application's code and templates their words, numbers and times."""
    _Babel(app, locale_selector=lambda: language().locale)
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.globals.update(duration=duration, listed=listed, moment=moment, number=number, percent=percent)
    app.jinja_env.globals.update(language=language, in_language=in_language)
