from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
import requests
from sqlalchemy import select

from config.database import Database
from config.outbound import make_session
from lti_tool.causes import Cause
from lti_tool.errors import LaunchRefused
from lti_tool.key_sets import KeySets
from lti_tool.models import PlatformKeySet, Registration
from lti_tool.registrations import add_platform
from tests.lti_tool.conftest import Clock, Tool
from tests.lti_tool.fake_platform import KeySetServer, Platform, jwk


def cause_of(tool: Tool, platform: Platform, **changes: Any) -> Cause:
    with pytest.raises(LaunchRefused) as caught:
        tool.launch(platform, **changes)
    assert 400 <= caught.value.status < 500
    return caught.value.cause


def forged(number: int) -> dict[str, Any]:
    return {"header": {"kid": f"forged-{number}"}}


def fail(server: KeySetServer, status: int = 503) -> None:
    server.answer = lambda: (status, {}, b"")


def test_a_warm_launch_fetches_nothing(tool: Tool, platform: Platform, key_server: KeySetServer) -> None:
    tool.launch(platform)
    assert key_server.fetches == 1
    for _ in range(3):
        tool.launch(platform)
    assert key_server.fetches == 1


def test_the_cache_is_shared_by_processes(
    tool: Tool, platform: Platform, key_server: KeySetServer, http: requests.Session
) -> None:
    tool.launch(platform)
    other = Database(str(tool.database.engine.url))
    with other.reading() as session:
        registration = session.scalars(select(Registration)).one()
    assert KeySets(other, http, registration.id, key_server.url).find_key("key-1")["kid"] == "key-1"
    other.dispose()
    assert key_server.fetches == 1


def test_no_transaction_is_open_while_the_platform_is_asked(
    tool: Tool, platform: Platform, key_server: KeySetServer
) -> None:
    def answer() -> tuple[int, dict[str, str], bytes]:
        with tool.database.transaction() as session:  # SQLite lets one writer in: it would wait for an open one
            session.execute(select(Registration))
        assert tool.database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # of the pool we use
        return 404, {}, b""

    key_server.answer = answer
    assert cause_of(tool, platform) is Cause.KEY_SET_UNUSABLE


def test_a_key_the_platform_has_just_begun_to_use_works_at_once(
    tool: Tool, platform: Platform, key_server: KeySetServer
) -> None:
    tool.launch(platform)
    for number in (1, 2, 3, 4):
        key_server.keys = [jwk(f"key-{number + 1}", number)]
        assert tool.launch(Platform(key_number=number, kid=f"key-{number + 1}")).sub == "17"
    assert key_server.fetches == 5


def test_a_whole_class_after_a_change_of_keys_makes_one_fetch(
    tool: Tool, platform: Platform, key_server: KeySetServer
) -> None:
    tool.launch(platform)
    key_server.keys = [jwk("key-2", 1)]
    changed = Platform(key_number=1, kid="key-2")
    with ThreadPoolExecutor(12) as threads:
        assert {launch.sub for launch in threads.map(lambda _: tool.launch(changed), range(24))} == {"17"}
    assert key_server.fetches == 2


def test_a_withdrawn_key_stops_working_once_the_new_set_is_known(
    tool: Tool, platform: Platform, key_server: KeySetServer
) -> None:
    tool.launch(platform)
    key_server.keys = [jwk("key-2", 1)]
    tool.launch(Platform(key_number=1, kid="key-2"))
    assert cause_of(tool, platform) is Cause.KID_UNKNOWN


@pytest.mark.parametrize("warm", [True, False])
def test_forged_kids_make_two_fetches_a_minute(
    tool: Tool, platform: Platform, key_server: KeySetServer, stopped_clock: Clock, warm: bool
) -> None:
    if warm:
        tool.launch(platform)
    before = key_server.fetches
    for number in range(25):
        assert cause_of(tool, platform, **forged(number)) is Cause.KID_UNKNOWN
    assert key_server.fetches - before == 2
    assert tool.launch(platform).sub == "17"
    stopped_clock.advance(seconds=61)
    for number in range(25):
        cause_of(tool, platform, **forged(number))
    assert key_server.fetches - before == 4


def test_forged_kids_at_the_same_moment_make_no_more(tool: Tool, platform: Platform, key_server: KeySetServer) -> None:
    tool.launch(platform)
    with ThreadPoolExecutor(12) as threads:
        causes = list(threads.map(lambda number: cause_of(tool, platform, **forged(number)), range(25)))
    assert set(causes) == {Cause.KID_UNKNOWN}
    assert key_server.fetches - 1 <= 2


def test_a_set_is_renewed_after_a_day(
    tool: Tool, platform: Platform, key_server: KeySetServer, stopped_clock: Clock
) -> None:
    tool.launch(platform)
    stopped_clock.advance(hours=23, minutes=59)
    tool.launch(platform)
    assert key_server.fetches == 1
    stopped_clock.advance(minutes=1)
    tool.launch(platform)
    tool.launch(platform)
    assert key_server.fetches == 2


def test_an_old_set_serves_for_a_week_if_the_platform_is_down(
    tool: Tool, platform: Platform, key_server: KeySetServer, stopped_clock: Clock
) -> None:
    tool.launch(platform)
    fail(key_server)
    stopped_clock.advance(days=6)
    for _ in range(5):
        assert tool.launch(platform).sub == "17"
    assert key_server.fetches == 3  # the failures are counted, so that nobody waits for each of them
    stopped_clock.advance(days=1)
    assert cause_of(tool, platform) is Cause.KEY_SET_UNREACHABLE
    key_server.answer = None
    assert tool.launch(platform).sub == "17"


def test_a_platform_that_was_never_reached_is_asked_twice_a_minute(
    tool: Tool, platform: Platform, key_server: KeySetServer, stopped_clock: Clock
) -> None:
    fail(key_server)
    assert {cause_of(tool, platform) for _ in range(5)} == {Cause.KEY_SET_UNREACHABLE}
    assert key_server.fetches == 2
    key_server.answer = None
    stopped_clock.advance(seconds=61)
    assert tool.launch(platform).sub == "17"


def test_a_new_key_while_the_platform_is_down_is_not_called_forged(
    tool: Tool, platform: Platform, key_server: KeySetServer
) -> None:
    tool.launch(platform)
    fail(key_server)
    assert cause_of(tool, platform, **forged(1)) is Cause.KEY_SET_UNREACHABLE


def test_a_changed_address_trusts_no_key_of_the_old_one(
    tool: Tool, platform: Platform, key_server: KeySetServer
) -> None:
    tool.launch(platform)
    other = KeySetServer()
    other.keys = [jwk("key-2", 1)]
    try:
        replaced = Tool(tool.database, tool.settings, tool.http, other.url)
        replaced.register(platform)
        with tool.database.reading() as session:
            assert session.scalars(select(PlatformKeySet)).all() == []
        assert cause_of(replaced, platform) is Cause.KID_UNKNOWN
        assert replaced.launch(Platform(key_number=1, kid="key-2")).sub == "17"
    finally:
        other.stop()
    assert key_server.fetches == 1


def test_keys_fetched_from_an_old_address_are_not_used_under_the_new(
    tool: Tool, platform: Platform, key_server: KeySetServer
) -> None:
    """A launch that was fetching while the address changed may store its set last."""
    tool.launch(platform)
    with tool.database.transaction() as session:
        registration, _ = add_platform(
            session,
            issuer=platform.issuer,
            client_id=platform.client_id,
            auth_login_url="https://lms.example/auth",
            auth_token_url="https://lms.example/token",
            jwks_url=f"{key_server.url}?new",
        )
    KeySets(tool.database, tool.http, registration.id, key_server.url).find_key("key-1")
    assert tool.launch(platform).sub == "17"
    assert key_server.fetches == 3


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        ((200, {}, b"<html>"), Cause.KEY_SET_UNUSABLE),
        ((200, {}, b'{"keys": {}}'), Cause.KEY_SET_UNUSABLE),
        ((302, {"Location": "/elsewhere"}, b""), Cause.KEY_SET_UNUSABLE),
        ((200, {}, b'{"keys": []}'), Cause.KID_UNKNOWN),
        ((200, {}, b'{"keys": [null, 5, {"kid": "key-1"}]}'), Cause.KID_UNKNOWN),
        ((500, {}, b""), Cause.KEY_SET_UNREACHABLE),
    ],
)
def test_a_bad_answer_is_a_refusal(
    tool: Tool, platform: Platform, key_server: KeySetServer, answer: Any, cause: Cause
) -> None:
    key_server.answer = lambda: answer
    assert cause_of(tool, platform) is cause


def test_a_private_address_is_named_as_such(tool: Tool, platform: Platform, key_server: KeySetServer) -> None:
    with make_session(allow_private=False) as guarded:
        strict = Tool(tool.database, replace(tool.settings, allow_private_platforms=False), guarded, tool.jwks_url)
        assert cause_of(strict, platform) is Cause.KEY_SET_FORBIDDEN
    assert key_server.fetches == 0


def test_a_registration_removed_meanwhile_leaves_no_key_set(tool: Tool, key_server: KeySetServer) -> None:
    assert KeySets(tool.database, tool.http, 99, key_server.url).find_key("key-1")["kid"] == "key-1"
    with tool.database.reading() as session:
        assert session.scalars(select(PlatformKeySet)).all() == []
