"""State, nonce, browser and platform: four things that must belong to each other, once (Security §5.1.1, §7.3.1)."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from lti_tool.causes import Cause
from lti_tool.errors import LaunchRefused
from lti_tool.launch import Launch
from tests.lti_tool.conftest import Clock, Tool, nonce_of
from tests.lti_tool.fake_platform import Platform


class TestState:
    def test_a_form_without_state_is_refused(self, tool: Tool, platform: Platform) -> None:
        with pytest.raises(LaunchRefused, match="state_missing"):
            tool.post("", platform.token("n"))

    @pytest.mark.parametrize("state", ["state-of-nobody", "ä", "x" * 5000, "\x00", "\ud800"])
    def test_a_state_that_was_never_given_is_refused(self, tool: Tool, platform: Platform, state: str) -> None:
        with pytest.raises(LaunchRefused, match="state_unknown"):
            tool.post(state, platform.token("n"))

    def test_a_state_is_good_for_one_launch(self, tool: Tool, platform: Platform) -> None:
        login = tool.begin(platform)
        token = platform.token(nonce_of(login))
        tool.post(login.state, token)
        with pytest.raises(LaunchRefused, match="state_replayed"):
            tool.post(login.state, token)

    def test_a_launch_that_fails_uses_its_state_up_too(self, tool: Tool, platform: Platform) -> None:
        login = tool.begin(platform)
        with pytest.raises(LaunchRefused, match="version"):
            tool.post(login.state, platform.token(nonce_of(login), VERSION="11.3"))
        with pytest.raises(LaunchRefused, match="state_replayed"):
            tool.post(login.state, platform.token(nonce_of(login)))

    def test_eight_posts_of_one_form_at_once_let_one_in(self, tool: Tool, platform: Platform) -> None:
        tool.launch(platform)
        login = tool.begin(platform)
        token = platform.token(nonce_of(login))

        def post(_: int) -> Launch | Cause:
            try:
                return tool.post(login.state, token)
            except LaunchRefused as refused:
                return refused.cause

        with ThreadPoolExecutor(8) as threads:
            results = list(threads.map(post, range(8)))
        assert [one for one in results if not isinstance(one, Launch)] == [Cause.STATE_REPLAYED] * 7

    def test_a_login_that_took_too_long_is_refused(self, tool: Tool, platform: Platform, stopped_clock: Clock) -> None:
        login = tool.begin(platform)
        stopped_clock.advance(seconds=tool.settings.launch_state_seconds)
        with pytest.raises(LaunchRefused, match="state_expired"):
            tool.post(login.state, platform.token(nonce_of(login)))

    def test_another_browsers_cookie_is_refused_for_good(self, tool: Tool, platform: Platform) -> None:
        login = tool.begin(platform)
        with pytest.raises(LaunchRefused, match="state_other_browser") as caught:
            tool.post(login.state, platform.token(nonce_of(login)), lambda _: "another browser's secret")
        assert not caught.value.cookie_absent
        assert caught.value.launch is None

    def test_a_launch_without_a_cookie_is_refused_but_may_be_handed_over(self, tool: Tool, platform: Platform) -> None:
        login = tool.begin(platform)
        with pytest.raises(LaunchRefused, match="state_other_browser") as caught:
            tool.post(login.state, platform.token(nonce_of(login)), lambda _: None)
        assert caught.value.cookie_absent
        assert caught.value.launch is not None
        assert caught.value.launch.sub == "17"

    def test_an_invalid_launch_without_a_cookie_is_never_handed_over(self, tool: Tool, platform: Platform) -> None:
        login = tool.begin(platform)
        with pytest.raises(LaunchRefused, match="signature") as caught:
            tool.post(login.state, Platform(key_number=1).token(nonce_of(login)), lambda _: None)
        assert caught.value.launch is None

    def test_another_platform_cannot_answer_a_login(self, tool: Tool, platform: Platform) -> None:
        other = tool.register(Platform(issuer="https://other.example"))
        login = tool.begin(platform)
        with pytest.raises(LaunchRefused, match="state_other_platform"):
            tool.post(login.state, other.token(nonce_of(login)))

    def test_a_sibling_client_of_the_same_issuer_cannot_answer_a_login(self, tool: Tool, platform: Platform) -> None:
        sibling = tool.register(Platform(client_id="client-2"))
        login = tool.begin(platform)
        with pytest.raises(LaunchRefused, match="state_other_platform"):
            tool.post(login.state, sibling.token(nonce_of(login)))


class TestNonce:
    def test_the_nonce_of_another_login_is_refused(self, tool: Tool, platform: Platform) -> None:
        other = tool.begin(platform)
        assert tool.refusal(platform, nonce=nonce_of(other)).cause is Cause.NONCE_MISMATCH

    def test_a_nonce_that_was_used_is_refused_under_a_new_state(self, tool: Tool, platform: Platform) -> None:
        first = tool.begin(platform)
        token = platform.token(nonce_of(first))
        tool.post(first.state, token)
        second = tool.begin(platform)
        with pytest.raises(LaunchRefused, match="nonce_replayed"):
            tool.post(second.state, token)

    @pytest.mark.parametrize("nonce", [..., "", None, ["n"], 5])
    def test_a_nonce_that_is_none_is_refused(self, tool: Tool, platform: Platform, nonce: object) -> None:
        assert tool.refusal(platform, nonce=nonce).cause is Cause.NONCE_MISSING

    def test_a_nonce_that_no_database_takes_is_refused(self, tool: Tool, platform: Platform) -> None:
        assert tool.refusal(platform, nonce="\ud800").cause is Cause.NONCE_MISMATCH


def test_having_been_let_in_once_is_no_pass(tool: Tool, platform: Platform) -> None:
    # The library remembers a hash of the token, and would then ask for no cookie.
    login = tool.begin(platform)
    token = platform.token(nonce_of(login))
    tool.post(login.state, token)
    tool.cookies.clear()
    with pytest.raises(LaunchRefused, match="state_replayed"):
        tool.post(login.state, token)
