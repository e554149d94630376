"""Who a message says it is from and for, held against the platform with whom the login was begun."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.words import N_
from lti_tool.causes import Cause
from lti_tool.claims import Claims, is_storable
from lti_tool.errors import LaunchRefused
from lti_tool.models import Registration
from lti_tool.tool_conf import PlatformRegistration

MAX_AUDIENCES = 20  # far more than anybody sends; each is looked up if the message turns out not to be for us


def check_audience(session: Session, payload: Claims, registration_id: int) -> PlatformRegistration:
    """The registration of the login, if the unverified `payload` is from its issuer and for its client.

    Security §5.1.3 nos. 2–5: `iss` equal, `aud` a string or list that holds the client id, `azp` equal if present and
    required among several audiences. Raises `LaunchRefused`: ISSUER, AUDIENCE, AZP, or STATE_OTHER_PLATFORM if the
    message is from, or for, another registration of ours.
    """
    expected = session.get(Registration, registration_id)
    if expected is None:  # removed since the state was spent
        raise LaunchRefused(Cause.STATE_UNKNOWN)
    issuer, audiences = _issuer(payload, expected), _audiences(payload, expected)
    if issuer != expected.issuer or expected.client_id not in audiences:
        raise _not_ours(session, expected, issuer, audiences)
    azp = payload.get("azp")
    if ("azp" in payload or len(audiences) > 1) and azp != expected.client_id:
        shown = "nobody" if azp is None else azp
        raise LaunchRefused(Cause.AZP, details=((N_("azp"), shown), (N_("expected"), expected.client_id)))
    return PlatformRegistration(expected)


def _issuer(payload: Claims, expected: Registration) -> str:
    issuer = payload.get("iss")
    if not isinstance(issuer, str) or not issuer:
        raise LaunchRefused(Cause.ISSUER, details=((N_("issuer"), "nobody"), (N_("expected"), expected.issuer)))
    return issuer


def _audiences(payload: Claims, expected: Registration) -> list[str]:
    audience = payload.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience
    if isinstance(audiences, list) and 0 < len(audiences) <= MAX_AUDIENCES:
        texts = [one for one in audiences if isinstance(one, str) and one]
        if len(texts) == len(audiences):
            return texts
    shown = "nobody" if audience in (None, "", []) else audience
    raise LaunchRefused(Cause.AUDIENCE, details=((N_("audience"), shown), (N_("expected"), expected.client_id)))


def _not_ours(session: Session, expected: Registration, issuer: str, audiences: list[str]) -> LaunchRefused:
    if is_storable("".join([issuer, *audiences])) and session.scalar(
        select(Registration.id).where(Registration.issuer == issuer, Registration.client_id.in_(audiences)).limit(1)
    ):
        details = (
            (N_("began at"), f"{expected.issuer} ({expected.client_id})"),
            (N_("answered by"), f"{issuer} ({', '.join(audiences)})"),
        )
        return LaunchRefused(Cause.STATE_OTHER_PLATFORM, details=details)
    if issuer != expected.issuer:
        return LaunchRefused(Cause.ISSUER, details=((N_("issuer"), issuer), (N_("expected"), expected.issuer)))
    details = ((N_("audience"), ", ".join(audiences)), (N_("expected"), expected.client_id))
    return LaunchRefused(Cause.AUDIENCE, details=details)
