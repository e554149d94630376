"""Two ways to use a page without a mouse's comforts: by keyboard alone, and by plain forms where no script runs."""

from typing import Protocol

from playwright.sync_api import Locator, Page, expect

HAS_FOCUS = "(element) => document.hasFocus() && element === document.activeElement"


class Hands(Protocol):
    """Presses what a page offers."""

    def press(self, wanted: Locator) -> None:
        """Press a link or a button."""

    def choose(self, answer: Locator) -> None:
        """Choose an answer: one of several boxes, or one of a group of which one is to be chosen."""


class Keyboard:
    """Tab and Shift+Tab to come to something, Enter, Space and the arrows to use it; the pointer is never touched."""

    MOST_TABS = 80

    def __init__(self, page: Page) -> None:
        self._page = page

    def press(self, wanted: Locator) -> None:
        self._tab_to(wanted)
        self._page.keyboard.press("Enter")

    def choose(self, answer: Locator) -> None:
        if answer.get_attribute("type") == "checkbox":
            self._tab_to(answer)
            self._page.keyboard.press("Space")
        else:
            self._tab_to(answer.locator("xpath=ancestor::fieldset").get_by_role("radio").first)
            for _ in range(10):
                if answer.evaluate(HAS_FOCUS):
                    break
                self._page.keyboard.press("ArrowDown")
            if not answer.is_checked():  # the first one has the focus and is not chosen by it
                self._page.keyboard.press("Space")
        expect(answer).to_be_checked()

    def type(self, field: Locator, text: str) -> None:
        """Come to a field and write into it."""
        self._tab_to(field)
        self._page.keyboard.insert_text(text)

    def _tab_to(self, wanted: Locator) -> None:
        element = wanted.element_handle()
        for _ in range(self.MOST_TABS):
            if element.evaluate(HAS_FOCUS):
                return
            self._page.keyboard.press("Tab")
        raise AssertionError(f"{self.MOST_TABS} times Tab did not reach {wanted}")


class Forms:
    """Clicks, with nothing behind them but links and forms."""

    def press(self, wanted: Locator) -> None:
        wanted.click()

    def choose(self, answer: Locator) -> None:
        answer.check()
