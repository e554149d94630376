"""The platform's own signing keys."""

import sqlite3
from functools import lru_cache
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

KEY_BITS = 2048


def ensure_key(db: sqlite3.Connection) -> None:
    """Make the first key when there is none."""
    if db.execute("SELECT 1 FROM signing_key").fetchone() is None:
        rotate(db, keep_old=True)


def rotate(db: sqlite3.Connection, *, keep_old: bool) -> str:
    """Make a new current key and return its kid; old ones stay in the key set if ``keep_old``."""
    key = RSAKey.generate_key(KEY_BITS, {"use": "sig", "alg": "RS256"}, private=True, auto_kid=True)
    if not keep_old:
        db.execute("DELETE FROM signing_key")
    db.execute(
        "INSERT INTO signing_key (kid, pem, position)"
        " VALUES (?, ?, (SELECT coalesce(max(position), 0) + 1 FROM signing_key))",
        (key.kid, key.as_pem(private=True).decode()),
    )
    return str(key.kid)


def current_key(db: sqlite3.Connection) -> RSAKey:
    """The private key that signs now: the newest."""
    row = db.execute("SELECT * FROM signing_key ORDER BY position DESC LIMIT 1").fetchone()
    return _load(row["kid"], row["pem"])


def public_key_set(db: sqlite3.Connection) -> dict[str, list[Any]]:
    """The JSON Web Key Set (RFC 7517 §5) of everything published, newest first."""
    rows = db.execute("SELECT * FROM signing_key ORDER BY position DESC")
    return {"keys": [_load(row["kid"], row["pem"]).as_dict(private=False) for row in rows]}


def sign(key: RSAKey, claims: dict[str, Any]) -> str:
    """A compact RS256 token with the key's kid (LTI Security Framework 1.0 §5.1.2 and §6.3)."""
    return jwt.encode({"alg": "RS256", "kid": str(key.kid)}, claims, key, algorithms=["RS256"])


@lru_cache(maxsize=8)
def _load(kid: str, pem: str) -> RSAKey:
    # Kept, because reading a PEM checks the primes anew and takes some 50 ms.
    return RSAKey.import_key(pem, {"use": "sig", "alg": "RS256", "kid": kid})
