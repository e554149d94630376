"""How fast one address may begin logins and launches. Generous: a whole campus may sit behind one address.

Counted per process in memory, or for all processes together where there is a Redis broker.
"""

from typing import Any

from flask import Flask, request
from flask_limiter import Limiter

from config.settings import Settings

LAUNCHES = "1200 per minute"
REGISTRATIONS = "60 per minute"
LIMITED = {
    "launch.login": LAUNCHES,
    "launch.launch": LAUNCHES,
    "launch.go_on": LAUNCHES,
    "registering.register_platform": REGISTRATIONS,  # each makes two requests, and an invitation is not to be guessed
}


def register(app: Flask, settings: Settings) -> None:
    """Limit the public LTI endpoints, unless the settings say not to; everything else asks for a seat first."""
    if not settings.rate_limits:
        return  # a limiter that is switched off is let go by its library, and every launch would fail for want of it
    storage = settings.broker_url if settings.broker_url.startswith("redis") else "memory://"
    limiter = Limiter(
        key_func=lambda: request.remote_addr or "",
        app=app,
        storage_uri=storage,
        strategy="fixed-window",
        swallow_errors=True,  # a broker that is down must not keep anybody out
        in_memory_fallback_enabled=storage != "memory://",
        in_memory_fallback=[LAUNCHES],
    )
    for endpoint, limit in LIMITED.items():
        limited: Any = limiter.limit(limit)(app.view_functions[endpoint])
        app.view_functions[endpoint] = limited
