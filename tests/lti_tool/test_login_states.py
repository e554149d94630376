import pytest

from lti_tool.errors import LaunchRefused
from lti_tool.login_states import fingerprint, is_nonce_spent, is_same, remember_login, spend_login
from tests.lti_tool.conftest import Tool, nonce_of
from tests.lti_tool.fake_platform import Platform


def test_a_secret_is_known_by_its_fingerprint() -> None:
    assert is_same("secret", fingerprint("secret"))
    assert not is_same("Secret", fingerprint("secret"))
    assert len(fingerprint("\ud800")) == 64


def test_a_login_is_spent_once_with_what_was_remembered(tool: Tool, platform: Platform) -> None:
    login = tool.begin(platform, target_link_uri="https://tool.example/x")
    spent = spend_login(tool.database, login.state)
    assert spent.target_link_uri == "https://tool.example/x"
    assert is_same(nonce_of(login), spent.nonce_hash)
    assert is_same(login.binding_secret, spent.binding_hash)
    with pytest.raises(LaunchRefused, match="state_replayed"):
        spend_login(tool.database, login.state)


def test_a_nonce_is_spent_with_its_login(tool: Tool, platform: Platform) -> None:
    login = tool.begin(platform)
    with tool.database.reading() as session:
        assert not is_nonce_spent(session, nonce_of(login))
        assert not is_nonce_spent(session, "of nobody")
    spend_login(tool.database, login.state)
    with tool.database.reading() as session:
        assert is_nonce_spent(session, nonce_of(login))


def test_a_login_that_expired_is_not_taken_for_a_stranger(tool: Tool, platform: Platform) -> None:
    with tool.database.transaction() as session:
        remember_login(
            session,
            state="state-1",
            nonce="n",
            binding_secret="b",
            registration_id=1,
            target_link_uri="",
            seconds=0,
        )
    with pytest.raises(LaunchRefused, match="state_expired"):
        spend_login(tool.database, "state-1")
