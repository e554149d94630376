"""How an admin makes the tool known to Moodle, and Moodle to the tool."""

import json

from tests.moodle.conftest import World
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
