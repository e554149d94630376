"""A platform that keeps a login's secret, as Canvas does, and a browser that lets its frame keep nothing at all."""

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask, render_template_string, request
from playwright.sync_api import BrowserContext, Frame, Page, Playwright, expect
from werkzeug.serving import make_server

from config.database import Database
from config.settings import Settings
from lti_tool.app import create_app
from lti_tool.cli.processes import free_port
from lti_tool.registrations import add_platform
from tests.lti_tool.fake_platform import Platform, jwk
from tests.support.browser import TIMEOUT_MS, window_without_cookies_in_frames
from tests.support.factory import QUIZ

pytestmark = [pytest.mark.browser, pytest.mark.processes]

COURSE = """<!doctype html><title>Course</title>
<iframe name="post_message_forwarding" src="/forwarding{{ '' if keeps else '?deaf=1' }}"></iframe>
<iframe name="tool" width="885" height="653"></iframe>
<form method="post" action="{{ tool }}/lti/login" target="tool">
  {% for name, value in login.items() %}<input type="hidden" name="{{ name }}" value="{{ value }}">{% endfor %}
</form>
<script>
  window.addEventListener("message", (event) => {
    if (event.data?.subject === "lti.frameResize") document.title = `Height ${event.data.height}`;
  });
  window.addEventListener("load", () => document.querySelector("form").submit());
</script>"""
FORWARDING = """<!doctype html><title>Forwarding</title><script>
  const kept = new Map();
  window.addEventListener("message", (event) => {
    const {subject, message_id, key, value} = event.data;
    if (subject === "lti.put_data") value === null ? kept.delete(key) : kept.set(key, value);
    if (subject !== "lti.put_data" && subject !== "lti.get_data") return;
    const answer = {subject: `${subject}.response`, message_id, key, value: kept.get(key) ?? null};
    event.source.postMessage({...answer, message_id: "another"}, event.origin);
    event.source.postMessage(answer, event.origin);
  });
</script>"""
BACK = """<!doctype html><title>Back</title><form method="post" action="{{ tool }}/lti/launch">
  {% for name, value in answer.items() %}<input type="hidden" name="{{ name }}" value="{{ value }}">{% endfor %}
</form><script>document.querySelector("form").submit()</script>"""


class Canvas:
    """The platform's pages, at 127.0.0.1; the tool is at localhost, another site."""

    def __init__(self, tool: str) -> None:
        self.tool = tool
        self.port = free_port(0)
        self.address = f"http://127.0.0.1:{self.port}"
        self.platform = Platform(issuer="https://canvas.instructure.com")

    def app(self) -> Flask:
        app = Flask("canvas")

        @app.get("/course")
        def course() -> str:
            login = {
                "iss": self.platform.issuer, "client_id": "client-1", "login_hint": "17",
                "target_link_uri": f"{self.tool}/lti/items/deep-learning/{QUIZ.id}",
                "lti_storage_target": "post_message_forwarding",
            }  # fmt: skip
            return render_template_string(COURSE, tool=self.tool, login=login, keeps="deaf" not in request.args)

        @app.get("/forwarding")
        def forwarding() -> str:
            return "<!doctype html><title>Forwarding</title>" if "deaf" in request.args else FORWARDING

        @app.get("/auth")
        def auth() -> str:
            target = f"{self.tool}/lti/items/deep-learning/{QUIZ.id}"
            presentation = {"return_url": f"{self.address}/course", "document_target": "iframe"}
            token = self.platform.token(request.args["nonce"], TARGET_LINK_URI=target, LAUNCH_PRESENTATION=presentation)
            answer = {
                "id_token": token,
                "state": request.args["state"],
                "lti_storage_target": "post_message_forwarding",
            }
            return render_template_string(BACK, tool=self.tool, answer=answer)

        @app.get("/jwks")
        def jwks() -> dict[str, object]:
            return {"keys": [jwk("key-1")]}

        @app.get("/favicon.ico")
        def icon() -> tuple[str, int]:
            return "", 204

        return app


@pytest.fixture
def canvas(settings: Settings, sqlite_database: Database) -> Iterator[Canvas]:
    """The tool and the platform, both answering."""
    tool_port = free_port(0)
    tool = f"http://localhost:{tool_port}"
    canvas = Canvas(tool)
    with sqlite_database.transaction() as session:
        add_platform(
            session, issuer=canvas.platform.issuer, client_id="client-1", deployment_id="7",
            auth_login_url=f"{canvas.address}/auth", auth_token_url=f"{canvas.address}/token",
            jwks_url=f"{canvas.address}/jwks",
        )  # fmt: skip
    apps = [(tool_port, create_app(replace(settings, base_url=tool), sqlite_database)), (canvas.port, canvas.app())]
    servers = [make_server("127.0.0.1", port, app, threaded=True) for port, app in apps]
    threads = [threading.Thread(target=server.serve_forever, daemon=True) for server in servers]
    for thread in threads:
        thread.start()
    yield canvas
    for server, thread in zip(servers, threads, strict=True):
        server.shutdown()
        server.server_close()
        thread.join()


def tool_frame(page: Page) -> Frame:
    """The tool's frame."""
    frame = page.frame(name="tool")
    assert frame is not None
    return frame


def open_course(context: BrowserContext, canvas: Canvas, query: str = "") -> Page:
    """The course page, whose frame launches by itself."""
    page = context.new_page()
    page.goto(f"{canvas.address}/course{query}")
    return page


def test_without_any_cookie_the_quiz_works_in_its_frame_because_the_platform_vouches_for_the_browser(
    playwright: Playwright, canvas: Canvas
) -> None:
    with window_without_cookies_in_frames(playwright, framed="localhost", below="127.0.0.1") as context:
        page = open_course(context, canvas)
        tool_frame(page).wait_for_url("**/in/**/items/quiz-1")
        tool = page.frame_locator("iframe[name=tool]")
        expect(tool.get_by_role("heading", level=1)).to_be_visible()
        tool.get_by_role("button", name="Start").press("Enter")
        answer = tool.get_by_role("radio").first
        expect(answer).to_be_visible()
        answer.press("Space")
        expect(tool.get_by_role("status").filter(has_text="Saved")).to_be_visible()
        tool_frame(page).goto(tool_frame(page).url)
        expect(tool.get_by_role("radio").first).to_be_checked()
        page.wait_for_function("document.title.startsWith('Height ')")  # the frame told how high it is
        # A page of the course leads on within the visit.
        tool.get_by_role("link", name="Your progress").press("Enter")
        tool_frame(page).wait_for_url("**/module")
        expect(tool.get_by_role("heading", level=1)).to_be_visible()


def test_where_the_platform_does_not_answer_a_window_of_its_own_is_offered(
    playwright: Playwright, canvas: Canvas
) -> None:
    with window_without_cookies_in_frames(
        playwright, framed="localhost", below="127.0.0.1", allowed=["status of 403"]
    ) as context:
        page = open_course(context, canvas, "?deaf=1")
        tool = page.frame_locator("iframe[name=tool]")
        offer = tool.get_by_role("button", name="Continue as Ada Lovelace")
        expect(offer).to_be_visible(timeout=TIMEOUT_MS)
        with context.expect_page() as opened:
            offer.press("Enter")
        expect(opened.value.get_by_role("heading", level=1)).to_be_visible()
        opened.value.wait_for_url("**/in/**")
