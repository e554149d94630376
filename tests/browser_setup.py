"""Finds a Chromium for the tests and, where there is none, gets one: `python -m tests.browser_setup`."""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
_APT = (
    ("apt-get", "update"),
    ("apt-get", "install", "-y", "--no-install-recommends", "chromium", "fonts-dejavu-core"),
)
_PLAYWRIGHTS_OWN = (
    "from playwright.sync_api import sync_playwright\n"
    "with sync_playwright() as playwright: print(playwright.chromium.executable_path)"
)


@cache
def find_chromium() -> str | None:
    """The browser that $CHROMIUM names, one on the PATH, or Playwright's own; None when there is none."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    for name in NAMES:
        if found := shutil.which(name):
            return found
    # In a process of its own, because a test may have Playwright running here already.
    asked = subprocess.run([sys.executable, "-c", _PLAYWRIGHTS_OWN], capture_output=True, text=True, check=False)
    own = asked.stdout.strip()
    return own if own and Path(own).exists() else None


def main() -> int:
    """Exit status: 0, also without a browser (its tests are skipped then), but 1 without one under CI."""
    if find_chromium():
        return 0
    if os.environ.get("CHROMIUM"):
        return _without(f"$CHROMIUM names {os.environ['CHROMIUM']!r}, which is not there")
    if os.geteuid() == 0 and shutil.which("apt-get"):
        _say("No Chromium here: installing Debian's.")
        for command in _APT:
            if not _run(*command):
                break
        find_chromium.cache_clear()
        if find_chromium():
            return 0
    _say("No Chromium here: downloading Playwright's.")
    _run(sys.executable, "-m", "playwright", "install", "chromium")
    find_chromium.cache_clear()
    return 0 if find_chromium() else _without("none could be installed")


def _run(*command: str) -> bool:
    """Whether the command went well; what it wrote is shown only when it did not."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        _say(f"{done.stdout.rstrip()}\n`{' '.join(command)}` ended with status {done.returncode}.")
    return done.returncode == 0


def _without(reason: str) -> int:
    _say(f"!!! NO BROWSER: {reason}. The browser tests will be skipped. Install Chromium or set CHROMIUM=/path/to/it.")
    return 1 if os.environ.get("CI") == "true" else 0


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
