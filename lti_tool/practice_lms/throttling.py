"""Canvas's way to slow a tool down: a bucket that leaks, filled ahead by requests that run at the same time.

A request is charged `AHEAD` when it comes and given back all but its `COST` when it is answered, so that some twelve at
once are too many, though any number may come one after the other. What is too much is 403, and says so in its text.
"""

import threading
from collections.abc import Callable

from flask import Flask, Response, g, request

SERVICES = ("/lti/lineitems", "/lti/memberships")
HIGH_WATER, AHEAD, COST, LEAK_PER_SECOND = 600.0, 50.0, 1.0, 10.0


class Bucket:
    """Units in the bucket at a moment; `seconds` is any clock that only goes forward."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._level, self._at = 0.0, seconds()

    def add(self, units: float) -> float:
        """Add (or with a negative number take out) units; what is in the bucket then."""
        with self._lock:
            now = self._seconds()
            self._level = max(self._level - (now - self._at) * LEAK_PER_SECOND, 0.0) + units
            self._at = now
            return self._level


def too_many() -> Response:
    """The answer to a request too many."""
    return Response("403 Forbidden (Rate Limit Exceeded)\n", 403, content_type="text/plain")


def install(app: Flask, seconds: Callable[[], float]) -> None:
    """Put the bucket before all service addresses."""
    bucket = Bucket(seconds)

    def fill() -> Response | None:
        if not request.path.startswith(SERVICES):
            return None
        if bucket.add(AHEAD) > HIGH_WATER:
            bucket.add(-AHEAD)
            return too_many()
        g.charged = True
        return None

    def give_back(response: Response) -> Response:
        if g.pop("charged", False):
            level = bucket.add(COST - AHEAD)
            response.headers["X-Request-Cost"] = str(COST)
            response.headers["X-Rate-Limit-Remaining"] = str(round(HIGH_WATER - level, 1))
        return response

    app.before_request(fill)
    app.after_request(give_back)
