"""A score on its way over real HTTP: what is sent, and what each answer of a platform leads to."""

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests

from config import clock, outbound
from config.database import Database
from config.leases import LeaseKeeper
from lti_tool import delivery, outbox
from lti_tool.ags import SCOPE_RESULT, SCOPE_SCORE, SCORE_TYPE, below
from lti_tool.delivery import Deliverer
from lti_tool.models import LineItem
from tests.support.factory import Classroom
from tests.support.stack import wait_until
from tests.workers.cells import Cell, claim, make_cell
from tests.workers.conftest import TOOL, MovedClock
from tests.workers.platform_server import Answer, PlatformServer

READS = {"scopes": [SCOPE_SCORE, SCOPE_RESULT]}
pytestmark = pytest.mark.usefixtures("moved_clock")


def cell_at(
    server: PlatformServer, database: Database, sub: str = "ada", client: str = "client-1", **column: Any
) -> Cell:
    column = {"url": server.line_item_url, **column}
    return make_cell(database, sub, column, **server.registration(client))


@pytest.fixture
def cell(server: PlatformServer, sqlite_database: Database) -> Cell:
    """A cell whose column may not be read."""
    return cell_at(server, sqlite_database)


@pytest.fixture
def readable(server: PlatformServer, sqlite_database: Database) -> Cell:
    """A cell whose column may be read."""
    return cell_at(server, sqlite_database, **READS)


def teacher_typed(server: PlatformServer, points: float, later: float = 60) -> None:
    """The gradebook holds another score, with a stamp that is later than ours."""
    stamp = clock.whole_second(clock.now()) + timedelta(seconds=later)
    server.held["ada"] = {"scoreGiven": points, "scoreMaximum": 5, "timestamp": clock.isoformat(stamp)}


# What is sent


@pytest.mark.parametrize(
    ("line_item", "wanted"),
    [
        ("https://lms.example/1/lineitem?type_id=1", "https://lms.example/1/lineitem/scores?type_id=1"),
        ("https://lms.example/1/lineitem", "https://lms.example/1/lineitem/scores"),
        ("https://lms.example/1/lineitem/", "https://lms.example/1/lineitem/scores"),
        ("https://lms.example/services.php/2/lineitems/3/lineitem?a=1&a=2&b=",
         "https://lms.example/services.php/2/lineitems/3/lineitem/scores?a=1&a=2&b="),
        ("https://lms.example:8443/x%2Fy?q=%26%3D", "https://lms.example:8443/x%2Fy/scores?q=%26%3D"),
    ],
)  # fmt: skip
def test_the_way_to_scores_goes_into_the_path_and_the_query_stays(line_item: str, wanted: str) -> None:
    assert below(line_item, "scores") == wanted


def test_the_way_to_results_adds_the_user_to_the_query() -> None:
    url = below("https://lms.example/1?type_id=1", "results", user_id="a&b=c d")
    assert url.startswith("https://lms.example/1/results?")
    assert parse_qs(url.partition("?")[2]) == {"type_id": ["1"], "user_id": ["a&b=c d"]}


def test_a_score_is_sent_as_it_was_written_and_then_delivered(
    cell: Cell, server: PlatformServer, deliverer: Deliverer
) -> None:
    row_id = cell.must_owe("3.3333")
    deliverer.deliver(row_id)
    (post,) = server.posts
    assert (post.path, post.query) == ("/lineitems/1/lineitem/scores", {"type_id": ["1"], "x": ["a b"]})
    assert post.headers["Content-Type"] == SCORE_TYPE
    row = cell.row(row_id)
    assert post.body == row.body.encode()
    assert post.score["gradingProgress"] == "FullyGraded"
    assert (row.state, row.tries, row.cause, row.lease_until) == ("delivered", 1, None, None)
    assert row.delivered_at == clock.now()


def test_a_delivered_score_is_not_sent_again(cell: Cell, server: PlatformServer, deliverer: Deliverer) -> None:
    row_id = cell.must_owe(3)
    for _ in range(3):
        deliverer.deliver(row_id)
    assert len(server.posts) == 1


def test_eight_workers_at_one_row_post_it_once(
    server: PlatformServer, database: Database, http: requests.Session
) -> None:
    cell = cell_at(server, database)
    row_id = cell.must_owe(3)
    workers = [Deliverer(database, http, TOOL) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda worker: worker.deliver(row_id), workers))
    assert len(server.posts) == 1
    assert cell.states() == ["delivered"]


def test_a_class_that_hands_in_at_once_is_delivered_though_nobody_has_a_token_yet(
    server: PlatformServer, database: Database, http: requests.Session
) -> None:
    with database.transaction() as session:
        room = Classroom(session, **server.registration())
        room.line_item.url = server.line_item_url
        cells = [Cell(database, room, f"learner-{number}") for number in range(8)]
    barrier = threading.Barrier(8)
    give_token = server.give_token

    def all_ask_together(form: dict[str, list[str]]) -> Answer:
        return replace(give_token(form), wait=lambda: barrier.wait(10))

    server.give_token = all_ask_together  # type: ignore[method-assign]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(Deliverer(database, http, TOOL).deliver, [cell.must_owe(3) for cell in cells]))
    assert [cell.states() for cell in cells] == [["delivered"]] * 8


def test_a_call_that_outlasts_its_lease_keeps_its_row(
    cell: Cell, server: PlatformServer, deliverer: Deliverer, moved_clock: MovedClock
) -> None:
    deliverer._keeper = LeaseKeeper(cell.database, timedelta(milliseconds=20), outbox.renew_leases)
    answered = threading.Event()
    server.score_answers.append(Answer(wait=lambda: answered.wait(20), write=True))
    row_id = cell.must_owe(3)
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(deliverer.deliver, row_id)
        wait_until("the score is being sent", lambda: server.posts)
        try:
            for _ in range(3):
                moved_clock.move(4)
                renewed = clock.now() + outbox.LEASE
                wait_until("the lease is renewed", lambda until=renewed: cell.row(row_id).lease_until == until)
                assert claim(cell.database, row_id) is None
        finally:
            answered.set()
        sending.result(20)
    assert cell.states() == ["delivered"]
    assert len(server.posts) == 1


def test_the_lease_ends_with_the_call(cell: Cell, server: PlatformServer, deliverer: Deliverer) -> None:
    server.score_answers.append(Answer(500))
    row_id = cell.must_owe(3)
    deliverer.deliver(row_id)
    assert cell.row(row_id).lease_until is None
    assert deliverer._keeper._owners == set()


# Tokens


def test_one_token_serves_many_scores_until_it_is_about_to_end(
    cell: Cell, server: PlatformServer, deliverer: Deliverer, moved_clock: MovedClock
) -> None:
    for points in (1, 2):
        deliverer.deliver(cell.must_owe(points))
        moved_clock.move(2)
    assert server.token_requests == [("client-1", SCOPE_SCORE)]
    moved_clock.move(3600 - 300 - 4 - 1)
    deliverer.deliver(cell.must_owe(3))
    assert len(server.token_requests) == 1
    moved_clock.move(2)
    deliverer.deliver(cell.must_owe(4))
    assert len(server.token_requests) == 2
    assert cell.states() == ["delivered"] * 4


def test_a_refused_token_is_fetched_anew_once_and_the_score_arrives(
    cell: Cell, server: PlatformServer, deliverer: Deliverer, moved_clock: MovedClock
) -> None:
    deliverer.deliver(cell.must_owe(1))
    server.revoke_tokens()
    moved_clock.move(2)
    row_id = cell.must_owe(2)
    deliverer.deliver(row_id)
    assert cell.row(row_id).state == "delivered"
    assert len(server.token_requests) == 2
    first, refused, again = server.posts
    assert refused.body == again.body != first.body


def test_a_platform_that_refuses_every_token_is_asked_twice_and_no_more(
    cell: Cell, server: PlatformServer, deliverer: Deliverer
) -> None:
    server.score_answers.extend([Answer(401)] * 5)
    row_id = cell.must_owe(1)
    deliverer.deliver(row_id)
    assert (len(server.posts), len(server.token_requests)) == (2, 2)
    assert (cell.row(row_id).state, cell.row(row_id).cause) == ("stuck", "service_401")


def test_two_registrations_of_one_issuer_never_share_a_token(
    server: PlatformServer, sqlite_database: Database, deliverer: Deliverer
) -> None:
    schools = [cell_at(server, sqlite_database, sub=f"ada-{c}", client=f"school-{c}") for c in ("a", "b")]
    for school in schools:
        deliverer.deliver(school.must_owe(3))
    assert server.token_requests == [("school-a", SCOPE_SCORE), ("school-b", SCOPE_SCORE)]
    assert [post.client_id for post in server.posts] == ["school-a", "school-b"]


def test_each_scope_has_a_token_of_its_own_that_asks_for_nothing_else(
    readable: Cell, server: PlatformServer, deliverer: Deliverer
) -> None:
    server.score_answers.append(Answer(409))
    deliverer.deliver(readable.must_owe(3))
    assert server.token_requests == [("client-1", SCOPE_SCORE), ("client-1", SCOPE_RESULT)]


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500), Answer(503), Answer(429), Answer(302, {"Location": "/elsewhere"}), Answer(cut=True),
        Answer(200, body=b"<h1>Back soon</h1>"), Answer(200), Answer(200, body=b"[]"), Answer(200, body=b'"text"'),
        Answer(200, body=b"null"), Answer(200, body=b"{}"), Answer(200, body=b'{"access_token": null}'),
        Answer(200, body=b'{"access_token": 17}'),
        Answer(200, body=b'{"access_token": {"a": 1}}'), Answer(200, body=b'{"access_token": "a\\u2603b"}'),
        Answer(200, body=b'{"access_token": "a\\r\\nX: y"}'), Answer(200, body=b'{"access_token": "a\\u0000b"}'),
        Answer(200, body=b'{"access_token": "a", "expires_in": "soon"}'),
        Answer(200, body=b'{"access_token": "a", "expires_in": NaN}'),
        Answer(200, body=b'{"access_token": "a", "expires_in": [1]}'), Answer(200, body=b"x" * 1_000_001),
    ],
    ids=lambda answer: "cut" if answer.cut else f"{answer.status}-{answer.body[:44].decode()}",
)  # fmt: skip
def test_a_token_address_that_talks_nonsense_is_tried_again_later(
    cell: Cell, server: PlatformServer, deliverer: Deliverer, moved_clock: MovedClock, answer: Answer
) -> None:
    server.token_answers.append(answer)
    row_id = cell.must_owe(3)
    deliverer.deliver(row_id)
    row = cell.row(row_id)
    assert (row.state, server.posts) == ("pending", [])
    assert row.cause is not None
    assert row.cause.startswith("token_")
    assert row.next_try_at > clock.now()
    moved_clock.move_to(row.next_try_at)
    deliverer.deliver(row_id)
    assert cell.row(row_id).state == "delivered"


@pytest.mark.parametrize("expires_in", ["0", "null", "-5", '"3600"', "1e30", "2"])
def test_any_lifetime_of_a_token_is_lived_with(
    cell: Cell, server: PlatformServer, deliverer: Deliverer, expires_in: str
) -> None:
    server._clients["mine"] = "client-1"
    server.token_answers.append(Answer(200, body=f'{{"access_token": "mine", "expires_in": {expires_in}}}'.encode()))
    deliverer.deliver(cell.must_owe(3))
    assert cell.states() == ["delivered"]


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_platform_that_gives_no_token_is_asked_again_later(
    cell: Cell, server: PlatformServer, deliverer: Deliverer, moved_clock: MovedClock, status: int
) -> None:
    """It may only have failed to fetch our key set, because our web process was being started again."""
    server.token_answers.append(Answer(status, body=b'{"error": "invalid_client"}'))
    row_id = cell.must_owe(3)
    deliverer.deliver(row_id)
    row = cell.row(row_id)
    assert (row.state, row.cause, server.posts) == ("pending", f"token_{status}", [])
    moved_clock.move_to(row.next_try_at)
    deliverer.deliver(row_id)
    assert cell.states() == ["delivered"]


# Answers that waiting may cure

THROTTLED = Answer(403, body=b"403 Forbidden (Rate Limit Exceeded)")


@pytest.mark.parametrize(
    "trouble",
    [
        (Answer(429), "service_throttled"),
        (THROTTLED, "service_throttled"),
        (Answer(408), "service_408"),
        (Answer(425), "service_425"),
        (Answer(500), "service_500"),
        (Answer(502, body=b"<html>"), "service_502"),
        (Answer(503), "service_503"),
        (Answer(504), "service_504"),
        (Answer(301, {"Location": "https://lms.example/scores"}), "service_301"),
        (Answer(302, {"Location": "/scores"}), "service_302"),
        (Answer(307, {"Location": "/token"}), "service_307"),
        (Answer(cut=True), "service_no_answer_ConnectionError"),
        (Answer(200, {"Content-Length": "50"}, b"x"), "service_no_answer_ConnectionError"),
        (Answer(200, {"Content-Encoding": "gzip"}, b"no gzip"), "service_no_answer_"),
        (Answer(200, body=b"x" * 1_000_001), "service_no_answer_BodyTooLarge"),
    ],
    ids=lambda trouble: trouble[1],
)
def test_a_platform_in_trouble_is_tried_again_with_the_same_bytes(
    cell: Cell,
    server: PlatformServer,
    deliverer: Deliverer,
    moved_clock: MovedClock,
    trouble: tuple[Answer, str],
) -> None:
    answer, cause = trouble
    server.score_answers.append(answer)
    row_id = cell.must_owe(3)
    deliverer.deliver(row_id)
    row = cell.row(row_id)
    assert (row.state, row.lease_until, len(server.posts)) == ("pending", None, 1)
    assert row.cause is not None
    assert row.cause.startswith(cause)
    assert timedelta(seconds=4) <= row.next_try_at - clock.now() <= timedelta(seconds=6)
    deliverer.deliver(row_id)
    assert len(server.posts) == 1, "tried again before its time"
    moved_clock.move_to(row.next_try_at)
    deliverer.deliver(row_id)
    first, second = server.posts
    assert first.body == second.body
    assert cell.states() == ["delivered"]


def test_a_platform_that_does_not_answer_in_time_is_tried_again(
    cell: Cell, server: PlatformServer, deliverer: Deliverer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound, "READ_SECONDS", 0.2)
    late = threading.Event()
    server.score_answers.append(Answer(wait=lambda: late.wait(20)))
    deliverer.deliver(cell.must_owe(3))
    late.set()
    (row,) = cell.rows()
    assert (row.state, row.cause) == ("pending", "service_no_answer_ReadTimeout")


@pytest.mark.parametrize("where", ["token", "scores"])
def test_a_platform_that_refuses_connections_is_tried_again(
    server: PlatformServer, sqlite_database: Database, deliverer: Deliverer, where: str
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound, so nobody else's, but not listening
        nowhere = f"http://127.0.0.1:{closed.getsockname()[1]}"
        values = server.registration() | ({"auth_token_url": f"{nowhere}/token"} if where == "token" else {})
        cell = make_cell(sqlite_database, "ada", {"url": f"{nowhere}/1?type_id=1"}, **values)
        deliverer.deliver(cell.must_owe(3))
    (row,) = cell.rows()
    what = "token" if where == "token" else "service"
    assert (row.state, row.cause) == ("pending", f"{what}_no_answer_ConnectionError")


WAITS = [
    ("120", (120, 120)),
    ("1", (4, 6)),
    ("86400", (3600, 3600)),
    ("9" * 400, (3600, 3600)),
    ("-7", (4, 6)),
    ("soon", (4, 6)),
    ("Wed, 21 Oct 2015 07:28:00 GMT", (4, 6)),
    ("²", (4, 6)),
]


@pytest.mark.parametrize("asked", [(status, *wait) for status in (429, 503) for wait in WAITS], ids=str)
def test_the_wait_a_platform_asks_for_is_kept_up_to_an_hour(
    cell: Cell,
    server: PlatformServer,
    deliverer: Deliverer,
    asked: tuple[int, str, tuple[float, float]],
) -> None:
    status, retry_after, (least, most) = asked
    server.score_answers.append(Answer(status, {"Retry-After": retry_after}))
    deliverer.deliver(cell.must_owe(3))
    assert least <= (cell.rows()[0].next_try_at - clock.now()).total_seconds() <= most


# Answers that waiting does not cure


@pytest.mark.parametrize("status", [400, 403, 404, 405, 410, 412, 422])
def test_a_refused_score_is_set_aside_with_its_cause(
    cell: Cell, server: PlatformServer, deliverer: Deliverer, moved_clock: MovedClock, status: int
) -> None:
    server.score_answers.append(Answer(status, body=b'{"errors": "User not found in course or is not a student"}'))
    row_id = cell.must_owe(3)
    deliverer.deliver(row_id)
    row = cell.row(row_id)
    assert (row.state, row.cause, row.lease_until) == ("stuck", f"service_{status}", None)
    moved_clock.move(86_400)
    deliverer.deliver(row_id)
    assert len(server.posts) == 1


def test_a_score_without_a_column_waits_for_the_launch_that_names_one(
    server: PlatformServer, sqlite_database: Database, deliverer: Deliverer
) -> None:
    cell = cell_at(server, sqlite_database, url=None)
    row_id = cell.must_owe(0)
    deliverer.deliver(row_id)
    assert (cell.row(row_id).state, cell.row(row_id).cause) == ("stuck", "no_line_item")
    assert (server.posts, server.token_requests) == ([], [])
    with sqlite_database.transaction() as session:
        session.get_one(LineItem, cell.line_item_id).url = server.line_item_url
    assert cell.wake()
    deliverer.deliver(row_id)
    assert cell.states() == ["delivered"]
    assert server.held["ada"]["scoreGiven"] == 0


def test_a_fault_of_our_own_is_tried_again_ever_later_and_not_at_every_sweep(
    cell: Cell, server: PlatformServer, deliverer: Deliverer, monkeypatch: pytest.MonkeyPatch, moved_clock: MovedClock
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(delivery, "post_score", lambda *_: 1 / 0)
        row_id = cell.must_owe(3)
        deliverer.deliver(row_id)
    row = cell.row(row_id)
    assert (row.state, row.cause) == ("pending", "failed_ZeroDivisionError")
    assert row.next_try_at > clock.now() + timedelta(seconds=3)
    moved_clock.move_to(row.next_try_at)
    deliverer.deliver(row_id)
    assert cell.states() == ["delivered"]


# 409: the platform holds a score with this timestamp or a later one


def test_a_score_whose_answer_was_lost_is_found_in_the_gradebook(
    readable: Cell, server: PlatformServer, deliverer: Deliverer, moved_clock: MovedClock
) -> None:
    server.score_answers.append(Answer(cut=True, write=True))
    row_id = readable.must_owe("3.3333")
    deliverer.deliver(row_id)
    moved_clock.move_to(readable.row(row_id).next_try_at)
    deliverer.deliver(row_id)
    assert readable.states() == ["delivered"]
    assert server.result_requests == [{"type_id": ["1"], "x": ["a b"], "user_id": ["ada"]}]
    first, second = server.posts
    assert first.body == second.body


def test_where_results_may_not_be_read_an_earlier_post_of_ours_is_believed(
    cell: Cell, server: PlatformServer, deliverer: Deliverer, moved_clock: MovedClock
) -> None:
    server.score_answers.append(Answer(500, write=True))
    row_id = cell.must_owe(3)
    deliverer.deliver(row_id)
    moved_clock.move_to(cell.row(row_id).next_try_at)
    deliverer.deliver(row_id)
    assert cell.states() == ["delivered"]
    assert (len(server.posts), server.result_requests) == (2, [])


@pytest.mark.parametrize("scale", [(given, top) for given in ("0", "1.6667", "3.3333", "5") for top in (3, 5, 100)])
def test_a_gradebooks_own_scale_and_rounding_are_no_difference(
    readable: Cell, server: PlatformServer, deliverer: Deliverer, moved_clock: MovedClock, scale: tuple[str, float]
) -> None:
    cell, (given, server.maximum) = readable, scale
    server.score_answers.append(Answer(cut=True, write=True))
    row_id = cell.must_owe(given)
    deliverer.deliver(row_id)
    moved_clock.move_to(cell.row(row_id).next_try_at)
    deliverer.deliver(row_id)
    assert cell.states() == ["delivered"]
    assert len(server.posts) == 2


@pytest.mark.parametrize("may_read", [True, False])
def test_another_score_in_the_way_is_answered_with_a_later_stamp(
    server: PlatformServer, sqlite_database: Database, deliverer: Deliverer, moved_clock: MovedClock, may_read: bool
) -> None:
    cell = cell_at(server, sqlite_database, **(READS if may_read else {}))
    teacher_typed(server, 1, later=0)
    row_id = cell.must_owe(3)
    before = cell.row(row_id)
    deliverer.deliver(row_id)
    assert cell.row(row_id).state == "pending"
    moved_clock.move_to(cell.row(row_id).next_try_at)
    deliverer.deliver(row_id)
    assert cell.states() == ["delivered"]
    assert server.held["ada"]["scoreGiven"] == 3
    first, second = server.posts
    assert second.score["timestamp"] > first.score["timestamp"]
    assert {**first.score, "timestamp": 0} == {**second.score, "timestamp": 0}
    assert cell.row(row_id).timestamp > before.timestamp


def test_an_erased_grade_is_written_again(
    readable: Cell, server: PlatformServer, deliverer: Deliverer, moved_clock: MovedClock
) -> None:
    server.score_answers.append(Answer(409))
    server.result_answers.append(Answer(200, body=b'[{"userId": "ada", "resultMaximum": 5}]'))
    row_id = readable.must_owe(0)
    deliverer.deliver(row_id)
    moved_clock.move_to(readable.row(row_id).next_try_at)
    deliverer.deliver(row_id)
    assert server.held["ada"]["scoreGiven"] == 0
    assert readable.states() == ["delivered"]


def test_a_second_conflict_is_not_taken_for_success_where_nothing_can_be_read(
    cell: Cell, server: PlatformServer, deliverer: Deliverer, moved_clock: MovedClock
) -> None:
    teacher_typed(server, 1, later=20)
    row_id = cell.must_owe(3)
    for _ in range(2):
        deliverer.deliver(row_id)
        assert cell.row(row_id).state == "pending", "said to be delivered, and the gradebook holds another score"
        moved_clock.move_to(cell.row(row_id).next_try_at)
    moved_clock.move(30)
    deliverer.deliver(row_id)
    assert server.held["ada"]["scoreGiven"] == 1
    moved_clock.move_to(cell.row(row_id).next_try_at)
    deliverer.deliver(row_id)
    assert server.held["ada"]["scoreGiven"] == 3
    assert cell.states() == ["delivered"]


def test_a_conflict_after_a_try_that_posted_nothing_is_not_taken_for_success(
    cell: Cell, server: PlatformServer, deliverer: Deliverer, moved_clock: MovedClock
) -> None:
    server.token_answers.append(Answer(503))
    row_id = cell.must_owe(3)
    deliverer.deliver(row_id)
    assert server.posts == []
    teacher_typed(server, 1)
    moved_clock.move_to(cell.row(row_id).next_try_at)
    deliverer.deliver(row_id)
    assert len(server.posts) == 1
    assert cell.states() == ["pending"], "said to be delivered, and the gradebook holds another score"


def test_a_web_page_in_place_of_the_services_answer_is_tried_again(
    cell: Cell, server: PlatformServer, deliverer: Deliverer
) -> None:
    page = Answer(200, headers={"Content-Type": "text/html; charset=utf-8"}, body=b"<h1>Back soon</h1>")
    server.score_answers.append(page)
    row_id = cell.must_owe(3)
    deliverer.deliver(row_id)
    assert (cell.row(row_id).state, cell.row(row_id).cause) == ("pending", "service_answered_html")


def test_a_conflict_that_never_ends_is_set_aside_after_a_few_stamps(
    readable: Cell, server: PlatformServer, deliverer: Deliverer, moved_clock: MovedClock
) -> None:
    teacher_typed(server, 1, later=86_400)
    row_id = readable.must_owe(3)
    for _ in range(delivery.MOST_RESTAMPS + 3):
        deliverer.deliver(row_id)
        moved_clock.move_to(readable.row(row_id).next_try_at)
    row = readable.row(row_id)
    assert (row.state, row.cause) == ("stuck", "conflict")
    assert len(server.posts) == delivery.MOST_RESTAMPS + 1
    stamps = [post.score["timestamp"] for post in server.posts]
    assert stamps == sorted(set(stamps))


@pytest.mark.parametrize("answer", [Answer(503), Answer(429, {"Retry-After": "7"}), Answer(cut=True)])
def test_a_gradebook_that_cannot_be_read_now_is_asked_again_later(
    readable: Cell, server: PlatformServer, deliverer: Deliverer, moved_clock: MovedClock, answer: Answer
) -> None:
    server.score_answers.append(Answer(cut=True, write=True))
    server.result_answers.append(answer)
    row_id = readable.must_owe(3)
    for _ in range(2):
        deliverer.deliver(row_id)
        assert readable.row(row_id).state == "pending"
        moved_clock.move_to(readable.row(row_id).next_try_at)
    deliverer.deliver(row_id)
    assert readable.states() == ["delivered"]
    assert len({post.body for post in server.posts}) == 1


@pytest.mark.parametrize(
    "answer",
    [
        Answer(403), Answer(404), Answer(200), Answer(200, body=b"<p>"), Answer(200, body=b'{"a": 1}'),
        Answer(200, body=b"[1]"), Answer(200, body=b"7"),
        Answer(200, body=b'[{"userId": "ada", "resultScore": "many"}]'),
        Answer(200, body=b'[{"userId": "ada", "resultScore": 3, "resultMaximum": {"a": 1}}]'),
    ],
)  # fmt: skip
def test_a_gradebook_that_cannot_be_read_at_all_leaves_our_own_post_to_be_believed(
    readable: Cell, server: PlatformServer, deliverer: Deliverer, moved_clock: MovedClock, answer: Answer
) -> None:
    server.score_answers.append(Answer(cut=True, write=True))
    server.result_answers.append(answer)
    row_id = readable.must_owe(3)
    deliverer.deliver(row_id)
    moved_clock.move_to(readable.row(row_id).next_try_at)
    deliverer.deliver(row_id)
    assert readable.states() == ["delivered"]


def test_our_newest_score_wins_whatever_was_in_the_way(
    readable: Cell, server: PlatformServer, deliverer: Deliverer, moved_clock: MovedClock
) -> None:
    teacher_typed(server, 1, later=5)
    first = readable.must_owe(2)
    deliverer.deliver(first)
    second = readable.must_owe(4)
    moved_clock.move(60)
    for row_id in (first, second, second):
        deliverer.deliver(row_id)
    assert readable.states() == ["superseded", "delivered"]
    assert server.held["ada"]["scoreGiven"] == 4
