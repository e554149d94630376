"""Our own signing keys: three stages, so that no platform ever meets a signature whose key it could not have known.

A key is published as `next` before it signs as `current`, and goes on being published for two days after it has
`retired`, since platforms keep our key set for hours (Security Framework §6.3).
"""

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from jwt.utils import to_base64url_uint
from sqlalchemy import delete, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from config import clock
from lti_tool.models import ToolKey

NEXT = "next"
CURRENT = "current"
RETIRED = "retired"
BITS = 2048
PUBLISHED_AFTER = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class KeySummary:
    """What may be said of a key: everything but its private half. `published_until` is set once it has retired."""

    kid: str
    status: str
    created_at: datetime
    published_until: datetime | None


def ensure_keys(session: Session) -> None:
    """See to it that there is a current and a next key. Several processes may start at once and end with one pair."""
    for status in (CURRENT, NEXT):
        if _live(session, status) is None:
            try:
                with session.begin_nested():
                    session.add(_new_key(status))
            except IntegrityError:  # another process made it; the partial unique index let one of us through
                continue


def public_jwks(session: Session) -> dict[str, list[dict[str, str]]]:
    """Our key set for platforms (RFC 7517): public members only, each with kid, alg RS256 and use sig.

    Reads only, so that it can be answered while a writer is at work; empty until `ensure_keys` has run.
    """
    published = or_(ToolKey.status != RETIRED, ToolKey.published_until > clock.now())
    rows = session.scalars(select(ToolKey).where(published).order_by(ToolKey.created_at, ToolKey.kid))
    return {"keys": [_public_jwk(row) for row in rows]}


def signing_key(session: Session) -> tuple[str, str]:
    """The current key's kid and private PEM."""
    ensure_keys(session)
    row = session.scalars(select(ToolKey).where(ToolKey.status == CURRENT)).one()
    return row.kid, row.private_pem


def rotate(session: Session) -> None:
    """Let the next key sign from now on. The one before stays published for 48 hours; older ones are deleted then."""
    ensure_keys(session)
    # Two rotations at once: the second waits here and then reads what the first has made of the rows.
    session.execute(select(ToolKey.kid).where(ToolKey.status != RETIRED).with_for_update())
    now = clock.now()
    session.execute(delete(ToolKey).where(ToolKey.status == RETIRED, ToolKey.published_until <= now))
    live = select(ToolKey).where(ToolKey.status != RETIRED).execution_options(populate_existing=True)
    by_status = {row.status: row for row in session.scalars(live)}
    # One statement each, in this order: never are there two keys of one live status.
    by_status[CURRENT].status, by_status[CURRENT].published_until = RETIRED, now + PUBLISHED_AFTER
    session.flush()
    by_status[NEXT].status = CURRENT
    session.flush()
    session.add(_new_key(NEXT))
    session.flush()


def list_keys(session: Session) -> list[KeySummary]:
    """Every key there is, oldest first."""
    rows = session.scalars(select(ToolKey).order_by(ToolKey.created_at, ToolKey.kid))
    return [KeySummary(row.kid, row.status, row.created_at, row.published_until) for row in rows]


def _live(session: Session, status: str) -> str | None:
    return session.scalar(select(ToolKey.kid).where(ToolKey.status == status))


def _new_key(status: str) -> ToolKey:
    private = generate_private_key(public_exponent=65537, key_size=BITS)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")
    kid = thumbprint(private.public_key())
    return ToolKey(kid=kid, private_pem=pem, status=status, created_at=clock.now())


def thumbprint(key: RSAPublicKey) -> str:
    """The key's name, made from the key itself (RFC 7638)."""
    canonical = json.dumps(_members(key), separators=(",", ":"), sort_keys=True).encode("ascii")
    return base64.urlsafe_b64encode(hashlib.sha256(canonical).digest()).rstrip(b"=").decode("ascii")


def _members(key: RSAPublicKey) -> dict[str, str]:
    numbers = key.public_numbers()
    return {"kty": "RSA", "n": to_base64url_uint(numbers.n).decode(), "e": to_base64url_uint(numbers.e).decode()}


def _public_jwk(row: ToolKey) -> dict[str, str]:
    private = load_pem_private_key(row.private_pem.encode("ascii"), None)
    if not isinstance(private, RSAPrivateKey):
        raise TypeError("a tool key is no RSA key")
    return {**_members(private.public_key()), "kid": row.kid, "alg": "RS256", "use": "sig"}
