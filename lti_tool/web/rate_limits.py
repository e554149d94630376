"""How fast one address, one browser and one platform may ask. Generous: a whole campus may sit behind one address.

Counted per process in memory, or for all processes together where there is a Redis broker. A browser is known by its
session's cookie; one that shows none counts by its address alone, or a computer room of equal ones would be shut out.
Every launch needs a login of its own, so what a platform may do is limited there.
"""

from collections.abc import Callable
from typing import Any

from flask import Flask, request
from flask_limiter import Limiter
from werkzeug.exceptions import HTTPException

from config.settings import Settings
from lti_tool.login_states import fingerprint
from lti_tool.web.visit_addresses import learner_and_token

BY_ADDRESS = "1200 per minute"
BY_BROWSER = "600 per minute"
BY_PLATFORM = "6000 per minute"
WORK = "1200 per minute"  # of one browser, at pages and forms of its visits
NOTICES = "300 per minute"  # of one platform's server; each may bring a hundred
SIGN_INS = "60 per minute"  # to the console; lti_tool.admin.tries counts them more closely, for all processes
REGISTRATIONS = "60 per minute"  # each makes two requests, and an invitation is not to be guessed
RETRY_SECONDS = 60
IN_A_VISIT = {"learner_page", "learner_action", "choosing_page", "choosing_action"}


def register(app: Flask, settings: Settings) -> None:
    """Limit the ways in and what a visit may ask, unless the settings say not to."""
    if not settings.rate_limits:
        return  # a limiter that is switched off is let go by its library, and every launch would fail for want of it
    storage = settings.broker_url if settings.broker_url.startswith("redis") else "memory://"
    limiter = Limiter(
        key_func=_address,
        app=app,
        storage_uri=storage,
        strategy="fixed-window",
        swallow_errors=True,  # a broker that is down must not keep anybody out
        in_memory_fallback_enabled=storage != "memory://",
        in_memory_fallback=[BY_ADDRESS],
    )
    limits: dict[str, list[tuple[str, Callable[[], str]]]] = {
        "launch.login": [(BY_ADDRESS, _address), (BY_BROWSER, _browser), (BY_PLATFORM, _platform)],
        "launch.launch": [(BY_ADDRESS, _address), (BY_BROWSER, _browser)],
        "launch.launch_with_storage": [(BY_ADDRESS, _address)],
        "launch.go_on": [(BY_ADDRESS, _address)],
        "notices.take": [(NOTICES, _address)],
        "registering.register_platform": [(REGISTRATIONS, _address)],
        "admin_sign_in.enter": [(SIGN_INS, _address)],
    }
    for endpoint, view in app.view_functions.items():
        if getattr(view, "guard", "") in IN_A_VISIT:
            limits[endpoint] = [(WORK, _browser)]
    for endpoint, of_it in limits.items():
        for limit, key in of_it:
            shown_none = _is_unknown if key is _browser else None
            limited: Any = limiter.limit(limit, key_func=key, exempt_when=shown_none)(app.view_functions[endpoint])
            app.view_functions[endpoint] = limited


def _address() -> str:
    return f"address {request.remote_addr or ''}"


def _browser() -> str:
    return "browser " + fingerprint(_token())


def _is_unknown() -> bool:
    return not _token()


def _token() -> str:
    return learner_and_token((request.view_args or {}).get("learner_key", ""))[1]


def _platform() -> str:
    try:
        asked = request.values
    except HTTPException:  # a body too long to be read: refused by whoever reads it, and no fault of the store's
        return _address()
    # By hash: what a stranger sends is of any length, and no name for a cell of the store.
    return "platform " + fingerprint(f"{asked.get('iss', '')} {asked.get('client_id', '')}")
