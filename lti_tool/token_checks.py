"""Checks of a signed message that do not depend on what it is for: a launch's, and a notice's."""

from collections.abc import Mapping
from typing import Any

from config import clock
from config.words import N_
from lti_tool import claims
from lti_tool.causes import Cause
from lti_tool.errors import LaunchRefused

LEEWAY_SECONDS = 60
_KEYS_IN_HEADER = ("jwk", "jku", "x5u", "x5c")


def check_header(header: Mapping[str, Any]) -> str:
    """Security §5.1.2: RS256, and nothing in the header that names a key but kid, which is returned."""
    if header.get("alg") != "RS256":
        raise LaunchRefused(Cause.TOKEN_ALGORITHM, details=((N_("alg"), header.get(N_("alg"), "nothing")),))
    if named := [name for name in _KEYS_IN_HEADER if name in header]:
        raise LaunchRefused(Cause.TOKEN_EMBEDDED_KEY, details=((N_("header"), ", ".join(named)),))
    if "crit" in header or "b64" in header:
        raise LaunchRefused(Cause.TOKEN_CRITICAL)
    kid = header.get("kid")
    if not isinstance(kid, str) or not kid:
        raise LaunchRefused(Cause.KID_MISSING)
    return kid


def check_times(payload: claims.Claims, *, oldest_seconds: int) -> float:
    """Security §5.1.3 nos. 7 and 8, with a minute of leeway: Moodle's tokens live for just one. When it was made, in
    seconds since 1970; that may be `oldest_seconds` ago, however late its `exp`."""
    now = clock.now().timestamp()
    expires, issued, begins = (claims.numeric_date(payload, name) for name in ("exp", "iat", "nbf"))
    if expires is None:
        raise LaunchRefused(Cause.EXP_MISSING)
    if issued is None:
        raise LaunchRefused(Cause.IAT_MISSING)
    for cause, seconds, tolerated in (
        (Cause.EXPIRED, now - expires, LEEWAY_SECONDS),
        (Cause.IAT_FUTURE, issued - now, LEEWAY_SECONDS),
        (Cause.IAT_OLD, now - issued, oldest_seconds + LEEWAY_SECONDS),
        (Cause.NOT_BEFORE, (begins or 0) - now, LEEWAY_SECONDS),
    ):
        if seconds > tolerated:
            raise LaunchRefused(cause, details=((N_("seconds"), round(seconds)),))
    return issued
