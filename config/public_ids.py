"""Ids that may stand in an address: unguessable enough not to be enumerated, short enough to read out, no secret."""

import secrets

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # no 0/o, 1/l/i
LENGTH = 12  # about 59 bits


def new_public_id() -> str:
    """A fresh id of `LENGTH` characters from `ALPHABET`."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def is_public_id(text: str) -> bool:
    """Whether `text` can be one of ours at all; what cannot is not worth asking a database about."""
    return len(text) == LENGTH and set(text) <= set(ALPHABET)
