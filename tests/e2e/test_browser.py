"""The browser of these tests treats a frame of another site as a careful learner's does."""

import threading
from collections.abc import Iterator

import pytest
from flask import Flask, make_response, request
from playwright.sync_api import Browser, BrowserContext, Playwright, expect
from werkzeug import Response
from werkzeug.serving import make_server

from tests.support.browser import private_window, window_without_cookies_in_frames

pytestmark = [pytest.mark.browser, pytest.mark.processes]


def two_sites() -> Flask:
    """Under 127.0.0.1 a page with a frame from localhost, which sets two cookies and tells which come back."""
    app = Flask(__name__)

    @app.get("/outer")
    def outer() -> str:
        return f'<iframe name="inner" src="http://localhost:{request.host.partition(":")[2]}/set"></iframe>'

    @app.get("/set")
    def set_both() -> Response:
        response = make_response('<a href="/seen">Look</a>')
        for name, ending in (("plain", ""), ("partitioned", "; Partitioned")):
            response.headers.add("Set-Cookie", f"{name}=1; Path=/; Secure; HttpOnly; SameSite=None{ending}")
        return response

    @app.get("/favicon.ico")
    def icon() -> Response:
        return Response(status=204)

    @app.get("/seen")
    def seen() -> str:
        return "seen: " + (", ".join(sorted(request.cookies)) or "nothing")

    return app


@pytest.fixture
def port() -> Iterator[int]:
    """Where the two sites are served."""
    server = make_server("127.0.0.1", 0, two_sites(), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


def expect_seen_in_frame(context: BrowserContext, port: int, cookies: str) -> None:
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{port}/outer")
    frame = page.frame_locator("iframe")
    frame.get_by_role("link", name="Look").click()
    expect(frame.get_by_text(f"seen: {cookies}", exact=True)).to_be_visible()


def storage_works_in_frame(context: BrowserContext) -> bool:
    frame = context.pages[-1].frame(name="inner")
    assert frame is not None
    return bool(
        frame.evaluate(
            "() => { try { localStorage.setItem('a', '1'); return true } catch { return false } }",
        )
    )


def test_a_frame_of_another_site_gets_its_partitioned_cookie_back_and_not_the_other(
    browser: Browser, port: int
) -> None:
    with private_window(browser) as context:
        expect_seen_in_frame(context, port, "partitioned")
        assert storage_works_in_frame(context)


def test_a_window_of_its_own_sees_nothing_of_what_was_set_in_the_frame(browser: Browser, port: int) -> None:
    with private_window(browser) as context:
        expect_seen_in_frame(context, port, "partitioned")
        page = context.new_page()
        page.goto(f"http://localhost:{port}/seen")
        expect(page.get_by_text("seen: nothing", exact=True)).to_be_visible()


def test_where_cookies_are_refused_the_frame_gets_none_and_a_window_of_its_own_does(
    playwright: Playwright, port: int
) -> None:
    with window_without_cookies_in_frames(playwright, framed="localhost", below="127.0.0.1") as context:
        expect_seen_in_frame(context, port, "nothing")
        assert not storage_works_in_frame(context)
        page = context.new_page()
        page.goto(f"http://localhost:{port}/set")
        page.get_by_role("link", name="Look").click()
        expect(page.get_by_text("seen: partitioned, plain", exact=True)).to_be_visible()
