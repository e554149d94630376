"""Past the review pages in each of their states, for pictures."""

from collections.abc import Iterator

from playwright.sync_api import BrowserContext, expect

from tests.e2e.walk import View
from tests.support.review_desk import ReviewDesk


def walk_past_a_review(context: BrowserContext, desk: ReviewDesk) -> Iterator[View]:
    """As an instructor: the list, a case, a quote's place in it, an appeal, a form that was refused, nothing left."""
    page = desk.open(context)
    yield View("review-queue", page, page.main_frame)
    page.get_by_role("link", name="Ada Lovelace").press("Enter")
    expect(page.get_by_role("heading", name="Judge each criterion")).to_be_visible()
    yield View("review-case", page, page.main_frame)
    page.locator("[data-criterion]").first.get_by_role("link").first.press("Enter")
    expect(page.locator("mark:target")).to_be_in_viewport()
    yield View("review-quote", page, page.main_frame)
    page.get_by_role("button", name="Save and release").press("Enter")
    expect(page.get_by_role("alert").filter(has_text="Choose a level")).to_be_focused()
    yield View("review-refused", page, page.main_frame)
    page.goto(f"{page.url}?blind=1")
    expect(page.get_by_role("button", name="Save what you found")).to_be_visible()
    yield View("review-blind", page, page.main_frame)
    page.get_by_role("link", name="Back to the list").press("Enter")
    page.get_by_role("link", name="Alan Turing").press("Enter")
    appeal = page.get_by_role("region", name="The student asks about")
    expect(appeal).to_be_visible()
    yield View("review-appeal", page, page.main_frame)
    appeal.get_by_label("Your answer").fill("The second turn names it; a step is still missing.")
    appeal.get_by_role("button", name="Send the answer").press("Enter")
    expect(page.get_by_role("link", name="Open the next one")).to_be_focused()
    yield View("review-done", page, page.main_frame)
    desk.decide_what_waits()
    page.reload()
    expect(page.get_by_text("Nothing waits for you.")).to_be_visible()
    yield View("review-empty", page, page.main_frame)
    desk.lead_a_link_astray()
    page.close()
    page = desk.open(context, "links")
    expect(page.get_by_text("1 link points elsewhere.")).to_be_visible()
    yield View("links", page, page.main_frame)
    page.get_by_role("link", name="Choose what it opens").first.press("Enter")
    expect(page.get_by_role("radio").first).to_be_visible()
    yield View("link-choice", page, page.main_frame)
