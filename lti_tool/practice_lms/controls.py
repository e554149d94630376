"""Test controls: make the platform fail, forge, forget and count. Only with ``--controls``.

Every body is a JSON object with Content-Type application/json; members left out keep the
default shown. Answers are JSON. An unknown member or a wrong type is 400.

POST   /controls/signing-key       {"keep_old": true} -> {"kid": ...}. New key; false withdraws the old ones.
POST   /controls/away              {"away": true, "how": "503", "retry_after": null}. Every address under /lti and
                                   /.well-known answers 503, or with "how": "close" the connection is cut.
POST   /controls/score-faults      {"times": 1, "status": 500, "write": false, "close": false, "retry_after": null,
                                   "delay_before": 0, "delay_after": 0}. The next ``times`` score POSTs. "write": the
                                   score is taken (token, 409 and all) before the answer is spoilt. "status": null
                                   gives the true answer (only late) and needs "write". "close": cut instead of
                                   answering. Delays in seconds, before and after the writing. Replaces earlier faults.
GET    /controls/received-scores   [{"id", "path", "body", "status", "received_at"}], oldest first; status 0 = cut.
DELETE /controls/received-scores   Forget them.
POST   /controls/throttle          {"times": 1}. The next ``times`` service requests are refused as Canvas does it: 403
                                   "Rate Limit Exceeded".
POST   /controls/teacher           {"user_id", "resource_id", "points": null, "locked": false, "attempts": 0}. What a
                                   teacher does by hand: writes a grade (on the column's scale), locks it, limits the
                                   submissions of the column (0: any number).
POST   /controls/reset-grades      {}. Empty the gradebook; columns and the log stay.
POST   /controls/revoke-tokens     {}. Every access token given so far is refused from now on.
POST   /controls/id-token          {"user_id", "activity_id", "nonce", "document_target": "iframe", "claims": {},
                                   "remove": [], "header": {}, "remove_header": [], "payload": null,
                                   "key": "current"} -> {"id_token": ...}. "claims" and "header" replace or add,
                                   "remove" and "remove_header" take away. "payload": text signed instead of the
                                   claims. "key": "current", "foreign" (a key we never publish, under the current kid
                                   unless "header" says otherwise), "public-as-secret" (HMAC with the public PEM, set
                                   alg yourself), "none" (no signature).
GET    /controls/requests          {"/lti/certs": 2, ...}: requests per path since the start or the last DELETE,
                                   without /controls.
DELETE /controls/requests          Count from 0 again.
POST   /controls/reset             {}. Not away, no faults, counts and log empty. Grades, keys and tokens stay.
"""

import socket
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request

from lti_tool.practice_lms import course, forging, line_items, signing, teacher, throttling
from lti_tool.practice_lms.platform import current
from lti_tool.practice_lms.refusals import Refused, refusal_response
from lti_tool.practice_lms.scores_log import SCORE_ENDPOINT, mark_cut

LONGEST_DELAY_SECONDS = 120


@dataclass(frozen=True, slots=True)
class ScoreFault:
    """How one score POST is to go wrong; the module's docstring tells the members."""

    status: int | None
    write: bool
    close: bool
    retry_after: str | None
    delay_before: float
    delay_after: float


@dataclass
class Faults:
    """What is wrong at the moment. Kept in memory: there is one process, and a restart is a repair."""

    away: str | None = None
    away_retry_after: str | None = None
    score_faults: list[ScoreFault] = field(default_factory=list)
    throttled: int = 0
    requests: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, path: str) -> None:
        """Count one request."""
        with self.lock:
            self.requests[path] += 1

    def take_score_fault(self) -> ScoreFault | None:
        """The fault for this score POST, used up; None when none is planned."""
        with self.lock:
            return self.score_faults.pop(0) if self.score_faults else None

    def take_throttling(self) -> bool:
        """Whether this service request is one too many; counted down."""
        with self.lock:
            was_throttled = self.throttled > 0
            self.throttled -= was_throttled
            return was_throttled


def install(app: Flask, sleep: Callable[[float], None]) -> None:
    """Add the control addresses, the counting, and the faults in front of the services."""
    faults = Faults()
    app.register_blueprint(_blueprint(faults))

    def count_or_stay_away() -> Response | None:
        if request.path.startswith("/controls"):
            return None
        request.get_data(cache=True, parse_form_data=True)  # counted means arrived whole, even if the sender dies now
        faults.count(request.path)
        if request.path.startswith(throttling.SERVICES) and faults.take_throttling():
            return throttling.too_many()
        if faults.away is None or not request.path.startswith(("/lti/", "/.well-known/")):
            return None
        return _cut() if faults.away == "close" else _spoilt(503, faults.away_retry_after)

    # First of all hooks: being away comes before anything else that could answer.
    app.before_request_funcs.setdefault(None, []).insert(0, count_or_stay_away)
    app.view_functions[SCORE_ENDPOINT] = _with_faults(app.view_functions[SCORE_ENDPOINT], faults, sleep)


def _with_faults(post_score: Callable[..., Any], faults: Faults, sleep: Callable[[float], None]) -> Callable[..., Any]:
    def post_score_or_fail(**arguments: Any) -> Any:
        fault = faults.take_score_fault()
        if fault is None:
            return post_score(**arguments)
        sleep(fault.delay_before)
        answer: Any = None
        if fault.write:
            try:
                answer = post_score(**arguments)
            except Refused as refused:
                answer = refusal_response(refused)
        sleep(fault.delay_after)
        if fault.close:
            return _cut()
        return answer if fault.status is None else _spoilt(fault.status, fault.retry_after)

    return post_score_or_fail


def _spoilt(status: int, retry_after: str | None) -> Response:
    response = Response("Test control: this answer was ordered.\n", status, content_type="text/plain")
    if retry_after is not None:
        response.headers["Retry-After"] = retry_after
    return response


def _cut() -> Response:
    """Shut the connection, so that nothing of the answer arrives."""
    mark_cut()
    connection: socket.socket | None = request.environ.get("gunicorn.socket")
    if connection is not None:
        # The other side may have gone already.
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
    return _spoilt(503, None)


def _options(**defaults: Any) -> dict[str, Any]:
    """The JSON body over the defaults; a member must have the type of its default (None: text)."""
    body = request.get_json()
    if not isinstance(body, dict) or (unknown := sorted(set(body) - set(defaults))):
        raise Refused(400, "bad_control", f"Unknown members: {unknown if isinstance(body, dict) else 'no object'}")
    for name, value in body.items():
        default = defaults[name]
        wanted = (str, type(None)) if default is None else (int, float) if isinstance(default, float) else type(default)
        if not isinstance(value, wanted) or (isinstance(value, bool) and not isinstance(default, bool)):
            raise Refused(400, "bad_control", f"{name} has the wrong type.")
    return {**defaults, **body}


def _blueprint(faults: Faults) -> Blueprint:
    blueprint = Blueprint("controls", __name__, url_prefix="/controls")

    @blueprint.before_request
    def refuse_other_sites() -> None:
        # A page that happens to be open in the same browser must not reach these.
        if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            raise Refused(403, "cross_site", "Controls are not for other sites.")

    for rule, method, view in (
        ("/signing-key", "POST", _rotate),
        ("/away", "POST", lambda: _set_away(faults)),
        ("/score-faults", "POST", lambda: _set_score_faults(faults)),
        ("/received-scores", "GET", _received_scores),
        ("/received-scores", "DELETE", lambda: _delete_all("received_score")),
        ("/reset-grades", "POST", lambda: _delete_all("grade")),
        ("/revoke-tokens", "POST", lambda: _delete_all("access_token")),
        ("/id-token", "POST", _forge),
        ("/throttle", "POST", lambda: _set_throttling(faults)),
        ("/teacher", "POST", _teacher),
        ("/requests", "GET", lambda: _counts(faults)),
        ("/requests", "DELETE", lambda: _forget_counts(faults)),
        ("/reset", "POST", lambda: _reset(faults)),
    ):
        blueprint.add_url_rule(rule, endpoint=f"{method}{rule}".replace("/", "_"), view_func=view, methods=[method])
    return blueprint


def _rotate() -> Response:
    options = _options(keep_old=True)
    with current().store.transaction() as db:
        return jsonify(kid=signing.rotate(db, keep_old=options["keep_old"]))


def _set_away(faults: Faults) -> Response:
    options = _options(away=True, how="503", retry_after=None)
    if options["how"] not in ("503", "close"):
        raise Refused(400, "bad_control", 'how must be "503" or "close".')
    with faults.lock:
        faults.away = options["how"] if options["away"] else None
        faults.away_retry_after = options["retry_after"]
    return jsonify(away=faults.away)


def _set_score_faults(faults: Faults) -> Response:
    body = request.get_json()
    true_answer = isinstance(body, dict) and body.get("status", 500) is None
    if true_answer:
        body.pop("status")
    options = _options(
        times=1, status=500, write=False, close=False, retry_after=None, delay_before=0.0, delay_after=0.0
    )
    if true_answer and not options["write"]:
        raise Refused(400, "bad_control", "status null needs write true.")
    if not 400 <= options["status"] <= 599 or not 0 <= options["times"] <= 10_000:
        raise Refused(400, "bad_control", "status is 400 to 599 or null, times 0 to 10000.")
    if not all(0 <= options[name] <= LONGEST_DELAY_SECONDS for name in ("delay_before", "delay_after")):
        raise Refused(400, "bad_control", f"delays are 0 to {LONGEST_DELAY_SECONDS} seconds.")
    times = options.pop("times")
    fault = ScoreFault(**{**options, "status": None if true_answer else options["status"]})
    with faults.lock:
        faults.score_faults = [fault] * times
    return jsonify(times=times)


def _received_scores() -> Response:
    with current().store.transaction() as db:
        return jsonify([dict(row) for row in db.execute("SELECT * FROM received_score ORDER BY id")])


def _delete_all(table: str) -> Response:
    with current().store.transaction() as db:
        deleted = db.execute(f"DELETE FROM {table}").rowcount  # noqa: S608 - the name is one of ours, above
    return jsonify(deleted=deleted)


def _counts(faults: Faults) -> Response:
    with faults.lock:
        return jsonify(dict(faults.requests))


def _forget_counts(faults: Faults) -> Response:
    with faults.lock:
        faults.requests.clear()
    return jsonify({})


def _reset(faults: Faults) -> Response:
    with faults.lock:
        faults.away = faults.away_retry_after = None
        faults.score_faults = []
        faults.throttled = 0
        faults.requests.clear()
    return _delete_all("received_score")


def _teacher() -> Response:
    body = request.get_json()
    points = body.pop("points", None) if isinstance(body, dict) else None
    options = _options(user_id="", resource_id="", locked=False, attempts=0)
    if points is not None and not line_items.is_number(points):
        raise Refused(400, "bad_control", "points must be a number or null.")
    platform = current()
    with platform.store.transaction() as db:
        found = line_items.find_line_items(db, line_items.Filters(resource_id=options["resource_id"]))
        if not found or course.find_person(db, options["user_id"]) is None:
            raise Refused(400, "bad_control", "user_id or resource_id is unknown.")
        hand = teacher.Hand(points, options["locked"])
        teacher.write(db, found[0], options["user_id"], hand, platform.clock())
        teacher.limit_attempts(db, found[0], options["attempts"])
    return jsonify({})


def _set_throttling(faults: Faults) -> Response:
    options = _options(times=1)
    with faults.lock:
        faults.throttled = options["times"]
    return jsonify(times=options["times"])


def _forge() -> Response:
    defaults = {"user_id": "", "activity_id": "", "nonce": "", "document_target": "iframe", "claims": {}, "remove": []}
    more: dict[str, Any] = {"header": {}, "remove_header": [], "payload": None, "key": "current"}
    return jsonify(id_token=forging.forge(current(), **_options(**defaults, **more)))
