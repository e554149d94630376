"""What the pages for setting up an LMS are given; see pages.py."""

from dataclasses import dataclass

from markupsafe import Markup

from lti_tool.registering.manual import Field


@dataclass(frozen=True, slots=True)
class Reason:
    """A service that is asked for, and why."""

    scope: str
    why: str


@dataclass(frozen=True, slots=True)
class InvitationPage:
    """template register.html: what an invitation is for, before it is used. `name` is None where all may register,
    `until` is when it ends; `address` is what the LMS is given; `setup_href` leads to the values for
    doing it by hand."""

    name: str | None
    until: Markup | None
    address: str
    reasons: tuple[Reason, ...]
    setup_href: str


@dataclass(frozen=True, slots=True)
class RegisteredPage:
    """template registered.html: an LMS is registered. `steps` are sentences, `facts` names and values for the admin."""

    name: str
    is_new: bool
    steps: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ManualWay:
    """How one kind of LMS is set up by hand: where to begin there, its fields, and what we are told afterwards.

    `id` is for the page only; `lms` is a name, None for all others.
    """

    id: str
    lms: str | None
    where: str
    fields: tuple[Field, ...]
    then: str
    command: str


@dataclass(frozen=True, slots=True)
class SetupPage:
    """template setup.html: everything an admin needs to set an LMS up by hand."""

    invite_command: str
    ways: tuple[ManualWay, ...]
    reasons: tuple[Reason, ...]
