"""Style sheets and scripts, under an address that changes with their content and may be kept for a year."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, send_from_directory
from werkzeug import Response

from lti_tool.web.guards import public

FOLDER = Path(__file__).resolve().parent / "static"
YEAR = 31_536_000  # seconds


@cache
def content_version() -> str:
    """A short hash over all files: scripts import one another by plain relative names, so they change together."""
    digest = hashlib.sha256()
    for file in sorted(FOLDER.rglob("*")):
        if file.is_file():
            digest.update(file.relative_to(FOLDER).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:12]


def register(app: Flask) -> None:
    """Serve the files as the endpoint `static`, as templates expect, with the version put in for them."""
    app.add_url_rule("/static/<version>/<path:filename>", endpoint="static", view_func=serve)

    @app.url_defaults
    def add_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static":
            values.setdefault("version", content_version())


@public
def serve(version: str, filename: str) -> Response:
    """A static file; under an outdated version the present content is sent and not kept."""
    response = send_from_directory(FOLDER, filename)
    current = version == content_version()
    response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable" if current else "no-cache"
    return response
