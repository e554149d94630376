"""A registration over HTTP, from the LMS's request to the stored platform: all of it, or nothing."""

import json
from dataclasses import replace

import hypothesis
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from config.outbound import make_session
from config.settings import Settings
from lti_tool.permission import ACTIVE, PENDING
from lti_tool.registering import registration
from lti_tool.registering.configuration import PLATFORM_MEMBER
from lti_tool.registering.failures import Failure, RegistrationFailed
from lti_tool.registering.offer import SCOPE_NOTICES, SCOPE_SCORE, SCOPES, TOOL_MEMBER
from lti_tool.registering.registration import Asked, Registrar
from lti_tool.registrations import add_platform
from tests.registering.conftest import ICON, TOKEN, Desk
from tests.registering.platform_server import CONFIGURATION, REGISTER, Answer, FakeLms
from tests.registering.test_configuration import GOOD as GOOD_CONFIGURATION

CANVAS = "https://canvas.instructure.com/lti/"


def failure(desk: Desk, url: str, **asked: str) -> Failure:
    """The cause for which a registration fails; nothing may be stored, and an invitation must stay good."""
    before = [(one.issuer, one.client_id, one.jwks_url) for one in desk.registrations()]
    with pytest.raises(RegistrationFailed) as caught:
        desk.register(url, **asked)
    assert [(one.issuer, one.client_id, one.jwks_url) for one in desk.registrations()] == before
    assert all(one.claimed_until is None and one.used_at is None for one in desk.invitations())
    told = caught.value.told()
    assert "%(" not in told.title + told.message + told.what_to_do
    assert TOKEN not in str(caught.value.details)
    return caught.value.cause


def test_an_lms_registers_itself(desk: Desk, lms: FakeLms) -> None:
    outcome = desk.register(lms.configuration_url)
    assert outcome.is_new
    assert (outcome.name, outcome.client_id, outcome.deployment_id) == ("Our LMS", "client-1", "7")
    (stored,) = desk.registrations()
    assert (stored.issuer, stored.auth_login_url) == (lms.address, f"{lms.address}/auth")
    assert (stored.auth_token_url, stored.jwks_url) == (f"{lms.address}/token", f"{lms.address}/certs")
    assert (stored.product_family, stored.auth_audience) == ("moodle", None)
    assert desk.deployments() == ["7"]
    (used,) = desk.invitations()
    assert used.used_at is not None
    assert used.registration_id == stored.id


def test_it_is_asked_with_its_token_and_told_what_we_are(desk: Desk, lms: FakeLms) -> None:
    desk.register(lms.configuration_url)
    assert [request.bearer for request in lms.requests] == [f"Bearer {TOKEN}"] * 2
    (request,) = lms.asked(REGISTER)
    assert request.headers["Content-Type"] == "application/json"
    said = request.json()
    base = desk.settings.base_url
    assert said["redirect_uris"] == [f"{base}/lti/launch"]
    assert said["initiate_login_uri"] == f"{base}/lti/login"
    assert said["jwks_uri"] == f"{base}/lti/jwks"
    assert said["token_endpoint_auth_method"] == "private_key_jwt"
    assert said["logo_uri"] == ICON
    assert (said["application_type"], said["response_types"]) == ("web", ["id_token"])
    assert set(said["scope"].split()) == set(SCOPES)
    tool = said[TOOL_MEMBER]
    assert tool["domain"] == base.removeprefix("http://")
    assert tool["target_link_uri"] == f"{base}/lti/launch"
    assert "email" not in tool["claims"]
    assert [message["type"] for message in tool["messages"]] == ["LtiDeepLinkingRequest"]


def test_what_a_platform_does_not_offer_is_not_asked_for(desk: Desk, lms: FakeLms) -> None:
    messages = {"product_family_code": "other", "messages_supported": [{"type": "LtiResourceLinkRequest"}]}
    lms.describe(scopes_supported=["openid", SCOPE_SCORE], **{PLATFORM_MEMBER: messages})
    desk.register(lms.configuration_url)
    said = lms.asked(REGISTER)[0].json()
    assert said["scope"] == SCOPE_SCORE
    assert said[TOOL_MEMBER]["messages"] == []


def test_messages_that_it_sends_are_offered_in_its_own_spelling_and_new_scopes_where_it_names_them(
    desk: Desk, lms: FakeLms
) -> None:
    sent = ["LtiDeepLinkingRequest", "LtiSubmissionReviewRequest", "LtiDataPrivacyLaunchRequest"]
    messages = {"product_family_code": "other", "messages_supported": [{"type": one} for one in sent]}
    lms.describe(scopes_supported=[SCOPE_SCORE, SCOPE_NOTICES], **{PLATFORM_MEMBER: messages})
    desk.register(lms.configuration_url)
    said = lms.asked(REGISTER)[0].json()
    assert said["scope"].split() == [SCOPE_SCORE, SCOPE_NOTICES]
    assert [one["type"] for one in said[TOOL_MEMBER]["messages"]] == sent


def test_canvas_registers_with_its_endpoint_elsewhere_its_extensions_and_no_deployment(
    desk: Desk, lms: FakeLms, elsewhere: FakeLms
) -> None:
    # The configuration comes from the host that all schools share, the registration goes to the school's own.
    lms.describe(
        registration_endpoint=elsewhere.address + REGISTER,
        authorization_server="sso.canvaslms.com",
        **{
            PLATFORM_MEMBER: {
                "product_family_code": "canvas",
                f"{CANVAS}account_name": "Example University",
                "messages_supported": [
                    {"type": "LtiResourceLinkRequest"},
                    {"type": "LtiDeepLinkingRequest", "placements": ["assignment_selection"]},
                ],
            }
        },
    )
    elsewhere.answers[REGISTER] = Answer(200, {"client_id": "10000000000123"})
    desk.settings = replace(desk.settings, open_registration="on")
    outcome = desk.register(lms.configuration_url, invitation="")
    assert (outcome.name, outcome.deployment_id) == ("Example University", None)
    assert [request.bearer for request in (*lms.requests, *elsewhere.requests)] == [f"Bearer {TOKEN}"] * 2
    tool = elsewhere.asked(REGISTER)[0].json()[TOOL_MEMBER]
    assert tool[f"{CANVAS}privacy_level"] == "name_only"
    assert tool["messages"][0]["placements"] == ["assignment_selection", "link_selection", "module_index_menu_modal"]
    assert desk.registrations()[0].auth_audience is None  # a bare host is no audience that Canvas would take
    assert desk.deployments() == []


def test_many_clients_of_one_issuer_stand_side_by_side(desk: Desk, lms: FakeLms) -> None:
    desk.register(lms.configuration_url)
    lms.answers[REGISTER] = Answer(200, {"client_id": "client-2", TOOL_MEMBER: {"deployment_id": "8"}})
    assert desk.register(lms.configuration_url).is_new
    assert [one.client_id for one in desk.registrations()] == ["client-1", "client-2"]


def test_an_update_of_the_same_client_changes_nothing_but_its_deployments(desk: Desk, lms: FakeLms) -> None:
    first = desk.register(lms.configuration_url)
    lms.answers[REGISTER] = Answer(200, {"client_id": "client-1", TOOL_MEMBER: {"deployment_id": "9"}})
    again = desk.register(lms.configuration_url, invitation=desk.invite("Another name"))
    assert (again.is_new, again.registration_id, again.name) == (False, first.registration_id, "Our LMS")
    assert desk.deployments() == ["7", "9"]


def test_new_addresses_of_a_known_client_need_an_invitation_for_that_very_platform(desk: Desk, lms: FakeLms) -> None:
    known = desk.register(lms.configuration_url).registration_id
    with desk.database.transaction() as session:
        other, _ = add_platform(
            session, issuer="https://b.example", client_id="b", auth_login_url="https://b.example/a",
            auth_token_url="https://b.example/t", jwks_url="https://b.example/k",
        )  # fmt: skip
        other_id = other.id
    lms.describe(jwks_uri=f"{lms.address}/uploads/keys")
    with pytest.raises(RegistrationFailed) as refused:
        desk.register(lms.configuration_url)
    assert refused.value.cause is Failure.KNOWN_DIFFERENTLY
    assert f"--platform {known}" in refused.value.told().what_to_do
    with pytest.raises(RegistrationFailed) as refused:
        desk.register(lms.configuration_url, invitation=desk.invite(registration_id=other_id))
    assert refused.value.cause is Failure.OTHER_PLATFORM_INVITED
    assert desk.registrations()[0].jwks_url == f"{lms.address}/certs"
    desk.register(lms.configuration_url, invitation=desk.invite(registration_id=known))
    assert desk.registrations()[0].jwks_url == f"{lms.address}/uploads/keys"


def test_nobody_registers_uninvited_unless_registration_is_open(desk: Desk, lms: FakeLms) -> None:
    assert failure(desk, lms.configuration_url, invitation="") is Failure.NOT_INVITED
    assert failure(desk, lms.configuration_url, invitation="made-up") is Failure.INVITATION_UNKNOWN
    assert lms.requests == []
    desk.settings = replace(desk.settings, open_registration="on")
    assert desk.register(lms.configuration_url, invitation="").is_new
    assert failure(desk, lms.configuration_url, invitation="made-up") is Failure.INVITATION_UNKNOWN


def test_an_invitation_is_good_once(desk: Desk, lms: FakeLms) -> None:
    invitation = desk.invite()
    desk.register(lms.configuration_url, invitation=invitation)
    asked = len(lms.requests)
    with pytest.raises(RegistrationFailed) as refused:
        desk.register(lms.configuration_url, invitation=invitation)
    assert refused.value.cause is Failure.INVITATION_USED
    assert len(lms.requests) == asked


def test_another_hosts_issuer_is_not_believed(desk: Desk, lms: FakeLms, elsewhere: FakeLms) -> None:
    lms.describe(issuer=elsewhere.address)
    assert failure(desk, lms.configuration_url) is Failure.ISSUER_FOREIGN
    assert lms.asked(REGISTER) == elsewhere.requests == []


def test_the_shared_issuer_is_for_canvas_and_there_for_addresses_of_its_own(
    desk: Desk, lms: FakeLms, elsewhere: FakeLms
) -> None:
    shared = "https://canvas.instructure.com"
    lms.describe(issuer=shared)
    assert failure(desk, lms.configuration_url) is Failure.ISSUER_FOREIGN  # it says that it is a Moodle
    canvas = {PLATFORM_MEMBER: {"product_family_code": "canvas"}}
    lms.describe(issuer=shared, token_endpoint=f"{elsewhere.address}/token", **canvas)
    assert failure(desk, lms.configuration_url) is Failure.ISSUER_FOREIGN
    lms.describe(issuer=shared, **canvas)
    assert desk.register(lms.configuration_url).issuer == shared


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_takes_the_token_on(desk: Desk, lms: FakeLms, elsewhere: FakeLms, status: int) -> None:
    lms.answers[CONFIGURATION] = Answer(status, b"", location=elsewhere.configuration_url)
    assert failure(desk, lms.configuration_url) is Failure.CONFIGURATION_REFUSED
    lms.describe()
    lms.answers[REGISTER] = Answer(status, b"", location=elsewhere.address + REGISTER)
    assert failure(desk, lms.configuration_url) is Failure.PLATFORM_REFUSED
    assert elsewhere.requests == []


@pytest.mark.parametrize(
    ("path", "answer", "cause"),
    [
        (CONFIGURATION, Answer(), Failure.CONFIGURATION_NO_ANSWER),
        (CONFIGURATION, Answer(401, {"error": "no"}), Failure.CONFIGURATION_REFUSED),
        (CONFIGURATION, Answer(500, b"<p>", content_type="text/html"), Failure.CONFIGURATION_REFUSED),
        (CONFIGURATION, Answer(200, b"x" * 1_100_000), Failure.CONFIGURATION_NO_ANSWER),
        (CONFIGURATION, Answer(200, b"\xff\xfe{"), Failure.CONFIGURATION_UNUSABLE),
        (CONFIGURATION, Answer(200, []), Failure.CONFIGURATION_UNUSABLE),
        (REGISTER, Answer(), Failure.ANSWER_LOST),
        (REGISTER, Answer(422, {"errors": ["placements"]}), Failure.PLATFORM_REFUSED),
        (REGISTER, Answer(401, b"token_already_used", content_type="text/plain"), Failure.PLATFORM_REFUSED),
        (REGISTER, Answer(503, b""), Failure.PLATFORM_REFUSED),
        (REGISTER, Answer(200, b"{"), Failure.ANSWER_UNUSABLE),
        (REGISTER, Answer(200, {}), Failure.ANSWER_UNUSABLE),
        (REGISTER, Answer(200, {"client_id": 7}), Failure.ANSWER_UNUSABLE),
        (REGISTER, Answer(200, {"client_id": "a\x00b"}), Failure.ANSWER_UNUSABLE),
        (REGISTER, Answer(200, {"client_id": "x" * 256}), Failure.ANSWER_UNUSABLE),
        (REGISTER, Answer(200, {"client_id": "c", TOOL_MEMBER: {"deployment_id": 7}}), Failure.ANSWER_UNUSABLE),
        (REGISTER, Answer(200, b"x" * 1_100_000), Failure.ANSWER_LOST),
    ],
)  # fmt: skip
def test_a_platform_that_fails_on_the_way_leaves_nothing_behind(
    desk: Desk, lms: FakeLms, path: str, answer: Answer, cause: Failure
) -> None:
    lms.answers[path] = answer
    assert failure(desk, lms.configuration_url) is cause
    assert (desk.deployments(), [one.used_at for one in desk.invitations()]) == ([], [None])


class Saying(requests.Session):
    """An LMS that answers each request with the next of these bytes."""

    def __init__(self, *bodies: bytes) -> None:
        super().__init__()
        self.bodies = [*bodies]

    def request(self, *_, **__):  # type: ignore[no-untyped-def]
        response = requests.Response()
        response.status_code, response._content = 200, self.bodies.pop(0)
        return response


@hypothesis.settings(max_examples=40, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=200), is_answer=st.booleans())
def test_whatever_bytes_a_platform_says_nothing_is_half_stored(desk: Desk, body: bytes, is_answer: bool) -> None:
    good = json.dumps(GOOD_CONFIGURATION).encode()
    desk.http = Saying(good, body) if is_answer else Saying(body, b"{}")
    with pytest.raises(RegistrationFailed) as failed:
        desk.register("https://lms.example/configuration")
    assert failed.value.cause in {Failure.CONFIGURATION_UNUSABLE, Failure.ANSWER_UNUSABLE}
    assert desk.registrations() == []
    assert all(one.claimed_until is None and one.used_at is None for one in desk.invitations())


def test_what_the_platform_said_is_told_to_its_admin(desk: Desk, lms: FakeLms) -> None:
    lms.answers[REGISTER] = Answer(422, {"errors": ["The placement <b>x</b> is unknown"]})
    with pytest.raises(RegistrationFailed) as refused:
        desk.register(lms.configuration_url)
    assert "The placement <b>x</b> is unknown" in dict(refused.value.details)["answer"]


@pytest.mark.parametrize(
    ("url", "token"),
    [
        ("", TOKEN),
        ("javascript:alert(1)", TOKEN),
        ("file:///etc/passwd", TOKEN),
        ("//lms.example", TOKEN),
        ("http://user:pass@lms.example/", TOKEN),
        ("http://lms.example/\r\nX: y", TOKEN),
        ("http://127.0.0.1:1/", "two words"),
        ("http://127.0.0.1:1/", "a\r\nX-Other: b"),
        ("http://127.0.0.1:1/", "é"),
        ("http://127.0.0.1:1/", "x" * 9000),
    ],
)
def test_a_request_that_cannot_be_right_asks_nobody(desk: Desk, url: str, token: str) -> None:
    assert failure(desk, url, token=token) is Failure.REQUEST_UNUSABLE


def test_private_platforms_are_neither_asked_nor_stored_where_they_are_forbidden(desk: Desk, lms: FakeLms) -> None:
    desk.settings = replace(desk.settings, allow_private_platforms=False)
    desk.http = make_session(allow_private=False)
    for url in (lms.configuration_url, lms.configuration_url.replace("http:", "https:"), "https://localhost/c"):
        assert failure(desk, url) is Failure.REQUEST_UNUSABLE
    assert lms.requests == []


def test_an_address_that_answers_privately_is_refused_after_its_name_was_looked_up(desk: Desk, lms: FakeLms) -> None:
    desk.http = make_session(allow_private=False)
    assert failure(desk, lms.configuration_url) is Failure.ADDRESS_PRIVATE
    assert lms.requests == []


def test_two_registrations_with_one_invitation_at_the_same_moment(desk: Desk, lms: FakeLms, settings: Settings) -> None:
    asked = (lms.configuration_url, TOKEN, desk.invite())

    class Meanwhile(requests.Session):
        """A second request that arrives while the first one is under way."""

        def get(self, url, **rest):  # type: ignore[no-untyped-def]
            with pytest.raises(RegistrationFailed) as refused:
                Registrar(desk.database, settings, desk.http, ICON).register(Asked(*asked))
            assert refused.value.cause is Failure.INVITATION_BUSY
            return desk.http.get(url, **rest)

    assert Registrar(desk.database, settings, Meanwhile(), ICON).register(Asked(*asked)).is_new
    assert len(lms.asked(REGISTER)) == 1


def test_an_invitation_withdrawn_while_the_platform_is_asked_stores_nothing(desk: Desk, lms: FakeLms) -> None:
    asked = (lms.configuration_url, TOKEN, desk.invite())

    class Meanwhile(requests.Session):
        def get(self, url, **rest):  # type: ignore[no-untyped-def]
            with desk.database.transaction() as session:
                session.delete(session.merge(desk.invitations()[0]))
            return desk.http.get(url, **rest)

    with pytest.raises(RegistrationFailed) as refused:
        Registrar(desk.database, desk.settings, Meanwhile(), ICON).register(Asked(*asked))
    assert refused.value.cause is Failure.INVITATION_UNKNOWN
    assert desk.registrations() == []


def test_where_nobody_is_invited_a_platform_waits_to_be_allowed_and_only_so_many_do(
    desk: Desk, lms: FakeLms, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.settings = replace(desk.settings, open_registration="approve")
    monkeypatch.setattr(registration, "MOST_WAITING", 1)
    assert desk.register(lms.configuration_url, invitation="").waits
    assert [one.state for one in desk.registrations()] == [PENDING]
    lms.answers[REGISTER] = Answer(201, {"client_id": "client-2"})
    with pytest.raises(RegistrationFailed) as refused:
        desk.register(lms.configuration_url, invitation="")
    assert refused.value.cause is Failure.TOO_MANY_WAIT
    assert not desk.register(lms.configuration_url).waits  # an invitation is leave enough
    assert [one.state for one in desk.registrations()] == [PENDING, ACTIVE]
