"""Sentences with something in them that is more than words: a moment, which scripts put into the reader's own zone."""

from datetime import datetime

from markupsafe import Markup

from lti_tool.web.i18n import gettext, moment


def time_element(value: datetime) -> Markup:
    """A moment as `<time>`: exact and in UTC until times.js writes it in the reader's zone."""
    iso, words = value.isoformat(timespec="seconds"), moment(value)
    return Markup('<time datetime="{}" data-now="{}">{}</time>').format(iso, gettext("just now"), words)


def sentence(message: str, **values: object) -> Markup:
    """A translated message as markup, its placeholders filled: markup as it is, all else escaped."""
    return Markup(message) % values  # noqa: S704 - messages are ours, values are escaped by `Markup`


def paragraph(*sentences: str) -> Markup:
    """Whole sentences, one after the other."""
    return Markup(" ").join(sentences)
