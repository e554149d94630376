"""Site administration > Plugins > External tool: how a Moodle's admin makes a tool known, and how it opens."""

import re
from collections.abc import Sequence
from typing import Literal

from playwright.sync_api import Frame, Locator, expect

from tests.moodle.site import Admin

Container = Literal["embed without blocks", "new window", "existing window"]
CONTAINERS: dict[Container, str] = {"embed without blocks": "3", "new window": "4", "existing window": "5"}
REGISTRATION_FRAME = "#external-registration-template-container iframe"


class Tools:
    """The page "Manage tools"."""

    def __init__(self, admin: Admin) -> None:
        self._admin = admin
        self.page = admin.page

    def open(self) -> None:
        """Come to the page, with its list of tools loaded."""
        self._admin.go("/mod/lti/toolconfigure.php")
        expect(self.page.locator("#tool-list-container")).not_to_have_class(re.compile(r"\bloading\b"))
        self.page.wait_for_load_state("networkidle")  # what makes the cards' links work comes after the cards

    def card(self, type_id: int) -> Locator:
        """The card of a tool by Moodle's id."""
        return self.page.locator(f".tool-card[data-type-id='{type_id}']")

    def newest(self, name: str) -> int:
        """Moodle's id of the tool that was added last under this name; it is the deployment's id too."""
        self.open()
        cards = self.page.locator(".tool-card").filter(has=self.page.locator(".name", has_text=name))
        expect(cards.first).to_be_visible()
        return max(int(card.get_attribute("data-type-id") or 0) for card in cards.all())

    def begin_registration(self, invitation: str) -> Frame:
        """Paste a tool's address; the frame in which Moodle and the tool talk, with its first page."""
        self.open()
        self.page.locator("#tool-url").fill(invitation)
        self.page.locator("#tool-create-button").press("Enter")
        frame = self.page.locator(REGISTRATION_FRAME).element_handle().content_frame()
        assert frame is not None
        frame.wait_for_url("http**", wait_until="commit")
        return frame

    def register(self, invitation: str, *, update: int | None = None) -> None:
        """Dynamic Registration from the paste to the closed frame. Where a tool of the same host is known, Moodle asks:
        the one with the id `update` is updated, or else a new one added."""
        frame = self.begin_registration(invitation)
        if frame.url.startswith(self._admin.moodle):
            frame.wait_for_load_state("networkidle")  # Moodle loads this page twice; the first one's buttons are lost
            frame.locator(f"button[data-href$='&type={update or 0}']").press("Enter")
        expect(self.page.locator(REGISTRATION_FRAME)).to_have_count(0)
        expect(self.page.locator("#tool-list-container")).to_be_visible()

    def activate(self, type_id: int) -> None:
        """Accept a pending tool."""
        self.open()
        self.card(type_id).locator("a.activate").press("Enter")
        self.expect_active(type_id)

    def expect_active(self, type_id: int) -> None:
        """The card says that the tool is active."""
        expect(self.card(type_id).locator(".badge.bg-success")).to_be_visible()

    def delete(self, type_id: int) -> None:
        """Remove a tool; Moodle's activities of it stay and no longer open."""
        self.open()
        self.card(type_id).locator("a.delete").click()
        self.page.locator(".modal.show .modal-footer .btn-primary").first.click()
        expect(self.card(type_id)).to_have_count(0)

    def set_up_by_hand(self, fields: Sequence[tuple[str, str]]) -> None:
        """Fill in Moodle's form for a tool, each field found by the label that it has in English, and save."""
        self.open()
        self.page.get_by_role("link", name="configure a tool manually").press("Enter")
        self.page.locator("#id_lti_typename").wait_for()
        folded = self.page.locator("fieldset.collapsible a[data-toggle='collapse'][aria-expanded='false']")
        while folded.count():
            folded.first.press("Enter")
        self.page.locator("a.moreless-toggler").first.press("Enter")
        for label, value in fields:
            self._fill_in(self.page.get_by_label(label, exact=True).first, value)
        self._admin.submit()

    def open_in(self, type_id: int, container: Container) -> None:
        """Set how a tool's activities open."""
        self.open()
        self.page.goto(self.card(type_id).locator("a.edit").get_attribute("href") or "")
        self.page.locator("#id_lti_launchcontainer").select_option(value=CONTAINERS[container])
        self._admin.submit()

    @staticmethod
    def _fill_in(field: Locator, value: str) -> None:
        kind = field.evaluate("(one) => one.type")
        if kind.startswith("select"):
            field.select_option(label=value)
        elif kind == "checkbox":
            field.check()
        else:
            field.fill(value)

    def details(self, type_id: int) -> dict[str, str]:
        """What Moodle says of a tool under "View configuration details"."""
        self.open()
        names = ("platformid", "clientid", "deploymentid", "publickeyseturl", "accesstokenurl", "authrequesturl")
        self.card(type_id).locator("a.viewdetails").click()
        expect(self.page.locator(".modal.show")).to_be_visible()
        return {name: self.card(type_id).get_attribute(f"data-{name}") or "" for name in names}
