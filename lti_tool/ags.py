"""Assignment and Grade Services 2.0 and the tokens they need: the only HTTP to a platform's services.

No transaction is open while a call runs: tokens are read and stored in short ones of their own.
"""

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import requests
from pylti1p3.exception import LtiException, LtiServiceException
from pylti1p3.registration import Registration as LibraryRegistration
from pylti1p3.service_connector import ServiceConnector
from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from config import clock
from config.database import Database
from lti_tool.models import AccessToken, Registration

SCOPE_SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
SCOPE_RESULT = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly"
SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"  # AGS §3.4.1; Moodle takes exactly this one
RESULTS_TYPE = "application/vnd.ims.lis.v2.resultcontainer+json"  # AGS §3.3.1
EXPIRY_MARGIN = timedelta(minutes=5)
READ_OF_REFUSAL = 2000  # characters
LONGEST_RETRY_AFTER = timedelta(hours=1)


class ServiceFailed(Exception):
    """A platform's service did not do as asked. `retryable` says whether waiting can help; `cause` names it shortly.

    `status`: the HTTP status, None when there was no answer; `text`: how the answer began. `retry_after`: what the
    platform asked for, capped.
    """

    def __init__(
        self,
        cause: str,
        *,
        retryable: bool,
        status: int | None = None,
        retry_after: timedelta | None = None,
        text: str = "",
    ) -> None:
        self.cause = cause
        self.retryable = retryable
        # Without a token nothing was sent, and what was refused in so many words did not get in either.
        self.was_not_taken = cause.startswith("token_") or (status is not None and 400 <= status < 500)
        self.status = status
        self.retry_after = retry_after
        self.text = text
        super().__init__(cause)


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """How we prove to a platform's token endpoint who we are (Security Framework §4.1)."""

    registration_id: int
    issuer: str
    client_id: str
    token_url: str
    audience: str | None
    kid: str
    private_pem: str


class _WithKid(LibraryRegistration):
    # The library works the kid out anew from the public key at every call; ours stands in the database.
    def __init__(self, kid: str) -> None:
        self._kid = kid

    def get_kid(self) -> str:
        return self._kid


class Connector(ServiceConnector):
    """pylti1p3's connector with a token cache all processes share, keyed by client id and address as well as scopes."""

    def __init__(self, database: Database, account: ServiceAccount, http: requests.Session) -> None:
        registration = _WithKid(account.kid)
        registration.set_issuer(account.issuer)
        registration.set_client_id(account.client_id)
        registration.set_auth_token_url(account.token_url)
        registration.set_tool_private_key(account.private_pem)
        if account.audience:
            registration.set_auth_audience(account.audience)
        super().__init__(registration, requests_session=http)
        self._database = database
        self._account = account

    def _scope_key(self, scopes: Any) -> str:
        # Hosted Canvas has one issuer for every school: without the client id, one school's token serves another.
        parts = [str(self._account.registration_id), self._account.client_id, self._account.token_url, *sorted(scopes)]
        return hashlib.sha256("|".join(parts).encode()).hexdigest()

    def _get_cached_access_token(self, scope_key: str) -> str | None:
        with self._database.reading() as session:
            kept = session.get(AccessToken, scope_key)
            return kept.token if kept and kept.expires_at > clock.now() else None

    def _cache_access_token(self, scope_key: str, access_token: str, expires_in: float) -> None:
        if not (isinstance(access_token, str) and access_token.isascii() and access_token.isprintable()):
            raise ValueError("the access token can stand in no header")
        lifetime = timedelta(seconds=min(max(float(expires_in or 0), 0), 86_400))
        margin = min(EXPIRY_MARGIN, lifetime / 4)
        kept = AccessToken(
            cache_key=scope_key,
            registration_id=self._account.registration_id,
            token=access_token,
            expires_at=clock.now() + lifetime - margin,
        )
        # Another worker may store one at the same moment: either will do.
        with suppress(IntegrityError), self._database.transaction() as session:
            session.merge(kept)
            obtained = update(Registration).where(Registration.id == self._account.registration_id)
            session.execute(obtained.values(token_obtained_at=clock.now()))

    def token(self, scope: str) -> str:
        """A bearer token for one scope. Raises `ServiceFailed`."""
        try:
            return str(self.get_access_token([scope]))
        except LtiServiceException as error:
            if 200 <= error.response.status_code < 300:  # a page that says "back soon", say
                raise ServiceFailed("token_unreadable", retryable=True) from error
            raise _refusal(error.response, "token") from error
        except requests.RequestException as error:
            raise _no_answer(error, "token") from error
        except (LtiException, KeyError, TypeError, ValueError) as error:
            raise ServiceFailed("token_unreadable", retryable=True) from error

    def forget_token(self, scope: str) -> None:
        """Drop a token that the platform no longer takes."""
        with self._database.transaction() as session:
            session.execute(delete(AccessToken).where(AccessToken.cache_key == self._scope_key([scope])))

    def call(self, method: str, url: str, scope: str, headers: dict[str, str], body: str | None = None) -> Any:
        """One service call; a token that is refused (401) is fetched anew, once. Raises `ServiceFailed`."""
        response = self._call_once(method, url, scope, headers, body)
        if response.status_code == 401:
            self.forget_token(scope)
            response = self._call_once(method, url, scope, headers, body)
        if not 200 <= response.status_code < 300:
            raise _refusal(response, "service")
        if response.content and "html" in response.headers.get("Content-Type", "").lower():
            # A maintenance or sign-in page in place of the service's answer: nobody has said that they took the score.
            raise ServiceFailed("service_answered_html", retryable=True, status=response.status_code)
        return response

    def _call_once(
        self, method: str, url: str, scope: str, headers: dict[str, str], body: str | None
    ) -> requests.Response:
        bearer = {"Authorization": f"Bearer {self.token(scope)}", **headers}
        try:
            return self._requests_session.request(method, url, headers=bearer, data=body and body.encode())
        except requests.RequestException as error:
            raise _no_answer(error, "service") from error


def score_body(
    *,
    user_id: str,
    score_given: Decimal,
    score_maximum: Decimal,
    timestamp: datetime,
    started_at: datetime,
    submitted_at: datetime,
    extension: dict[str, Any],
) -> str:
    """A final score (AGS §3.4), as the bytes that are sent now and at every repeat."""
    return json.dumps(
        {
            "userId": user_id,
            "scoreGiven": _number(score_given),
            "scoreMaximum": _number(score_maximum),
            "activityProgress": "Completed",
            "gradingProgress": "FullyGraded",
            "timestamp": clock.isoformat(timestamp),
            "submission": {"startedAt": clock.isoformat(started_at), "submittedAt": clock.isoformat(submitted_at)},
            **extension,
        },
        separators=(",", ":"),
    )


def post_score(connector: Connector, line_item_url: str, body: str) -> None:
    """Post a score to a line item (AGS §3.4). Raises `ServiceFailed`."""
    connector.call("POST", below(line_item_url, "scores"), SCOPE_SCORE, {"Content-Type": SCORE_TYPE}, body)


@dataclass(frozen=True, slots=True)
class Result:
    """What a gradebook holds: points on the column's scale, and the column's maximum (0 if it named none)."""

    score: float
    maximum: float

    @property
    def share(self) -> float:
        """Points over maximum."""
        return self.score / (self.maximum or 1)


def read_result(connector: Connector, line_item_url: str, user_id: str) -> Result | None:
    """What the gradebook holds for a user; None when it holds nothing (AGS §3.3).

    Raises `ServiceFailed`. No `limit` is sent: Moodle 4.5 crashes on it.
    """
    url = below(line_item_url, "results", user_id=user_id)
    response = connector.call("GET", url, SCOPE_RESULT, {"Accept": RESULTS_TYPE})
    try:
        results = [one for one in response.json() if str(one.get("userId")) == user_id]
        if not results or results[0].get("resultScore") is None:
            return None
        return Result(float(results[0]["resultScore"]), float(results[0].get("resultMaximum") or 0))
    except (ValueError, AttributeError, TypeError) as error:
        raise ServiceFailed("results_unreadable", retryable=False) from error


def below(line_item_url: str, ending: str, **query: str) -> str:
    """`ending` appended to the address's path, its query kept: Moodle's line items carry one."""
    parts = urlsplit(line_item_url)
    pairs = [*parse_qsl(parts.query, keep_blank_values=True), *query.items()]
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{ending}", query=urlencode(pairs)))


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _no_answer(error: requests.RequestException, what: str) -> ServiceFailed:
    return ServiceFailed(f"{what}_no_answer_{error.__class__.__name__}"[:40], retryable=True)


def _refusal(response: requests.Response, what: str) -> ServiceFailed:
    status = response.status_code
    throttled = status == 429 or (status == 403 and "rate limit" in response.text[:READ_OF_REFUSAL].lower())
    return ServiceFailed(
        f"{what}_throttled" if throttled else f"{what}_{status}",
        # A refused token is not for ever: platforms refuse it too while they cannot fetch our key set.
        retryable=what == "token" or throttled or status in {408, 425} or status >= 500 or 300 <= status < 400,
        status=status,
        retry_after=_retry_after(response.headers.get("Retry-After", "")),
        text=f"{response.reason} {response.text[:READ_OF_REFUSAL]}",  # Moodle says why in the reason phrase
    )


def _retry_after(value: str) -> timedelta | None:
    if not value.isascii() or not value.isdigit():
        return None
    return min(timedelta(seconds=min(int(value[:9]), 10**6)), LONGEST_RETRY_AFTER)
