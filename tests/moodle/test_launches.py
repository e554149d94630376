"""Opening activities: as everybody, in every container, at phone width. Third-party cookies are blocked throughout."""

import pytest
from playwright.sync_api import expect

from tests.moodle.activities import Activity, open_embedded
from tests.moodle.conftest import School
from tests.support.browser import sideways_scroll


@pytest.mark.parametrize("who", ["admin", "teacher", "ada"])
def test_in_a_frame_everybody_sees_the_page_that_is_theirs(school: School, quiz: Activity, who: str) -> None:
    frame = open_embedded(school[who], quiz)
    school.picture(who, f"launch-frame-{who}")
    expect(frame.get_by_role("button", name="Start" if who == "ada" else "Start a preview")).to_be_visible()
    expect(frame.get_by_text("You are looking at this as an instructor")).to_have_count(0 if who == "ada" else 1)
    assert sideways_scroll(frame) == []
