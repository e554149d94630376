"""One registration from its request to its end: all of it is stored, in one transaction, or nothing is."""

import logging
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.database import Database
from config.settings import Settings
from config.words import N_
from lti_tool.claims import MAX_ID
from lti_tool.models import Registration
from lti_tool.permission import PENDING
from lti_tool.registering import invitations
from lti_tool.registering.configuration import PlatformConfiguration, is_usable_address, read_configuration
from lti_tool.registering.exchange import Registered, fetch_configuration, is_sendable, post_registration
from lti_tool.registering.failures import Failure, RegistrationFailed
from lti_tool.registering.invitations import Invited
from lti_tool.registering.offer import registration_request
from lti_tool.registrations import APPROVE, add_platform

log = logging.getLogger(__name__)

MOST_WAITING = 20  # platforms that nobody invited and nobody has allowed yet: anybody can add to them
_LOGGED = ("address", "status", "reason", "fault")  # not what a platform says in its own words


@dataclass(frozen=True, slots=True)
class Asked:
    """What a platform's browser brings (LTI Dynamic Registration §3.2), and the invitation that our address had.

    '' is what was left out.
    """

    openid_configuration: str
    registration_token: str
    invitation: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """A platform that is registered now. `is_new` is False if one was brought up to date; `waits`: for an administrator
    who has to allow it."""

    registration_id: int
    name: str
    issuer: str
    client_id: str
    deployment_id: str | None
    product_family: str | None
    is_new: bool
    waits: bool = False


def check_invited(session: Session, settings: Settings, token: str) -> Invited | None:
    """The invitation of `token`, unused; None where registration is open and nobody needs one.

    Raises `RegistrationFailed`: NOT_INVITED, TOO_MANY_WAIT, INVITATION_….
    """
    if token:
        return invitations.look_at(session, token)
    if settings.open_registration == "off":
        raise RegistrationFailed(Failure.NOT_INVITED)
    waiting = select(func.count()).select_from(Registration).where(Registration.state == PENDING)
    if settings.open_registration == APPROVE and (session.scalar(waiting) or 0) >= MOST_WAITING:
        raise RegistrationFailed(Failure.TOO_MANY_WAIT)
    return None


@dataclass(frozen=True, slots=True)
class Registrar:
    """What registering works with. `icon_url`: the picture an LMS may show beside our name."""

    database: Database
    settings: Settings
    http: requests.Session
    icon_url: str

    def register(self, asked: Asked) -> Outcome:
        """Register the platform that `asked` for it. No transaction is open while it is talked to.

        Raises `RegistrationFailed`; then nothing has been stored here and the invitation can be used again.
        """
        with self.database.transaction() as session:
            invited = invitations.claim(session, asked.invitation) if asked.invitation else None
            if invited is None:
                check_invited(session, self.settings, "")
        try:
            return self._register(asked, invited)
        except BaseException as error:
            if invited is not None:
                with self.database.transaction() as session:
                    invitations.give_back(session, invited)
            if isinstance(error, RegistrationFailed):
                told = {name: value for name, value in error.details if name in _LOGGED}
                log.warning("platform not registered", extra={"cause": str(error.cause), **told})
            raise

    def _register(self, asked: Asked, invited: Invited | None) -> Outcome:
        configuration = self._configuration(asked)
        if invited is not None:
            with self.database.reading() as session:
                _check_platform(session, invited, configuration)
        ours = registration_request(self.settings.base_url, self.icon_url, configuration)
        registered = post_registration(self.http, configuration, asked.registration_token, ours)
        with self.database.transaction() as session:
            waits = invited is None and self.settings.open_registration == APPROVE
            outcome = _store(session, configuration, registered, invited, waits=waits)
            if invited is not None:
                invitations.spend(session, invited, outcome.registration_id)
        log.info("platform registered", extra={"registration": outcome.registration_id, "is_new": outcome.is_new})
        return outcome

    def _configuration(self, asked: Asked) -> PlatformConfiguration:
        allow_private = self.settings.allow_private_platforms
        url, token = asked.openid_configuration, asked.registration_token
        for parameter, usable in (
            ("openid_configuration", is_usable_address(url, allow_private=allow_private)),
            ("registration_token", is_sendable(token)),
        ):
            if not usable:
                raise RegistrationFailed(Failure.REQUEST_UNUSABLE, details=((N_("parameter"), parameter),))
        return read_configuration(url, fetch_configuration(self.http, url, token), allow_private=allow_private)


def _check_platform(session: Session, invited: Invited, configuration: PlatformConfiguration) -> None:
    """An invitation to bring one platform up to date is good for that platform only."""
    known = session.get(Registration, invited.registration_id) if invited.registration_id is not None else None
    if known is not None and known.issuer != configuration.issuer:
        details = ((N_("invited"), known.name), (N_("issuer"), configuration.issuer))
        raise RegistrationFailed(Failure.OTHER_PLATFORM_INVITED, details=details)


def _store(
    session: Session,
    configuration: PlatformConfiguration,
    registered: Registered,
    invited: Invited | None,
    *,
    waits: bool,
) -> Outcome:
    known = session.scalar(
        select(Registration)
        .where(Registration.issuer == configuration.issuer, Registration.client_id == registered.client_id)
        .with_for_update()
    )
    may_change = known is not None and invited is not None and invited.registration_id == known.id
    if known is not None and not may_change and not _has_addresses_of(known, configuration):
        raise _known_differently(known)
    name = invited.name if invited else configuration.account_name or urlsplit(configuration.issuer).netloc[:MAX_ID]
    registration, is_new = add_platform(
        session,
        issuer=configuration.issuer,
        client_id=registered.client_id,
        auth_login_url=configuration.authorization_endpoint,
        auth_token_url=configuration.token_endpoint,
        jwks_url=configuration.jwks_uri,
        deployment_id=registered.deployment_id,
        auth_audience=configuration.audience,
        name=name if known is None else None,
    )
    if is_new and waits:
        registration.state = PENDING
    registration.product_family = configuration.product_family or registration.product_family
    session.flush()
    return Outcome(
        registration_id=registration.id,
        name=registration.name,
        issuer=registration.issuer,
        client_id=registration.client_id,
        deployment_id=registered.deployment_id,
        product_family=registration.product_family,
        is_new=is_new,
        waits=registration.state == PENDING,
    )


def _has_addresses_of(known: Registration, told: PlatformConfiguration) -> bool:
    ours = (known.auth_login_url, known.auth_token_url, known.jwks_url)
    theirs = (told.authorization_endpoint, told.token_endpoint, told.jwks_uri)
    return ours == theirs and told.audience in (None, known.auth_audience)


def _known_differently(known: Registration) -> RegistrationFailed:
    details = (
        (N_("issuer"), known.issuer),
        (N_("client id"), known.client_id),
        (N_("command"), f"coursewright platforms invite --name … --platform {known.id}"),
    )
    return RegistrationFailed(Failure.KNOWN_DIFFERENTLY, details=details)
