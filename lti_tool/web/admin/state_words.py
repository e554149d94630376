"""How the console says whether a platform or deployment may use the tool."""

from dataclasses import dataclass

from lti_tool.permission import ACTIVE, PENDING
from lti_tool.web.i18n import gettext


@dataclass(frozen=True, slots=True)
class StateView:
    """A state in words with its icon; `switches_on` says which way its button goes, and `button` what it says."""

    text: str
    icon: str
    switches_on: bool
    button: str


def state_view(state: str) -> StateView:
    """The words for a state of permission.py."""
    if state == ACTIVE:
        return StateView(gettext("On"), "passed", switches_on=False, button=gettext("Switch off"))
    if state == PENDING:
        return StateView(gettext("Waits to be allowed"), "waiting", switches_on=True, button=gettext("Allow"))
    return StateView(gettext("Switched off"), "closed", switches_on=True, button=gettext("Switch on"))
