"""Id tokens as no platform should send them, for tests of what a tool refuses."""

import base64
import hashlib
import hmac
import json
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import RSAKey

from lti_tool.practice_lms import course, launches, signing
from lti_tool.practice_lms.platform import Platform
from lti_tool.practice_lms.refusals import Refused


def forge(
    platform: Platform,
    *,
    user_id: str,
    activity_id: str,
    nonce: str,
    document_target: launches.DocumentTarget,
    claims: dict[str, Any],
    remove: list[str],
    header: dict[str, Any],
    remove_header: list[str],
    payload: str | None,
    key: str,
) -> str:
    """The token of a true launch, changed as asked; controls.py tells the members. Raises Refused (400)."""
    with platform.store.transaction() as db:
        person = course.find_person(db, user_id)
        activity = course.find_activity(db, activity_id)
        if person is None or activity is None:
            raise Refused(400, "bad_control", "user_id or activity_id is unknown.")
        true_claims = launches.launch_claims(
            db,
            platform.settings,
            person,
            activity,
            nonce=nonce,
            document_target=document_target,
            now=platform.clock(),
        )
        current_key = signing.current_key(db)
    head = _changed({"typ": "JWT", "alg": "RS256", "kid": current_key.kid}, header, remove_header)
    text = json.dumps(_changed(true_claims, claims, remove)) if payload is None else payload
    signed = f"{_base64url(json.dumps(head).encode())}.{_base64url(text.encode())}"
    return f"{signed}.{_base64url(_signature(signed.encode(), key, current_key))}"


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
