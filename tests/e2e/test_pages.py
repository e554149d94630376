"""Every page in each of its states can be used by everybody and fits every width."""

from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, ViewportSize

from tests.e2e.people import ADA, ALAN, KAREN, KATHERINE
from tests.e2e.walk import walk
from tests.support.browser import DESKTOP, Scheme, axe_violations, private_window, sideways_scroll
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.xdist_group("stack")]

NARROW: ViewportSize = {"width": 320, "height": 640}
ZOOMED: ViewportSize = {"width": 442, "height": 326}  # Moodle's frame of 885 by 653 at 200%


@dataclass(frozen=True)
class Case:
    """A screen, whether the tool is in the LMS's frame on it, and whose quiz is taken."""

    student: str
    size: ViewportSize
    scheme: Scheme
    framed: bool = False
    scale: float = 1


CASES = {
    "desktop, framed, light": Case(ADA, DESKTOP, "light", framed=True),
    "desktop, framed, dark": Case(ALAN, DESKTOP, "dark", framed=True),
    "320 px, light": Case(KATHERINE, NARROW, "light"),
    "885 px at 200%, dark": Case(KAREN, ZOOMED, "dark", scale=2),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_page_is_accessible_and_never_scrolls_sideways(browser: Browser, stack: Stack, case: Case) -> None:
    found: dict[str, list[str]] = {}
    window = private_window(browser, case.size, case.scheme, scale=case.scale, allowed=[r"status of 4\d\d"])
    with window as context:
        for view in walk(context, stack.lms, stack.tool, case.student, framed=case.framed):
            faults = axe_violations(view.place) + sideways_scroll(view.place)
            if faults:
                found[view.name] = faults
    assert not found, "\n".join(f"{name}: {fault}" for name, faults in found.items() for fault in faults)
