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

import base64
import hashlib
import hmac
import json
import socket
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from flask import Blueprint, Flask, Response, jsonify, request
from joserfc.jwk import RSAKey

from lti_tool.practice_lms import course, launches, signing
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


def install(app: Flask, sleep: Callable[[float], None]) -> None:
    """Add the control addresses, the counting, and the faults in front of the services."""
    faults = Faults()
    app.register_blueprint(_blueprint(faults))

    def count_or_stay_away() -> Response | None:
        if request.path.startswith("/controls"):
            return None
        request.get_data(cache=True, parse_form_data=True)  # counted means arrived whole, even if the sender dies now
        faults.count(request.path)
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
        ("/id-token", "POST", _mint),
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
        faults.requests.clear()
    return _delete_all("received_score")


def _mint() -> Response:
    options = _options(
        user_id="",
        activity_id="",
        nonce="",
        document_target="iframe",
        claims={},
        remove=[],
        header={},
        remove_header=[],
        payload=None,
        key="current",
    )
    platform = current()
    with platform.store.transaction() as db:
        person = course.find_person(db, options["user_id"])
        activity = course.find_activity(db, options["activity_id"])
        if person is None or activity is None:
            raise Refused(400, "bad_control", "user_id or activity_id is unknown.")
        claims = launches.launch_claims(
            db,
            platform.settings,
            person,
            activity,
            nonce=options["nonce"],
            document_target=options["document_target"],
            now=platform.clock(),
        )
        key = signing.current_key(db)
    claims = _changed(claims, options["claims"], options["remove"])
    header = _changed({"typ": "JWT", "alg": "RS256", "kid": key.kid}, options["header"], options["remove_header"])
    payload = json.dumps(claims) if options["payload"] is None else options["payload"]
    signed = f"{_base64url(json.dumps(header).encode())}.{_base64url(payload.encode())}"
    return jsonify(id_token=f"{signed}.{_base64url(_signature(signed.encode(), options['key'], key))}")


def _changed(members: dict[str, Any], changes: dict[str, Any], removed: list[str]) -> dict[str, Any]:
    return {name: value for name, value in {**members, **changes}.items() if name not in removed}


def _signature(signed: bytes, which: str, key: RSAKey) -> bytes:
    """Sign by hand: a library would refuse most of what a test of refusals needs."""
    if which == "none":
        return b""
    if which == "public-as-secret":
        return hmac.digest(key.as_pem(private=False), signed, hashlib.sha256)
    if which not in ("current", "foreign"):
        raise Refused(400, "bad_control", "key must be current, foreign, public-as-secret or none.")
    private = (_foreign_key() if which == "foreign" else key).private_key
    if not isinstance(private, rsa.RSAPrivateKey):
        raise TypeError("the signing key has no private part")
    return private.sign(signed, padding.PKCS1v15(), SHA256())


@cache
def _foreign_key() -> RSAKey:
    return RSAKey.generate_key(signing.KEY_BITS, private=True)


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
