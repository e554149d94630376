"""A port on which a process without pages answers with what it has counted; docs/metrics.md says when it is wanted."""

import threading
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from config import metrics


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's signature
        """Nothing: it would write in a form of its own."""


def answer_with_metrics(port: int, token: str) -> int:
    """Answer on a thread of its own, to this machine alone where there is no token to show. Returns the port, which
    the system chooses for 0; raises `OSError` when it is taken."""

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if token and not metrics.shows_token(environ.get("HTTP_AUTHORIZATION", ""), token):
            start("401 Unauthorized", [("WWW-Authenticate", "Bearer"), ("Content-Length", "0")])
            return []
        if environ.get("PATH_INFO") != "/metrics":
            start("404 Not Found", [("Content-Length", "0")])
            return []
        body = metrics.exposition()
        start("200 OK", [("Content-Type", metrics.CONTENT_TYPE), ("Content-Length", str(len(body)))])
        return [body]

    host = "0.0.0.0" if token else "127.0.0.1"  # noqa: S104 - behind the token
    server = make_server(host, port, application, handler_class=_Quiet)
    threading.Thread(target=server.serve_forever, name="metrics-port", daemon=True).start()
    return int(server.server_port)
