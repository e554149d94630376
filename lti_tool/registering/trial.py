"""Trying a registered platform out without a person: its keys, ours, the clocks, tokens, and a call that only reads."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from pylti1p3.exception import LtiServiceException
from sqlalchemy import select
from sqlalchemy.orm import Session

from config import clock, outbound
from config.database import Database
from config.settings import Settings
from lti_tool.ags import SCOPE_RESULT, SCOPE_SCORE, Connector, ServiceFailed
from lti_tool.delivery import service_account
from lti_tool.errors import PlatformError
from lti_tool.jwks import fetch_keys
from lti_tool.line_items import CONTAINER_TYPE, SCOPE_LINE_ITEM
from lti_tool.models import Context, Deployment, LineItem, Registration, ResourceLink, Roster
from lti_tool.registering import diagnosis
from lti_tool.registering.configuration import is_usable_address
from lti_tool.registering.diagnosis import Diagnosis
from lti_tool.registering.offer import SCOPE_LINE_ITEM_READONLY, Addresses
from lti_tool.roster_service import SCOPE as SCOPE_ROSTER
from lti_tool.roster_service import read_members
from lti_tool.service_pages import pages

OK, WARNING, FAILED, SKIPPED = "ok", "warning", "failed", "skipped"
NOTICED_SKEW, HARMFUL_SKEW = timedelta(seconds=5), timedelta(seconds=50)  # Moodle's launches live 60 s
# What a course can do without, and what it cannot: the columns it needs may be made on the platform's side.
_SERVICES = (
    (SCOPE_SCORE, "sending grades", FAILED),
    (SCOPE_RESULT, "reading whether a grade has arrived", WARNING),
    (SCOPE_LINE_ITEM, "making gradebook columns", WARNING),
    (SCOPE_ROSTER, "reading the list of people", WARNING),
)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing tried. `state`: ok, warning, failed or skipped; `advice` says what helps, '' if all is well."""

    name: str
    state: str
    text: str
    advice: str = ""


def try_platform(
    database: Database, settings: Settings, registration_id: int, *, seconds: float | None = None
) -> Iterator[Step]:
    """Try one platform out, a step at a time, as far as it goes. Nothing is changed there.

    `seconds`: for all steps together; what is not reached by then is not tried.
    Raises `sqlalchemy.exc.NoResultFound` if there is no such registration. No transaction may be open.
    """
    with database.transaction() as session:  # it may make our keys
        registration = session.get_one(Registration, registration_id)
        account = service_account(session, registration_id)
        services = _services(session, registration_id)
        jwks_url = registration.jwks_url
        addresses = {"sign-in": registration.auth_login_url, "token": account.token_url, "key set": jwks_url}
    watch = _Watch()
    ends_at = None if seconds is None else time.monotonic() + seconds
    http = outbound.make_session(
        allow_private=settings.allow_private_platforms, ca_file=settings.ca_file, ends_at=ends_at
    )
    http.hooks["response"].append(watch.look)
    ours = outbound.make_session(
        allow_private=True, ca_file=settings.ca_file, ends_at=ends_at
    )  # our own address, from our own settings
    connector = Connector(database, account, http)
    tokens: list[Step] = []

    def steps() -> Iterator[Step]:
        yield _check_addresses(addresses, allow_private=settings.allow_private_platforms)
        yield _check_their_keys(http, jwks_url)
        yield _check_our_keys(ours, Addresses(settings.base_url).keys, account.kid)
        for step in _check_tokens(connector, account.token_url):
            tokens.append(step)
            yield step
        if watch.skew is not None:
            yield _check_clock(watch.skew)
        if not any(step.state == FAILED for step in tokens):
            for service in services:
                yield _check_service(connector, service)

    for step in steps():
        yield step
        if ends_at is not None and time.monotonic() >= ends_at:
            yield _time_is_up(seconds)
            return


def _time_is_up(seconds: float | None) -> Step:
    return Step(
        "time",
        WARNING,
        f"It took longer than {seconds:g} s, so the rest was not tried.",
        "The command `coursewright platforms test` takes the time it needs.",
    )


class _Watch:
    """Reads the platform's clock from its answers (RFC 9110 §6.6.1), in whole seconds."""

    skew: timedelta | None = None

    def look(self, response: requests.Response, *_: Any, **__: Any) -> None:
        try:
            told = parsedate_to_datetime(response.headers["Date"])
            self.skew = abs(clock.now() - told)
        except (KeyError, TypeError, ValueError):
            return


def _check_addresses(addresses: dict[str, str], *, allow_private: bool) -> Step:
    wrong = [name for name, one in addresses.items() if not is_usable_address(one, allow_private=allow_private)]
    if wrong:
        return Step(
            "addresses",
            FAILED,
            f"These addresses cannot be used: {', '.join(wrong)}.",
            "They must be public and begin with https://; correct them with `platforms add`.",
        )
    return Step("addresses", OK, "The three addresses are usable.")


def _check_their_keys(http: requests.Session, url: str) -> Step:
    name = "platform keys"
    try:
        keys = fetch_keys(http, url)
    except PlatformError as error:
        advice = "Compare the key set address with what the LMS shows, and see that this machine can reach it."
        return Step(name, FAILED, f"{url} gives no keys: {error.reason}.", advice)
    if not keys:
        return Step(name, FAILED, f"{url} holds no RS256 key with a kid.", "Compare it with what the LMS shows.")
    return Step(name, OK, f"The LMS publishes {len(keys)} usable {'key' if len(keys) == 1 else 'keys'}.")


def _check_our_keys(http: requests.Session, url: str, kid: str) -> Step:
    name = "our keys"
    try:
        answer = http.get(url)
        kids = [one.get("kid") for one in json.loads(answer.content)["keys"]]
    except requests.RequestException as error:
        advice = "That may be right (a machine need not reach its own public name); the LMS must be able to."
        return Step(name, WARNING, f"This machine cannot read {url} ({type(error).__name__}).", advice)
    except (ValueError, KeyError, TypeError, AttributeError):
        kids = []
    if kid not in kids:
        advice = "See that COURSEWRIGHT_BASE_URL is this tool's address and that the web process uses this database."
        return Step(name, FAILED, f"{url} does not hold the key that this tool signs with.", advice)
    return Step(name, OK, f"{url} holds the key that this tool signs with.")


def _check_clock(skew: timedelta) -> Step:
    seconds = round(skew.total_seconds())
    if skew <= NOTICED_SKEW:
        return Step("clock", OK, "The clocks of the LMS and of this machine agree.")
    state = FAILED if skew >= HARMFUL_SKEW else WARNING
    advice = "Set both by NTP: launches from Moodle are good for 60 seconds only."
    return Step("clock", state, f"The clocks of the LMS and of this machine differ by {seconds} s.", advice)


def _check_tokens(connector: Connector, token_url: str) -> Iterator[Step]:
    for scope, use, weight in _SERVICES:
        fault = _refused_token(connector, scope, token_url)
        if fault is None:
            yield Step(f"token for {use}", OK, "The LMS gave a token.")
            continue
        is_of_scope = "invalid_scope" in fault.fault
        yield Step(f"token for {use}", weight if is_of_scope else FAILED, fault.fault, fault.advice)
        if not is_of_scope:
            return  # the others would fail in the same way


def _refused_token(connector: Connector, scope: str, token_url: str) -> Diagnosis | None:
    connector.forget_token(scope)  # a kept one would hide that no new one is given
    try:
        connector.token(scope)
    except ServiceFailed as failed:
        cause = failed.__cause__
        if isinstance(cause, LtiServiceException):
            if 200 <= cause.response.status_code < 300:
                return Diagnosis("The token address answered, but not with a token.", "Compare it with the LMS's.")
            return diagnosis.of_token_refusal(cause.response.status_code, cause.response.text[:20_000])
        if isinstance(cause, requests.RequestException):
            return diagnosis.of_no_answer(cause, token_url)
        return Diagnosis("The token address answered with no token that can be used.", "Compare it with the LMS's.")
    return None


@dataclass(frozen=True, slots=True)
class _Service:
    """A service of the course that was opened last; `weight` is the state of a step that finds it failing."""

    name: str
    url: str | None
    weight: str
    read: Callable[[Connector, str], str]


def _services(session: Session, registration_id: int) -> tuple[_Service, ...]:
    of_platform = select(Context.id).join(Deployment).where(Deployment.registration_id == registration_id)
    container = session.scalar(
        select(LineItem.container_url)
        .join(ResourceLink)
        .where(ResourceLink.context_id.in_(of_platform), LineItem.container_url.is_not(None))
        .order_by(LineItem.updated_at.desc(), LineItem.id.desc())
        .limit(1)
    )
    roster = session.scalar(
        select(Roster.url).where(Roster.context_id.in_(of_platform)).order_by(Roster.context_id.desc()).limit(1)
    )
    return (
        _Service("gradebook", container, FAILED, _read_gradebook),
        _Service("list of people", roster, WARNING, _read_roster),
    )


def _read_gradebook(connector: Connector, url: str) -> str:
    columns = sum(len(page) for page in pages(connector, url, SCOPE_LINE_ITEM_READONLY, CONTAINER_TYPE))
    return f"The gradebook of one course was read; this tool sees {columns} columns there."


def _read_roster(connector: Connector, url: str) -> str:
    return f"The list of people of one course was read; there are {len(read_members(connector, url))}."


def _check_service(connector: Connector, service: _Service) -> Step:
    if service.url is None:
        return Step(service.name, SKIPPED, "No course that has it was opened yet, so nobody knows where to ask.")
    try:
        return Step(service.name, OK, service.read(connector, service.url))
    except ServiceFailed as failed:
        if failed.cause.startswith("token_"):
            return Step(service.name, SKIPPED, "The LMS gives no token for reading it.")
        found = diagnosis.of_service_refusal(service.name, failed.cause, failed.status)
        return Step(service.name, service.weight, found.fault, found.advice)
    except TypeError:
        fault = f"The service for the {service.name} answered with no list."
        return Step(service.name, service.weight, fault, "Look into the log of the LMS.")
