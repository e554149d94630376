"""`platforms test`: every step against an LMS over HTTP, and what is wrong in words that help."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from click.testing import CliRunner, Result

from config import clock
from lti_tool.ags import SCOPE_SCORE
from lti_tool.cli import main
from lti_tool.keys import ensure_keys, public_jwks
from lti_tool.models import Context, Deployment, LineItem, ResourceLink, Roster
from lti_tool.registering.diagnosis import of_service_refusal, of_token_refusal
from lti_tool.registering.trial import FAILED, OK, SKIPPED, WARNING, Step, try_platform
from tests.lti_tool.fake_platform import jwk
from tests.registering.conftest import Desk
from tests.registering.platform_server import Answer, FakeLms
from tests.support.factory import make_placement

Try = Callable[[], dict[str, Step]]


@pytest.fixture
def tried(desk: Desk, lms: FakeLms) -> Try:
    """An LMS that is in order, and a function that tries it out: the steps by name."""
    registered = desk.register(lms.configuration_url).registration_id
    desk.settings = replace(desk.settings, base_url=lms.address)  # it serves our key set as well
    with desk.database.transaction() as session:
        ensure_keys(session)
        lms.answers["/lti/jwks"] = Answer(body=public_jwks(session))
    lms.answers["/certs"] = Answer(body={"keys": [jwk("key-1")]})
    lms.answers["/token"] = Answer(body={"access_token": "t", "token_type": "Bearer", "expires_in": 3600})
    return lambda: {step.name: step for step in try_platform(desk.database, desk.settings, registered)}


def test_what_is_not_reached_in_time_is_not_tried_and_that_is_said(desk: Desk, tried: Try) -> None:
    tried()
    steps = list(try_platform(desk.database, desk.settings, 1, seconds=0.0))
    assert [step.name for step in steps] == ["addresses", "time"]
    assert "so the rest was not tried" in steps[-1].text


def states(steps: dict[str, Step]) -> set[str]:
    return {step.state for step in steps.values()}


def test_a_platform_in_order_passes_and_says_that_no_gradebook_is_known_yet(tried: Try) -> None:
    steps = tried()
    assert steps.pop("gradebook").state == steps.pop("list of people").state == SKIPPED
    assert states(steps) == {OK}
    assert all(not step.advice for step in steps.values())


def test_the_gradebook_of_a_known_course_is_read_and_nothing_else(desk: Desk, lms: FakeLms, tried: Try) -> None:
    with desk.database.transaction() as session:
        deployment = session.query(Deployment).one()
        context = Context(deployment_id=deployment.id, lti_context_id="5", created_at=clock.now())
        session.add(context)
        session.flush()
        link = ResourceLink(
            context_id=context.id, lti_resource_link_id="31", created_at=clock.now(),
            placement_id=make_placement(session, item_id="quiz-1").id,
        )  # fmt: skip
        session.add(link)
        session.flush()
        container = f"{lms.address}/lineitems?type_id=7"
        session.add(
            LineItem(resource_link_id=link.id, item_id="quiz-1", container_url=container, updated_at=clock.now())
        )
    with desk.database.transaction() as session:
        session.add(Roster(context_id=session.query(Context).one().id, url=f"{lms.address}/members"))
    lms.answers["/lineitems?type_id=7"] = Answer(body=[{"id": "1"}, {"id": "2"}])
    lms.answers["/members"] = Answer(body={"members": [{"user_id": "17", "roles": ["Learner"], "name": "Ada"}]})
    steps = tried()
    assert steps["list of people"].text.endswith("there are 1.")
    assert steps["gradebook"].state == OK
    assert "2 columns" in steps["gradebook"].text
    (asked,) = lms.asked("/lineitems?type_id=7")
    assert asked.headers["Accept"] == "application/vnd.ims.lis.v2.lineitemcontainer+json"
    lms.answers["/lineitems?type_id=7"] = Answer(401, {})
    lms.answers["/members"] = Answer(404, {})
    steps = tried()
    assert "CGIPassAuth" in steps["gradebook"].advice
    assert steps["list of people"].state == WARNING
    assert "Ada" not in str(steps)


def test_keys_that_cannot_be_had_are_named(lms: FakeLms, tried: Try) -> None:
    lms.answers["/certs"] = Answer(404, {})
    assert tried()["platform keys"].state == FAILED
    lms.answers["/certs"] = Answer(body={"keys": []})
    assert "no RS256 key" in tried()["platform keys"].text


def test_a_key_of_ours_that_nobody_can_see_is_named(lms: FakeLms, tried: Try) -> None:
    lms.answers["/lti/jwks"] = Answer(body={"keys": [{"kid": "another"}]})
    assert tried()["our keys"].state == FAILED
    lms.answers["/lti/jwks"] = Answer(body=b"<html>")
    assert tried()["our keys"].state == FAILED
    lms.answers["/lti/jwks"] = Answer()
    assert tried()["our keys"].state == WARNING  # this machine may be the only one that cannot reach it


def test_clocks_that_differ_are_told_apart_by_what_they_harm(tried: Try, monkeypatch: pytest.MonkeyPatch) -> None:
    real = clock.now
    for seconds, state in ((20, WARNING), (300, FAILED), (-300, FAILED)):
        monkeypatch.setattr(clock, "now", lambda seconds=seconds: real() + timedelta(seconds=seconds))
        assert tried()["clock"].state == state


def test_a_service_that_is_not_allowed_is_told_from_a_platform_that_gives_no_token(lms: FakeLms, tried: Try) -> None:
    lms.answers["/token"] = Answer(400, {"error": "invalid_scope"})
    steps = tried()
    assert steps["token for sending grades"].state == FAILED
    assert steps["token for reading the list of people"].state == WARNING
    lms.answers["/token"] = Answer(400, {"error": "invalid_client", "error_description": "Unknown client"})
    steps = tried()
    assert "token for reading the list of people" not in steps
    assert "gradebook" not in steps
    assert "activate the tool" in steps["token for sending grades"].advice


def test_each_try_asks_for_fresh_tokens(lms: FakeLms, tried: Try) -> None:
    tried()
    before = len(lms.asked("/token"))
    tried()
    bodies = [request.body.decode() for request in lms.asked("/token")[before:]]
    assert len(bodies) == 4
    assert any(SCOPE_SCORE.rpartition("/")[2] in body for body in bodies)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(), "no connection"),
        (Answer(200, b"<html>Log in</html>", content_type="text/html"), "not with a token"),
        (Answer(200, {"expires_in": 3600}), "token"),
        (Answer(302, b"", location="/elsewhere"), "HTTP 302"),
        (Answer(503, b"busy"), "HTTP 503"),
    ],
)
def test_a_token_address_that_gives_none(lms: FakeLms, tried: Try, answer: Answer, words: str) -> None:
    lms.answers["/token"] = answer
    step = tried()["token for sending grades"]
    assert step.state == FAILED
    assert words in step.text
    assert step.advice


@pytest.mark.parametrize(
    ("status", "body", "advice"),
    [
        (404, "<html>jwks_helper::fix_jwks_alg(): Argument #1 ($jwks) must be of type array, null given", "cURL"),
        (400, '{"error":"invalid_scope"}', "does not allow"),
        (400, '{"error":"invalid_request","error_description":"the \'aud\' is invalid"}', "--auth-audience"),
        (400, '{"error":"JWS signature invalid."}', "/lti/jwks"),
        (400, '{"error":"JWK Error: Invalid JSON"}', "/lti/jwks"),
        (400, '{"error":"Cannot handle token prior to 2026-11-22T10:00:00+0000"}', "NTP"),
        (400, '{"error":"Expired token"}', "NTP"),
        (401, '{"error":"invalid_client","error_description":"unknown client"}', "client id"),
        (401, '{"error":"Invalid Developer Key"}', "ON"),
        (404, "not found", "wrong one"),
        (500, "", "try again later"),
        (418, "", "log"),
    ],
)
def test_what_a_token_endpoint_says_names_what_is_wrong(status: int, body: str, advice: str) -> None:
    found = of_token_refusal(status, body)
    assert advice in found.advice
    assert f"HTTP {status}" in found.fault
    assert "<" not in found.fault


@pytest.mark.parametrize(
    ("status", "advice"), [(400, "PATH_INFO"), (401, "Authorization"), (404, "gone"), (503, "later")]
)
def test_what_a_service_answers_names_what_is_wrong(status: int, advice: str) -> None:
    assert advice in of_service_refusal("gradebook", f"service_{status}", status).advice


@pytest.fixture
def run(desk: Desk, lms: FakeLms, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    for name, value in {
        "DATA_DIR": str(desk.settings.data_dir), "DATABASE_URL": desk.settings.database_url, "BASE_URL": lms.address,
    }.items():  # fmt: skip
        monkeypatch.setenv(f"COURSEWRIGHT_{name}", value)
    return lambda *words: CliRunner().invoke(main, ["platforms", *words])


def test_the_command_prints_every_step_and_ends_with_the_verdict(
    run: Callable[..., Result], tried: Try, lms: FakeLms
) -> None:
    assert tried
    well = run("test", "1")
    assert well.exit_code == 0, well.output
    assert "token for sending grades" in well.output
    lms.answers["/token"] = Answer(404, b"jwks_helper", content_type="text/html")
    broken = run("test", "1", "--json")
    assert broken.exit_code == 1
    said = json.loads(broken.output)
    assert (said["ok"], said["name"]) == (False, "Our LMS")
    assert run("test", "99").exit_code == 1


def test_invitations_are_made_listed_used_and_withdrawn_by_command(
    run: Callable[..., Result], desk: Desk, lms: FakeLms
) -> None:
    made = json.loads(run("invite", "--name", "Physics", "--expires-hours", "5", "--json").stdout)
    address, token = made["url"].split("?invitation=")
    assert address == f"{lms.address}/lti/register"
    assert run("invite", "--name", "x").stdout.startswith(address)
    assert desk.register(lms.configuration_url, invitation=token).name == "Physics"
    listed = json.loads(run("invitations", "--json").output)
    assert [(one["name"], one["state"]) for one in listed] == [("Physics", "used"), ("x", "open")]
    assert run("revoke", "1").exit_code == 1
    assert run("revoke", "2").exit_code == 0
    assert "Physics" in run("invitations").output
    assert run("invite", "--name", " ").exit_code == 2
    assert run("invite", "--name", "x", "--platform", "99").exit_code == 1
    assert run("invite", "--name", "x", "--platform", "1").exit_code == 0
