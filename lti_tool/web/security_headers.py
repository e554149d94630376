"""What every answer says to the browser about itself: what it may load, who may frame it, what it must not keep."""

from flask import g, request
from werkzeug import Response

from lti_tool.addresses import origin_of
from lti_tool.models import Registration
from lti_tool.web.admin.frame import is_console

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'"
)
PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in ("camera", "display-capture", "geolocation", "microphone", "midi", "payment", "serial", "usb")
)
A_YEAR = 31_536_000  # seconds


def add_security_headers(response: Response, *, is_production: bool) -> None:
    """Put them on an answer. Pages of a visit say first, by `allow_frames`, where they may be framed; all others hold
    nothing of anybody's, and an error must be readable wherever it shows up. The console is framed by nobody."""
    ancestors = " ".join(["'self'", *g.frame_ancestors]) if g.get("frame_ancestors") else "*"
    if is_console(request.path):
        ancestors = "'none'"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    targets = " ".join(["'self'", *g.get("form_targets", ())])
    response.headers["Content-Security-Policy"] = f"{POLICY}; form-action {targets}; frame-ancestors {ancestors}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = PERMISSIONS
    if is_production:
        response.headers["Strict-Transport-Security"] = f"max-age={A_YEAR}"
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"


def allow_frames(registration: Registration, *addresses: str | None) -> None:
    """Let the page that is being made be framed where this platform really frames from.

    That is where the launch said it came from (`addresses`), what the registration lists, and where its people sign
    in. An issuer alone says nothing (hosted Canvas has one for every school); it counts beside the sign-in only where
    a launch did not say where it came from.
    """
    said = [origin for origin in map(origin_of, addresses) if origin]
    also = [] if said else [registration.issuer]
    known = [*registration.frame_origins, *filter(None, map(origin_of, [registration.auth_login_url, *also]))]
    g.frame_ancestors = sorted({*said, *known})
