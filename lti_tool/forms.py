"""What the library is given in place of a web framework: parameters (each once, each text), and no cookies."""

from collections.abc import Mapping, Sequence

from pylti1p3.cookie import CookieService
from pylti1p3.request import Request

from config.words import N_
from lti_tool.causes import Cause
from lti_tool.errors import LaunchRefused

Parameters = Mapping[str, str | Sequence[str]]


class Form(Request):
    """The parameters of one request. Which of them are unknown to us does not matter; they are never looked at."""

    def __init__(self, parameters: Parameters, *, longest: int | None = None) -> None:
        self._parameters = parameters
        self._longest = longest

    def is_secure(self) -> bool:
        """Part of the library's interface, for cookies of its own; it sets none here."""
        return True

    def get_param(self, key: str) -> str:
        """The value of `key`, '' if it was not sent. Raises PARAMETER_REPEATED, …_TOO_LONG or …_MALFORMED."""
        value = self._parameters.get(key, "")
        if not isinstance(value, str):
            if len(value) > 1:
                raise LaunchRefused(Cause.PARAMETER_REPEATED, details=((N_("parameter"), key),))
            value = value[0] if value else ""
        if not isinstance(value, str):
            raise LaunchRefused(Cause.PARAMETER_MALFORMED, details=((N_("parameter"), key),))
        if self._longest is not None and len(value) > self._longest:
            raise LaunchRefused(Cause.PARAMETER_TOO_LONG, details=((N_("parameter"), key),))
        return value


class NoCookies(CookieService):
    """Sets nothing and finds nothing: binding a login to a browser is the web layer's, with a secret of our own."""

    def get_cookie(self, name: str) -> None:
        """Part of the library's interface."""

    def set_cookie(self, name: str, value: str | int, exp: int | None = 3600) -> None:
        """Part of the library's interface."""
