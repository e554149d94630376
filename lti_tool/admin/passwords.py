"""Passwords of admins: which are taken, and how they are kept (argon2id, RFC 9106's second recommended option)."""

import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from config.words import N_

SHORTEST, LONGEST = 12, 200  # characters
FEWEST_DIFFERENT = 5

_hasher = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)
# Each check takes 64 MiB and four threads: strangers who ask for many at once wait for each other.
_turn = threading.BoundedSemaphore(4)

_RUNS = ("abcdefghijklmnopqrstuvwxyz", "0123456789", "qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm")
_COMMON = frozenset(
    {"password", "passwort", "passw0rd", "letmein", "welcome", "changeme", "secret", "admin", "administrator", "root"}
)


class PasswordRefused(ValueError):
    """A password that is not taken. `template` says why, and what would be; fill `values` in."""

    def __init__(self, template: str, **values: int) -> None:
        self.template = template
        self.values = values
        super().__init__(template % values)


def check_new(password: str, name: str) -> None:
    """Raises `PasswordRefused` for what somebody who guesses would try early."""
    if len(password) < SHORTEST:
        raise PasswordRefused(
            N_("A password takes at least %(number)s characters; a few words do well."), number=SHORTEST
        )
    if len(password) > LONGEST:
        raise PasswordRefused(N_("A password takes at most %(number)s characters."), number=LONGEST)
    plain = _normal(password).casefold()
    letters = "".join(one for one in plain if one.isalpha())
    if letters and letters in {"".join(one for one in name if one.isalpha()), "coursewright"} | _COMMON:
        raise PasswordRefused(
            N_("This password is the name, or a word that everybody tries, with little added. Take a few other words.")
        )
    if len(set(plain)) < FEWEST_DIFFERENT or _is_repeated(plain) or _is_run(plain):
        raise PasswordRefused(N_("This password only repeats or counts. Take a few words that do not belong together."))


def _is_repeated(text: str) -> bool:
    return text in (text + text)[1:-1]


def _is_run(text: str) -> bool:
    around = [run * (len(text) // len(run) + 2) for run in _RUNS]
    return any(text in one or text in one[::-1] for one in around)


def hashed(password: str) -> str:
    """What is kept of it."""
    with _turn:
        return _hasher.hash(_normal(password))


def is_right(kept: str, password: str) -> bool:
    """Whether `password` is the one of which `kept` is left; as much work for a wrong one as for the right one."""
    with _turn:
        try:
            return _hasher.verify(kept, _normal(password))
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(kept: str) -> bool:
    """Whether it was made with other parameters than today's, and should be made anew while the password is at hand."""
    return _hasher.check_needs_rehash(kept)


def _normal(password: str) -> str:
    # The same key gives other code points on other machines. Surrogates, which no keyboard gives, cannot be encoded.
    return unicodedata.normalize("NFKC", password).encode("utf-8", "replace").decode()
