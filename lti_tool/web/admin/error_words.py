"""What the console's error pages say where the words for learners would not do."""

from typing import NamedTuple

from lti_tool.web.i18n import LazyString
from lti_tool.web.i18n import lazy_gettext as _


class ConsoleWords(NamedTuple):
    """What happened, what is safe, what to do next."""

    title: LazyString
    text: LazyString
    what_to_do: LazyString


CONSOLE_WORDS = {
    "http_400": ConsoleWords(
        _("This request cannot be read"),
        _("The browser sent something we do not take. Nothing has changed."),
        _("Go back, reload the page and try again."),
    ),
    "http_404": ConsoleWords(
        _("There is nothing here"),
        _("The address is not one of the console’s, or what it showed has been removed."),
        _("Go on from the console’s first page."),
    ),
    "http_405": ConsoleWords(
        _("Not this way"),
        _("The address does not take this kind of request. Nothing has changed."),
        _("Go on from the console’s first page."),
    ),
    "http_429": ConsoleWords(
        _("Too many tries at once"),
        _("More came from this address within a minute than a person sends."),
        _("Wait a minute, then try again."),
    ),
}
