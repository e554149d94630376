"""The practice LMS in Chromium: a launch across sites, and pages that everybody can use."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from urllib.parse import urlencode

import pytest
from flask import Flask, redirect, request
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from lti_tool.practice_lms.activities import default_activities
from lti_tool.practice_lms.app import create_app, utc_now
from lti_tool.practice_lms.grades import read_score, record_score
from lti_tool.practice_lms.line_items import find_line_item
from lti_tool.practice_lms.platform import EXTENSION, Platform
from lti_tool.practice_lms.settings import Settings
from tests.practice_lms.helpers import ADA
from tests.support.browser import axe_violations, chromium, sideways_scroll

pytestmark = pytest.mark.browser


def tool_app(lms: str) -> Flask:
    """A tool that answers the login by redirect, or by a page that posts itself, and shows the launch's fields."""
    app = Flask(__name__)

    @app.route("/lti/login", methods=["GET", "POST"])
    def login() -> Response | str:
        fields = {
            "scope": "openid",
            "response_type": "id_token",
            "response_mode": "form_post",
            "prompt": "none",
            "client_id": request.values["client_id"],
            "redirect_uri": request.host_url + "lti/launch",
            "login_hint": request.values["login_hint"],
            "lti_message_hint": request.values["lti_message_hint"],
            "state": "s",
            "nonce": "n",
        }
        if request.method == "GET":
            return redirect(f"{lms}/lti/auth?{urlencode(fields)}")
        inputs = "".join(f'<input name="{name}" value="{escape(value)}">' for name, value in fields.items())
        return f'<form method="post" action="{lms}/lti/auth">{inputs}</form><script>document.forms[0].submit()</script>'

    @app.post("/lti/launch")
    def launch() -> str:
        return "launched with " + " and ".join(sorted(request.form))

    return app


@contextmanager
def served(app: Flask, port: int = 0) -> Iterator[int]:
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def lms_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A practice LMS with two grades, and a tool on another site."""
    with served(Flask("port")) as port:
        url = f"http://127.0.0.1:{port}"
    with served(tool_app(url)) as tool_port:
        tool = f"http://localhost:{tool_port}"
        app = create_app(Settings(url, tool, tmp_path_factory.mktemp("lms"), default_activities(tool)))
        platform: Platform = app.extensions[EXTENSION]
        with platform.store.transaction() as db:
            column = find_line_item(db, 1)
            assert column is not None
            score = {"userId": ADA, "scoreGiven": 4, "scoreMaximum": 5, "comment": "Read section two once more. " * 5}
            score |= {"activityProgress": "Completed", "gradingProgress": "FullyGraded"}
            score |= {"timestamp": utc_now().isoformat()}
            plain = platform.settings.personality
            record_score(db, plain, column, read_score(score, plain), utc_now())
        with served(app, port):
            yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright, chromium(playwright) as started:
        yield started


def sign_in(page: Page, lms_url: str, name: str) -> None:
    page.goto(lms_url)
    page.get_by_role("button", name=f"Continue as {name}").click()
    page.wait_for_url("**/course")


@pytest.mark.parametrize(("query", "cookie_comes"), [("?method=get", True), ("", False)])
def test_a_launch_fills_the_frame_with_or_without_the_lms_cookie(
    browser: Browser, lms_url: str, query: str, cookie_comes: bool
) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        sign_in(page, lms_url, "Ada Lovelace")
        with page.expect_request("**/lti/auth*") as asked:
            page.goto(f"{lms_url}/activity/quiz-1{query}")
        page.frame_locator("iframe").get_by_text("launched with id_token and state").wait_for()
        assert ("cookie" in asked.value.all_headers()) is cookie_comes
        assert page.get_by_role("button", name="Open the activity").is_hidden()


def test_a_launch_can_be_in_a_new_window(browser: Browser, lms_url: str) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        sign_in(page, lms_url, "Ada Lovelace")
        page.goto(f"{lms_url}/activity/lesson-1")
        page.frame_locator("iframe").get_by_text("launched with id_token and state").wait_for()
        with context.expect_page() as opened:
            # By keyboard: right after a page has scrolled, headless Chromium may still send a click to the frame that
            # was there before.
            page.get_by_role("link", name="Open in a new window").press("Enter")
        opened.value.get_by_text("launched with id_token and state").wait_for()


def test_a_launch_needs_no_scripts_of_ours(browser: Browser, lms_url: str) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        sign_in(page, lms_url, "Ada Lovelace")
        page.goto(f"{lms_url}/activity/lesson-1?method=get")
        page.get_by_role("button", name="Open the activity").click()
        frame = page.frame_locator("iframe")
        frame.get_by_role("button", name="Continue").click()
        frame.get_by_text("launched with id_token and state").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)])
def test_every_page_is_accessible_and_fits(
    browser: Browser, lms_url: str, scheme: str, width: int, height: int
) -> None:
    with browser.new_context(
        viewport={"width": width, "height": height}, color_scheme="dark" if scheme == "dark" else "light"
    ) as context:
        page = context.new_page()
        paths = ["/", "/gradebook", "/course", "/grades", "/activity/none", "/return?lti_msg=Saved&lti_errormsg=Closed"]
        for name, seen in (("Ada Lovelace", paths), ("Grace Hopper", ["/", "/gradebook"])):
            sign_in(page, lms_url, name)
            for path in seen:
                page.goto(lms_url + path)
                assert (path, axe_violations(page), sideways_scroll(page)) == (path, [], [])
