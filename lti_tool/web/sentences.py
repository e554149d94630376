"""Sentences with something in them that is more than words: a moment, which scripts put into the reader's own zone."""

from datetime import datetime

from markupsafe import Markup

from lti_tool.web.i18n import gettext, moment


def time_element(value: datetime, *, exact: bool = False) -> Markup:
    """A moment as `<time>`: in UTC until times.js writes it in the reader's zone, with how long it is from now.

    `exact` leaves that out where it matters: how long it is from now only the server's clock can say.
    """
    iso, words = value.isoformat(timespec="seconds"), moment(value)
    if exact:
        return Markup('<time datetime="{}" data-exact>{}</time>').format(iso, words)
    return Markup('<time datetime="{}" data-now="{}">{}</time>').format(iso, gettext("just now"), words)


def sentence(message: str, **values: object) -> Markup:
    """A translated message as markup, its placeholders filled: markup as it is, all else escaped."""
    return Markup(message) % values  # noqa: S704 - messages are ours, values are escaped by `Markup`


def paragraph(*sentences: str) -> Markup:
    """Whole sentences, one after the other."""
    return Markup(" ").join(sentences)
