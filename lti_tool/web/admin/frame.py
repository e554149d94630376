"""What every page of the console shares."""

from dataclasses import dataclass

from flask import g, request, url_for

from lti_tool.web.admin.navigation import ENTRIES
from lti_tool.web.i18n import gettext
from lti_tool.web.pages import Link


@dataclass(frozen=True, slots=True)
class Who:
    """Who is signed in, as pages need it."""

    name: str
    csrf_token: str


@dataclass(frozen=True, slots=True)
class ConsoleFrame:
    """`links` is the navigation; `who` is None before somebody has signed in, and then there is none."""

    title: str
    who: Who | None
    links: tuple[Link, ...] = ()

    @property
    def current(self) -> str:
        """The title of the page in the navigation that is shown, or ''."""
        return next((link.title for link in self.links if link.is_current), "")


def frame(title: str) -> ConsoleFrame:
    """The frame of a page with this title (translated already), for whoever is signed in, if anybody is."""
    who: Who | None = g.get("admin")
    if who is None:
        return ConsoleFrame(title, None)
    links = tuple(
        Link(gettext(entry.title), url_for(entry.endpoint), is_current=entry.blueprint == request.blueprint)
        for entry in ENTRIES
    )
    return ConsoleFrame(title, who, links)


def is_console(path: str) -> bool:
    """Whether a path is the console's, be there a page or not."""
    return path == "/admin" or path.startswith("/admin/")
