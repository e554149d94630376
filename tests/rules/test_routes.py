"""Rules of all routes at once: each stands behind a door, and the doors hold."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from config.settings import Settings
from lti_tool.app import create_app

PAGES = {"learner_page", "choosing_page", "admin_page"}
ACTIONS = {"learner_action", "choosing_action", "admin_action"}
GUARDS = {"public", *PAGES, *ACTIONS}
PUBLIC = {
    "/", "/robots.txt", "/healthz", "/readyz", "/static/<version>/<path:filename>", "/lti/login", "/lti/launch",
    "/lti/launch/stored", "/lti/items/<course_id>/<item_id>", "/lti/submissions/<attempt_key>", "/lti/continue",
    "/lti/jwks", "/lti/notices", "/metrics", "/lti/register", "/lti/setup", "/lti/canvas.json", "/admin/sign-in",
}  # fmt: skip


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    made = create_app(settings)
    yield made
    made.extensions["coursewright"].database.dispose()


def _guard(app: Flask, rule: Rule) -> str | None:
    return getattr(app.view_functions[rule.endpoint], "guard", None)


def test_every_route_stands_behind_exactly_one_guard(app: Flask) -> None:
    unguarded = [rule.rule for rule in app.url_map.iter_rules() if _guard(app, rule) not in GUARDS]
    assert unguarded == []


def test_only_the_known_routes_are_public(app: Flask) -> None:
    public = {rule.rule for rule in app.url_map.iter_rules() if _guard(app, rule) == "public"}
    assert public == PUBLIC


def test_routes_that_write_are_posts_and_pages_are_not(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if _guard(app, rule) in ACTIONS:
            assert "GET" not in (rule.methods or set()), rule.rule
        if _guard(app, rule) in PAGES:
            assert "POST" not in (rule.methods or set()), rule.rule


def test_every_guarded_route_turns_a_stranger_away_with_a_page_that_says_what_to_do(app: Flask) -> None:
    client = app.test_client()
    seen = 0
    for rule in app.url_map.iter_rules():
        if _guard(app, rule) == "public":
            continue
        path = re.sub(r"<[^>]+>", "abc", re.sub(r"<int:[^>]+>", "1", rule.rule))
        for method in (rule.methods or set()) & {"GET", "POST"}:
            for cookie in (None, "made-up", "\udcff"):
                both = f"coursewright_session={cookie!a}; coursewright_admin={cookie!a}"
                answer = client.open(path, method=method, headers={} if cookie is None else {"Cookie": both})
                if _guard(app, rule) == "admin_page":
                    assert answer.status_code == 303, rule.rule
                    assert (answer.location or "").startswith("/admin/sign-in?then=")
                else:
                    assert answer.status_code == 403, rule.rule
                    what_to_do = "Sign in first" if path.startswith("/admin") else "Open this from your course again"
                    assert what_to_do in answer.text
                assert "Set-Cookie" not in answer.headers
                seen += 1
    assert seen > 15


def test_every_answer_carries_the_security_headers(app: Flask) -> None:
    client = app.test_client()
    for path in ("/", "/lti/launch", "/healthz", "/nowhere", "/in/a/b", "/lti/login"):
        headers = client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "no-store"
        assert "X-Frame-Options" not in headers  # we live in frames


def test_templates_hold_no_inline_script_or_style() -> None:
    from lti_tool.web.static_files import FOLDER

    folder = FOLDER.parent / "templates"
    templates = [*folder.glob("*.html"), *folder.glob("admin/*.html")]  # what is in files/ is to be kept, not served
    assert len(templates) > 5
    for template in templates:
        text = template.read_text(encoding="utf-8")
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", text), template.name
        assert "http://" not in re.sub(r"http://www\.w3\.org/\S+", "", text), template.name
