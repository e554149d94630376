"""Which Moodle, and where the tool is to be: read from the environment."""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

MISSING = (
    "MOODLE_URL is not set: the flows on a real Moodle need one to try out (docs/lms/moodle.md, “Repeat our flows”)"
)


@dataclass(frozen=True)
class Settings:
    """`tool` is the address that Moodle and the browser know, `port` where the driver's own tool listens behind it."""

    moodle: str
    admin: str
    password: str
    tool: str
    port: int
    pictures: Path | None

    @property
    def tool_is_local(self) -> bool:
        """Whether nothing stands in front of the tool."""
        return urlsplit(self.tool).hostname in {"localhost", "127.0.0.1"}


def from_environment() -> Settings | None:
    """The settings; None where no Moodle is named.

    Raises KeyError when `MOODLE_URL` is set and `MOODLE_ADMIN_PASSWORD` is not.
    """
    moodle = os.environ.get("MOODLE_URL", "").rstrip("/")
    if not moodle:
        return None
    port = int(os.environ.get("TOOL_PORT", "5000"))
    pictures = os.environ.get("MOODLE_SCREENSHOTS")
    return Settings(
        moodle=moodle,
        admin=os.environ.get("MOODLE_ADMIN", "admin"),
        password=os.environ["MOODLE_ADMIN_PASSWORD"],
        tool=os.environ.get("TOOL_URL", f"http://localhost:{port}").rstrip("/"),
        port=port,
        pictures=Path(pictures) if pictures else None,
    )
