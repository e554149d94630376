"""How an admin makes the tool known to Moodle, and Moodle to the tool."""

import json

from playwright.sync_api import expect

from tests.e2e.people import QUIZ
from tests.moodle.activities import open_embedded
from tests.moodle.conftest import School, World
from tests.moodle.picker import choose_one
from tests.moodle.tool import Tool


def test_a_registration_leaves_a_platform_that_every_check_finds_well(registered: int, tool: Tool) -> None:
    (platform,) = json.loads(tool.cli("platforms", "list", "--json"))
    assert platform["deployment_ids"] == [str(registered)]
    assert platform["product_family"] == "moodle"
    found = json.loads(tool.cli("platforms", "test", str(platform["id"]), "--json"))
    assert {step["name"]: step["text"] for step in found["steps"] if step["state"] == "failed"} == {}


def test_an_update_keeps_the_client_and_stays_active(world: World, registered: int, tool: Tool) -> None:
    before = tool.cli("platforms", "list", "--json")
    world.tools.register(tool.invitation(), update=registered)
    world.tools.open()
    world.tools.expect_active(registered)
    assert tool.cli("platforms", "list", "--json") == before


def test_by_hand_the_form_is_filled_in_from_our_page_and_an_activity_opens(
    world: World, school: School, tool: Tool
) -> None:
    fields = values_of_our_page(world, tool)
    world.tools.set_up_by_hand(fields)
    type_id = world.tools.newest(dict(fields)["Tool name"])
    try:
        given = world.tools.details(type_id)
        school.picture("admin", "configuration-details")
        tool.cli(
            *("platforms", "add", "--name", "By hand", "--issuer", given["platformid"]),
            *("--client-id", given["clientid"], "--deployment-id", given["deploymentid"]),
            *("--auth-login-url", given["authrequesturl"], "--auth-token-url", given["accesstokenurl"]),
            *("--jwks-url", given["publickeyseturl"]),
        )
        before = len(school.activities.all())
        school.activities.new(type_id, section=3)
        choose_one(school.activities.open_picker(), QUIZ.title)
        school.activities.save()
        frame = open_embedded(school["ada"], school.activities.all()[before])
        expect(frame.get_by_role("heading", name=QUIZ.title)).to_be_visible()
    finally:
        world.tools.delete(type_id)


def values_of_our_page(world: World, tool: Tool) -> list[tuple[str, str]]:
    """What the tool's own page says of Moodle's form: each label with its value."""
    page = world.admin.page
    page.goto(f"{tool.address}/lti/setup")
    found = []
    for field in page.locator("#moodle .field").all():
        label, copied = field.locator("label, .field-name").first, field.locator("input")
        value = copied.input_value() if copied.count() else field.locator(".field-choice").inner_text()
        found.append((label.inner_text(), value))
    return found
