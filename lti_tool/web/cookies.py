"""Our cookies. Secure, HttpOnly, SameSite=None and Partitioned in every environment.

We live in frames of other sites, where only a partitioned cookie survives when third-party cookies are blocked.
Browsers take `Secure` cookies over plain http from localhost and 127.0.0.1, so nothing is relaxed for development.
"""

from flask import Request
from werkzeug import Response

from lti_tool.deep_linking import selections
from lti_tool.login import COOKIE_PREFIX as LOGIN_COOKIE_PREFIX
from lti_tool.login import cookie_name

SESSION = "coursewright_session"
_LOGIN_PATH = "/lti"
_SELECTION_PATH = "/lti/select"


def set_login_cookie(response: Response, state: str, binding: str, seconds: int) -> None:
    """Bind a login to this browser for `seconds`."""
    _set(response, cookie_name(state), binding, path=_LOGIN_PATH, max_age=seconds)


def drop_login_cookie(response: Response, state: str) -> None:
    """The login is over; the cookie has done its work."""
    _set(response, cookie_name(state), "", path=_LOGIN_PATH, max_age=0)


def login_bindings(request: Request) -> list[str]:
    """The bindings of all logins this browser has under way or just finished."""
    return [value for name, value in request.cookies.items() if name.startswith(LOGIN_COOKIE_PREFIX)]


def set_selection_cookie(response: Response, key: str, binding: str) -> None:
    """Bind a choice of activities to this browser for as long as it may take."""
    seconds = int(selections.LIFETIME.total_seconds())
    _set(response, selections.cookie_name(key), binding, path=_SELECTION_PATH, max_age=seconds)


def selection_binding(request: Request, key: str) -> str | None:
    """What binds this browser to the choice of `key`, if it sent it."""
    return request.cookies.get(selections.cookie_name(key))


def set_session_cookie(response: Response, token: str) -> None:
    """Name this browser; the cookie goes when the browser does, the session on the server after a day."""
    _set(response, SESSION, token, path="/", max_age=None)


def has_any(request: Request) -> bool:
    """Whether the browser sent back any cookie of ours."""
    return any(name == SESSION or name.startswith(LOGIN_COOKIE_PREFIX) for name in request.cookies)


def _set(response: Response, name: str, value: str, *, path: str, max_age: int | None) -> None:
    response.set_cookie(
        name, value, max_age=max_age, path=path, secure=True, httponly=True, samesite="None", partitioned=True
    )
