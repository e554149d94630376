"""The console's two cookies: who is signed in, and that this browser has been before.

They have nothing to do with a learner's: other names, no frames of other sites (`SameSite=Lax`, which lets a link in
an e-mail open the page it leads to), and nothing outside `/admin` reads them. Under https their names begin with
`__Host-`: no other host of the site's can plant one. Such a cookie has to be everybody's path; others are `/admin`'s.
"""

from datetime import timedelta

from flask import Request
from werkzeug import Response

from lti_tool.web.current import services

SESSION = "coursewright_admin"
BROWSER = "coursewright_admin_browser"
BROWSER_LIFETIME = timedelta(days=180)


def session_token(request: Request) -> str:
    """What names the admin's session, '' where there is none."""
    return request.cookies.get(_name(SESSION), "")


def known_browser(request: Request) -> str:
    """What a browser shows in which an admin has signed in before, or ''."""
    return request.cookies.get(_name(BROWSER), "")


def set_session(response: Response, token: str) -> None:
    """Signed in, until the browser goes or the session on the server is over."""
    _set(response, SESSION, token, max_age=None)


def drop_session(response: Response) -> None:
    """Signed out."""
    _set(response, SESSION, "", max_age=0)


def set_known_browser(response: Response, value: str) -> None:
    """Remember that somebody has signed in here."""
    _set(response, BROWSER, value, max_age=int(BROWSER_LIFETIME.total_seconds()))


def _name(name: str) -> str:
    return f"__Host-{name}" if _is_https() else name


def _is_https() -> bool:
    return services().settings.base_url.startswith("https://")


def _set(response: Response, name: str, value: str, *, max_age: int | None) -> None:
    path = "/" if _is_https() else "/admin"
    response.set_cookie(_name(name), value, max_age=max_age, path=path, secure=True, httponly=True, samesite="Lax")
