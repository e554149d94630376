"""Where a frame keeps no cookie, the platform may keep a login's secret for us (LTI Client Side postMessages).

The platform offers that by `lti_storage_target` (Canvas does in its web pages, Moodle never). At the login a small page
asks it to keep our secret, and goes on; at the launch another one asks for it and brings it along. The cookie comes
first: a browser that shows the login's cookie sees neither page. Only the page's frame at the platform's own sign-in
origin is asked, and only our own page may hand in what it said, so the secret proves what the cookie would have: that
this browser began the login. All other checks of a launch stay as they are.
"""

import re
from dataclasses import dataclass

from flask import Request, make_response, render_template, request, url_for
from sqlalchemy import select
from werkzeug import Response

from lti_tool.addresses import origin_of
from lti_tool.login import Login, cookie_name
from lti_tool.login_states import fingerprint
from lti_tool.models import LoginState, Registration
from lti_tool.tokens import MAX_BYTES
from lti_tool.web import cookies
from lti_tool.web.current import services

_FRAME_NAME = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


@dataclass(frozen=True, slots=True)
class StoragePage:
    """template platform_storage.html. `key` is kept in the frame `target` of the platform at `origin`.

    With `value` the page lets it be kept and goes on to `action`; without, it asks for it and posts `fields` there.
    """

    target: str
    origin: str
    key: str
    value: str | None
    action: str
    fields: tuple[tuple[str, str], ...] = ()


def is_framed(asked: Request) -> bool:
    """Whether a browser is loading this into a frame; all that can be framed safely say so."""
    return asked.headers.get("Sec-Fetch-Dest") in {"iframe", "frame"}


def keeping_page(begun: Login) -> Response | None:
    """The page that lets the platform keep the secret of a login that has begun; None where no cookie is in doubt."""
    target = _offered(request.values.getlist("lti_storage_target"))
    origin = origin_of(begun.redirect_url)
    if target is None or origin is None or cookies.has_any(request):
        return None
    return _shown(
        StoragePage(
            target=target,
            origin=origin,
            key=_key(begun.state),
            value=begun.binding_secret,
            action=begun.redirect_url,
        )
    )


def asking_page(state: str, id_token: str) -> Response | None:
    """The page that asks for the secret of a launch without a cookie; None where there is nobody to ask."""
    target = _offered(request.form.getlist("lti_storage_target"))
    if (
        target is None
        or not state
        or not id_token
        or len(id_token) > MAX_BYTES
        or cookie_name(state) in request.cookies
    ):
        return None
    query = select(Registration.auth_login_url).join(LoginState, LoginState.registration_id == Registration.id)
    with services().database.reading() as session:
        sign_in = session.scalar(
            query.where(LoginState.state_hash == fingerprint(state), LoginState.spent_at.is_(None))
        )
    origin = origin_of(sign_in)
    if origin is None:
        return None
    return _shown(
        StoragePage(
            target=target,
            origin=origin,
            key=_key(state),
            value=None,
            action=url_for("launch.launch_with_storage"),
            fields=(("state", state), ("id_token", id_token)),
        )
    )


def _offered(given: list[str]) -> str | None:
    is_name = len(given) == 1 and _FRAME_NAME.fullmatch(given[0])
    return given[0] if is_name and is_framed(request) else None


def _key(state: str) -> str:
    return f"state_{state}"


def _shown(page: StoragePage) -> Response:
    return make_response(render_template("platform_storage.html", page=page))
