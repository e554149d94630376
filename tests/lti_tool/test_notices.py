"""Notices that a course was copied: believed as a launch is, taken once, and no more than a first launch would do."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import requests
from sqlalchemy import func, select

from config import clock
from config.database import Database
from config.task_queue import TEND_NOTICES
from course.policies import override_of, set_override
from lti_tool.admission import admit
from lti_tool.causes import Cause
from lti_tool.errors import LaunchRefused
from lti_tool.expiry import forget_expired
from lti_tool.launch import Launch
from lti_tool.models import Context, Deployment, NoticeHandler, ReceivedNotice, Registration
from lti_tool.notices import handlers, receiving
from lti_tool.notices.checking import check_notice
from lti_tool.notices.handlers import want_handler
from lti_tool.notices.receiving import Received, Unreadable, receive, tokens_of
from lti_tool.notices.tending import NoticeTender
from tests.lti_tool.conftest import Clock, Tool
from tests.lti_tool.fake_platform import BASE_URL, Platform, encode
from tests.support.factory import BUILT_IN, QUIZ

DATES = {"due_at": "2026-01-31T23:59:00+00:00", "attempts": 2}
NO_LAUNCH = dict.fromkeys(("sub", "name", "MESSAGE_TYPE", "TARGET_LINK_URI", "RESOURCE_LINK", "ROLES"), ...)
HANDLER = f"{BASE_URL}/lti/notices"
SERVICE = "https://lms.example/notice-handlers/7"


def notice(platform: Platform, **changes: Any) -> str:
    """A notice as Canvas makes it: nobody's, of no link, and good for an hour."""
    whole = {
        **NO_LAUNCH,
        "exp": int(clock.now().timestamp()) + 3600,
        "azp": platform.client_id,
        "NOTICE": {"id": str(uuid4()), "timestamp": "2026-01-01T00:00:00Z", "type": "LtiContextCopyNotice"},
        "CONTEXT": {"id": "copy", "title": "Copy"},
        "ORIGIN_CONTEXTS": ["5"],
        **changes,
    }
    header = whole.pop("header", None)
    return platform.token(whole.pop("nonce", str(uuid4())), header=header, **whole)


@pytest.fixture
def original(tool: Tool, platform: Platform, database: Database) -> Launch:
    """A course with rules, opened once."""
    launch = tool.launch(platform)
    with database.transaction() as session:
        admitted = admit(session, launch, course_id=BUILT_IN.id, item_id=QUIZ.id)
        set_override(session, admitted.placement.context_key, BUILT_IN, QUIZ, DATES)
    return replace(launch, notices_url=SERVICE)


def arrive(tool: Tool, *tokens: str) -> Received:
    return receive(tool.database, tool.http, list(tokens))


def work(tool: Tool) -> list[str | None]:
    """Let a worker do what is due; what came of each notice that is still kept."""
    NoticeTender(tool.database, tool.http, BASE_URL).tend()
    with tool.database.reading() as session:
        return list(session.scalars(select(ReceivedNotice.effect).order_by(ReceivedNotice.id)))


def rules(database: Database, lti_context_id: str) -> dict[str, Any] | None:
    """Those of a course of the platform's, None if it is not known."""
    with database.reading() as session:
        context = session.scalar(select(Context.id).where(Context.lti_context_id == lti_context_id))
        return None if context is None else override_of(session, f"context-{context}", BUILT_IN.id, QUIZ.id)


@pytest.mark.usefixtures("original")
def test_a_copy_has_the_rules_before_anybody_opens_it(tool: Tool, platform: Platform, database: Database) -> None:
    assert arrive(tool, notice(platform)) == Received(good=1, stored=1, refused=())
    assert rules(database, "copy") is None
    assert work(tool) == ["carried"]
    assert rules(database, "copy") == DATES
    launch = replace(tool.launch(platform), context_id="copy", custom={"context_history": "5"})
    with database.transaction() as session:
        admitted = admit(session, launch, course_id=BUILT_IN.id, item_id=QUIZ.id)
        set_override(session, admitted.placement.context_key, BUILT_IN, QUIZ, {"attempts": 7})
    arrive(tool, notice(platform))  # imported into once more
    work(tool)
    assert rules(database, "copy") == {**DATES, "attempts": 7}


def test_a_notice_has_its_effect_once(tool: Tool, platform: Platform, original: Launch) -> None:
    token = notice(platform)
    assert [arrive(tool, token).stored for _ in range(3)] == [1, 0, 0]
    assert arrive(tool, token, token) == Received(good=2, stored=0, refused=())
    assert work(tool) == ["carried"]
    assert work(tool) == ["carried"]


def test_a_nonce_is_good_for_one_notice(tool: Tool, platform: Platform, original: Launch) -> None:
    answers = [arrive(tool, notice(platform, nonce="the same")) for _ in range(2)]
    assert [one.refused for one in answers] == [(), (Cause.NONCE_REPLAYED,)]


@pytest.mark.usefixtures("original")
@pytest.mark.parametrize(
    "changes",
    [
        {"ORIGIN_CONTEXTS": ["never opened"]},
        {"ORIGIN_CONTEXTS": []},
        {"ORIGIN_CONTEXTS": ...},
        {"ORIGIN_CONTEXTS": ["copy"]},
        {"CONTEXT": ...},
    ],
    ids=str,
)
def test_a_notice_of_courses_that_we_do_not_know_leaves_no_course(
    tool: Tool, platform: Platform, database: Database, changes: dict[str, Any]
) -> None:
    assert arrive(tool, notice(platform, **changes)).stored == 1
    assert work(tool) == ["nothing_to_do"]
    assert rules(database, "copy") is None


@pytest.mark.usefixtures("original")
def test_another_kind_of_notice_is_good_and_of_no_use(tool: Tool, platform: Platform) -> None:
    hello = {"id": "1", "timestamp": "2026-01-01T00:00:00Z", "type": "LtiHelloWorldNotice"}
    assert arrive(tool, notice(platform, NOTICE=hello)) == Received(good=1, stored=0, refused=())


@pytest.mark.usefixtures("original")
@pytest.mark.parametrize(
    ("cause", "changes"),
    [
        (Cause.TOKEN_ALGORITHM, {"header": {"alg": "none"}}),
        (Cause.TOKEN_EMBEDDED_KEY, {"header": {"jku": "https://evil.example/jwks"}}),
        (Cause.KID_MISSING, {"header": {"kid": ...}}),
        (Cause.KID_UNKNOWN, {"header": {"kid": "another"}}),
        (Cause.UNKNOWN_REGISTRATION, {"iss": "https://evil.example"}),
        (Cause.UNKNOWN_REGISTRATION, {"iss": "\ud800"}),
        (Cause.ISSUER, {"iss": ...}),
        (Cause.UNKNOWN_REGISTRATION, {"aud": "somebody", "azp": ...}),
        (Cause.AUDIENCE, {"aud": "somebody"}),
        (Cause.AUDIENCE, {"aud": ["a", "b"], "azp": ...}),
        (Cause.AUDIENCE, {"aud": ..., "azp": ...}),
        (Cause.UNKNOWN_REGISTRATION, {"aud": ["client-1", "somebody"], "azp": "somebody"}),
        (Cause.EXP_MISSING, {"exp": ...}),
        (Cause.EXPIRED, {"exp": 1}),
        (Cause.IAT_MISSING, {"iat": ...}),
        (Cause.IAT_OLD, {"iat": 1}),
        (Cause.IAT_FUTURE, {"iat": 4_000_000_000}),
        (Cause.VERSION, {"VERSION": "1.1"}),
        (Cause.DEPLOYMENT_MISSING, {"DEPLOYMENT_ID": ...}),
        (Cause.DEPLOYMENT_REFUSED, {"DEPLOYMENT_ID": "unknown"}),
        (Cause.NONCE_MISSING, {"nonce": ""}),
        (Cause.CLAIM_TYPE, {"NOTICE": ...}),
        (Cause.CLAIM_TYPE, {"NOTICE": {"id": "x" * 256, "type": "LtiContextCopyNotice"}}),
        (Cause.CLAIM_TYPE, {"NOTICE": {"id": "1"}}),
        (Cause.CLAIM_TYPE, {"CONTEXT": {"title": "no id"}}),
        (Cause.CLAIM_TYPE, {"ORIGIN_CONTEXTS": [5]}),
        (Cause.CLAIM_TYPE, {"ORIGIN_CONTEXTS": "5"}),
    ],
    ids=str,
)
def test_a_notice_is_checked_as_a_launch_is(
    tool: Tool, platform: Platform, cause: Cause, changes: dict[str, Any]
) -> None:
    with pytest.raises(LaunchRefused) as caught:
        check_notice(tool.database, tool.http, notice(platform, **changes))
    assert caught.value.cause is cause


def test_a_notice_that_was_changed_or_signed_by_another_is_refused(
    tool: Tool, platform: Platform, original: Launch
) -> None:
    header, payload, signature = notice(platform).split(".")
    forged = f"{header}.{encode({'iss': platform.issuer, 'aud': platform.client_id})}.{signature}"
    by_another = notice(replace(platform, key_number=1))
    refused = arrive(tool, forged, by_another, "a.b.c", f"{header}.{payload}.").refused
    assert refused == (Cause.SIGNATURE, Cause.SIGNATURE, Cause.TOKEN_MALFORMED, Cause.SIGNATURE)


@pytest.mark.usefixtures("original")
def test_one_bad_notice_keeps_no_good_one_away(tool: Tool, platform: Platform) -> None:
    answer = arrive(tool, notice(platform), "a.b.c", notice(platform))
    assert answer == Received(good=2, stored=2, refused=(Cause.TOKEN_MALFORMED,))


@pytest.mark.usefixtures("original")
def test_no_platform_fills_our_tables(
    tool: Tool, platform: Platform, monkeypatch: pytest.MonkeyPatch, stopped_clock: Clock
) -> None:
    monkeypatch.setattr(receiving, "MOST_WAITING", 2)
    assert arrive(tool, *(notice(platform) for _ in range(4))) == Received(good=4, stored=2, refused=())
    stopped_clock.advance(days=31)
    with tool.database.transaction() as session:
        forget_expired(session)
        assert session.scalar(select(func.count()).select_from(ReceivedNotice)) == 0


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"notices": []}', b'{"notices": {}}', b'{"notices": [1]}', b'{"notices": [{"jwt": 1}]}',
     b"[" * 100_000, b'{"notices": [' + b'{"jwt": "a"},' * 100 + b'{"jwt": "a"}]}'],
    ids=lambda body: body[:20].decode(),
)  # fmt: skip
def test_a_body_that_is_no_list_of_notices_is_refused(body: bytes) -> None:
    with pytest.raises(Unreadable):
        tokens_of(body)


def wanted(database: Database, launch: Launch, handler: str = HANDLER) -> bool:
    with database.transaction() as session:
        return want_handler(session, launch, handler)


def told(database: Database, handler: str = HANDLER) -> None:
    """A worker has registered our handler."""
    with database.transaction() as session:
        (deployment_id,) = handlers.due_ids(session)
        telling = handlers.claim(session, deployment_id)
        assert telling is not None
        assert handlers.claim(session, deployment_id) is None  # another worker
        assert telling.url
        handlers.note_told(session, telling, handler)


def test_a_handler_is_registered_once_and_anew_when_that_is_needed(
    database: Database, original: Launch, stopped_clock: Clock
) -> None:
    assert not wanted(database, replace(original, notices_url=None))
    assert wanted(database, original)
    assert not wanted(database, original)  # it is on its way
    told(database)
    assert not wanted(database, original)
    assert wanted(database, original, "https://moved.example/lti/notices")
    told(database, "https://moved.example/lti/notices")
    assert not wanted(database, original, "https://moved.example/lti/notices")
    assert wanted(database, replace(original, notices_url=f"{SERVICE}8"))
    told(database)
    stopped_clock.advance(days=6)
    assert not wanted(database, replace(original, notices_url=f"{SERVICE}8"))
    stopped_clock.advance(days=2)
    assert wanted(database, replace(original, notices_url=f"{SERVICE}8"))


def test_a_platform_that_takes_no_handler_is_asked_again_some_times_and_then_by_launches(
    database: Database, original: Launch, stopped_clock: Clock
) -> None:
    assert wanted(database, original)
    for _ in range(handlers.MOST_TRIES):
        with database.transaction() as session:
            (due,) = handlers.due_ids(session)
            telling = handlers.claim(session, due)
            assert telling is not None
            handlers.note_failed(session, telling, "service_503", is_retryable=True)
            assert handlers.due_ids(session) == []
        stopped_clock.advance(hours=18)
    with database.reading() as session:
        assert handlers.due_ids(session) == []
    assert not wanted(database, original)
    stopped_clock.advance(hours=7)
    assert wanted(database, original)


def test_a_worker_writes_down_that_a_platform_did_not_answer(
    database: Database, original: Launch, http: requests.Session
) -> None:
    wanted(database, original)
    NoticeTender(database, http, BASE_URL).tend()
    with database.reading() as session:
        row = session.scalars(select(NoticeHandler)).one()
        assert row.told_at is None
        assert (row.cause or "").startswith("token_no_answer")
        assert row.next_try_at is not None
        assert row.next_try_at > clock.now() + timedelta(seconds=30)
    assert TEND_NOTICES.queue == "roster"


def test_a_platform_that_is_switched_off_is_told_nothing_and_not_heard(
    tool: Tool, platform: Platform, database: Database, original: Launch
) -> None:
    assert wanted(database, original)
    with database.transaction() as session:
        session.scalars(select(Registration)).one().state = "disabled"
    assert arrive(tool, notice(platform)).refused == (Cause.REGISTRATION_DISABLED,)
    with database.transaction() as session:
        assert handlers.due_ids(session) == []
        session.scalars(select(Registration)).one().state = "active"
        session.scalars(select(Deployment)).one().state = "disabled"
    assert arrive(tool, notice(platform)).refused == (Cause.DEPLOYMENT_DISABLED,)
    with database.reading() as session:
        assert handlers.due_ids(session) == []
