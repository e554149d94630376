"""The platforms we know: found by issuer and client id together, never by issuer alone (LTI Core §3.1.3).

Every customer of a hosted LMS may share one issuer, so an issuer names nobody.
"""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from config import clock
from config.words import N_
from lti_tool import ai_switches
from lti_tool.addresses import MAX_LENGTH, origin_of, split_web_address
from lti_tool.causes import Cause
from lti_tool.claims import MAX_ID, holds_control, is_storable
from lti_tool.errors import LaunchRefused, PlatformInvalid, shown
from lti_tool.models import AccessToken, Deployment, PlatformKeySet, Registration
from lti_tool.permission import ACTIVE, PENDING

ACCEPT, APPROVE = "accept", "approve"  # what becomes of a deployment that is not known


def find_registration(session: Session, issuer: str, client_id: str | None) -> Registration:
    """The registration of `client_id` at `issuer`, both to the letter.

    A login may leave `client_id` out (LTI Core §5.1.1.1): then the issuer must have exactly one registration.
    Raises `LaunchRefused`: UNKNOWN_REGISTRATION, or CLIENT_ID_MISSING if there are several.
    """
    found: Sequence[Registration] = ()
    if is_storable(issuer) and is_storable(client_id or ""):
        query = select(Registration).where(Registration.issuer == issuer).limit(2)
        found = session.scalars(query.where(Registration.client_id == client_id) if client_id else query).all()
    if len(found) == 1:
        return found[0]
    if found:
        raise LaunchRefused(Cause.CLIENT_ID_MISSING, details=((N_("issuer"), issuer),))
    details = [(N_("issuer"), issuer), (N_("client id"), client_id or "(none sent)")]
    raise LaunchRefused(Cause.UNKNOWN_REGISTRATION, details=details, command=f"{_add_command(issuer, client_id)} …")


def _add_command(issuer: str, client_id: str | None, *more: str) -> str:
    # An admin will paste this: what a stranger sent stays one quoted word of the shell.
    words = ["--issuer", shown(issuer), "--client-id", shown(client_id or "?"), *more]
    return f"coursewright platforms add {shlex.join(words)}"


@dataclass(frozen=True, slots=True)
class _Described:
    issuer: str
    client_id: str
    auth_login_url: str
    auth_token_url: str
    jwks_url: str
    deployment_id: str | None
    auth_audience: str | None
    name: str | None
    frame_origins: tuple[str, ...] | None

    def faults(self) -> list[str]:
        found = [
            f"The {label} must be an absolute http(s) address of at most {MAX_LENGTH} characters, without credentials, "
            f"spaces or fragment; {shown(value)!r} is not."
            for label, value in (
                (N_("issuer"), self.issuer),
                ("authentication address", self.auth_login_url),
                ("token address", self.auth_token_url),
                ("key set address", self.jwks_url),
            )
            if not _is_endpoint(value)
        ]
        found += [
            f"The {label} must have 1 to {MAX_ID} characters, none of them a space at either end or a control "
            f"character; {shown(value)!r} does not fit."
            for label, value in (
                (N_("client id"), self.client_id),
                (N_("deployment id"), self.deployment_id),
                ("name", self.name),
            )
            if value is not None and not _is_plain(value, MAX_ID)
        ]
        if self.auth_audience and not _is_plain(self.auth_audience, MAX_LENGTH):
            found.append(f"The token audience must have at most {MAX_LENGTH} characters and no control characters.")
        found += [
            f"A place that frames us must be an origin, such as https://portal.example.edu; {shown(value)!r} is not."
            for value in self.frame_origins or ()
            if origin_of(value) != value
        ]
        return found


def _is_endpoint(url: str) -> bool:
    return split_web_address(url) is not None and "#" not in url


def _is_plain(text: str, longest: int) -> bool:
    return 0 < len(text) <= longest and text == text.strip() and not holds_control(text)


def add_platform(
    session: Session,
    *,
    issuer: str,
    client_id: str,
    auth_login_url: str,
    auth_token_url: str,
    jwks_url: str,
    deployment_id: str | None = None,
    auth_audience: str | None = None,
    name: str | None = None,
    frame_origins: Sequence[str] | None = None,
) -> tuple[Registration, bool]:
    """Register a platform, or bring a known one (same issuer and client id) up to date; True if it is new.

    What is None stays as it is; an `auth_audience` of '' is taken away. A deployment is added to those there are.
    `frame_origins` (scheme, host, port) may frame us beside what launches name; they take the place of those before.
    A change of addresses drops what was fetched from the old ones. Raises `PlatformInvalid` with every fault at once.
    """
    described = _Described(
        issuer,
        client_id,
        auth_login_url,
        auth_token_url,
        jwks_url,
        deployment_id,
        auth_audience,
        name,
        None if frame_origins is None else tuple(frame_origins),
    )
    if faults := described.faults():
        raise PlatformInvalid(faults)
    registration, created = _find_or_make(session, described)
    if not created:
        _update(session, registration, described)
    if deployment_id is not None:
        ensure_deployment(session, registration, deployment_id, ACCEPT)
    return registration, created


def _find_or_make(session: Session, described: _Described) -> tuple[Registration, bool]:
    query = select(Registration).where(
        Registration.issuer == described.issuer, Registration.client_id == described.client_id
    )
    if known := session.scalar(query):
        return known, False
    registration = Registration(
        name=described.name or described.issuer[:MAX_ID],
        issuer=described.issuer,
        client_id=described.client_id,
        auth_login_url=described.auth_login_url,
        auth_token_url=described.auth_token_url,
        jwks_url=described.jwks_url,
        auth_audience=described.auth_audience or None,
        frame_origins=list(described.frame_origins or ()),
        created_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(registration)
    except IntegrityError:  # somebody registered it since we looked
        return session.scalars(query).one(), False
    return registration, True


def _update(session: Session, registration: Registration, described: _Described) -> None:
    if registration.jwks_url != described.jwks_url:
        session.execute(delete(PlatformKeySet).where(PlatformKeySet.registration_id == registration.id))
    if (registration.jwks_url, registration.auth_token_url) != (described.jwks_url, described.auth_token_url):
        session.execute(delete(AccessToken).where(AccessToken.registration_id == registration.id))
    registration.auth_login_url = described.auth_login_url
    registration.auth_token_url = described.auth_token_url
    registration.jwks_url = described.jwks_url
    if described.auth_audience is not None:
        registration.auth_audience = described.auth_audience or None
    if described.name is not None:
        registration.name = described.name
    if described.frame_origins is not None:
        registration.frame_origins = list(described.frame_origins)
    session.flush()


def list_platforms(session: Session) -> list[Registration]:
    """Every registration, by issuer and client id."""
    return list(session.scalars(select(Registration).order_by(Registration.issuer, Registration.client_id)))


def remove_platform(session: Session, *, issuer: str, client_id: str) -> bool:
    """Forget a platform with everything it told us; learners and their work stay. False if it was not known."""
    registration = session.scalar(
        select(Registration).where(Registration.issuer == issuer, Registration.client_id == client_id)
    )
    if registration is None:
        return False
    ai_switches.forget_platform(session, registration.id)
    session.delete(registration)
    session.flush()
    return True


def find_deployment(session: Session, registration_id: int, deployment_id: str) -> Deployment | None:
    """The deployment of that id within the registration, if it is known."""
    return session.scalar(
        select(Deployment).where(
            Deployment.registration_id == registration_id, Deployment.deployment_id == deployment_id
        )
    )


def ensure_deployment(session: Session, registration: Registration, deployment_id: str, policy: str) -> Deployment:
    """The deployment, made now if it is new: active if `policy` is "accept", waiting for an administrator if "approve".

    Canvas makes one for each installation and tells nobody. Two first launches at once end in one row.
    Raises `LaunchRefused` (DEPLOYMENT_REFUSED) if it is new and `policy` is "refuse".
    """
    if known := find_deployment(session, registration.id, deployment_id):
        return known
    if policy not in {ACCEPT, APPROVE}:
        raise deployment_refused(registration.issuer, registration.client_id, deployment_id)
    deployment = Deployment(
        registration_id=registration.id,
        deployment_id=deployment_id,
        state=ACTIVE if policy == ACCEPT else PENDING,
        created_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(deployment)
    except IntegrityError:  # another first launch was faster
        return _expect(find_deployment(session, registration.id, deployment_id))
    return deployment


def _expect(deployment: Deployment | None) -> Deployment:
    if deployment is None:
        raise RuntimeError("a deployment that could not be added is not there either")
    return deployment


def deployment_refused(issuer: str, client_id: str, deployment_id: str) -> LaunchRefused:
    """The refusal of an unknown deployment, with the command that would admit it."""
    details = [(N_("issuer"), issuer), (N_("client id"), client_id), (N_("deployment id"), deployment_id)]
    command = _add_command(issuer, client_id, "--deployment-id", shown(deployment_id))
    return LaunchRefused(Cause.DEPLOYMENT_REFUSED, details=details, command=command)
