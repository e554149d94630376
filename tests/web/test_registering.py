"""The pages of a registration, as an LMS's browser and its admin see them."""

from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from config.database import Database
from config.settings import Settings
from lti_tool.app import create_app
from lti_tool.models import Registration
from lti_tool.registering.invitations import invite
from tests.registering.platform_server import REGISTER, Answer, FakeLms, running_lms

HOME = "/lti/register"


@pytest.fixture
def lms() -> Iterator[FakeLms]:
    with running_lms() as running:
        yield running


@pytest.fixture
def app(settings: Settings, sqlite_database: Database) -> Flask:
    return create_app(settings, sqlite_database)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def invitation(sqlite_database: Database) -> str:
    with sqlite_database.transaction() as session:
        return invite(session, name="Our <b>LMS</b>")[0]


def stored(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(Registration.client_id)))


def asking(lms: FakeLms, **more: str) -> str:
    query = {"openid_configuration": lms.configuration_url, "registration_token": "t", **more}
    return f"{HOME}?{urlencode(query)}"


def test_without_an_invitation_nobody_gets_in(client: FlaskClient, lms: FakeLms, sqlite_database: Database) -> None:
    for path in (HOME, asking(lms), asking(lms, invitation="made-up")):
        answer = client.get(path)
        assert answer.status_code == 403
        assert "invitation" in answer.text
    assert lms.requests == []
    assert stored(sqlite_database) == []


def test_an_invitation_opened_by_hand_says_what_will_happen_and_spends_nothing(
    client: FlaskClient, invitation: str, lms: FakeLms, sqlite_database: Database
) -> None:
    for _ in range(2):
        page = client.get(f"{HOME}?invitation={invitation}")
        assert page.status_code == 200
        assert f'value="http://localhost:5000{HOME}?invitation={invitation}"' in unescape(page.text)
        assert "Our &lt;b&gt;LMS&lt;/b&gt;" in page.text
        assert "To send grades." in page.text
    assert client.head(asking(lms, invitation=invitation)).status_code == 200
    assert client.get(asking(lms, invitation=invitation), headers={"Sec-Purpose": "prefetch"}).status_code == 200
    assert lms.requests == []
    assert stored(sqlite_database) == []


def test_an_lms_that_brings_an_invitation_is_registered_and_asked_to_close(
    client: FlaskClient, invitation: str, lms: FakeLms, sqlite_database: Database
) -> None:
    page = client.get(asking(lms, invitation=invitation))
    assert page.status_code == 200
    assert "/registered.js" in page.text
    assert "org.imsglobal.lti.close" in page.text
    assert "Activate" in page.text  # this LMS says that it is a Moodle
    assert "Set-Cookie" not in page.headers
    assert "frame-ancestors *" in page.headers["Content-Security-Policy"]
    assert stored(sqlite_database) == ["client-1"]
    again = client.get(asking(lms, invitation=invitation))
    assert again.status_code == 403
    assert "has been used" in again.text


def test_what_the_lms_says_is_shown_as_text_and_nothing_closes(
    client: FlaskClient, invitation: str, lms: FakeLms, sqlite_database: Database
) -> None:
    lms.answers[REGISTER] = Answer(422, {"errors": ["<script>alert(1)</script>"]})
    page = client.get(asking(lms, invitation=invitation))
    assert page.status_code == 422
    assert "<script>alert" not in page.text
    assert "alert(1)" in page.text
    assert "org.imsglobal.lti.close" not in page.text
    assert stored(sqlite_database) == []


UNFIT = [
    "openid_configuration=http://a.example/&openid_configuration=http://b.example/",
    "registration_token=only",
    "openid_configuration=javascript:alert(1)",
    "openid_configuration=%00&registration_token=%ff",
    "openid_configuration=http://127.0.0.1:1/&registration_token=a%0d%0ab",
    "openid_configuration=" + "x" * 5000,
]


def test_a_request_that_cannot_be_right_is_a_400(settings: Settings, sqlite_database: Database) -> None:
    client = create_app(replace(settings, open_registration="on"), sqlite_database).test_client()
    for query in UNFIT:
        answer = client.get(f"{HOME}?{query}")
        assert answer.status_code == 400, query
        assert "Reference" in answer.text


def test_the_values_for_each_lms_are_this_tools_own(client: FlaskClient) -> None:
    page = client.get("/lti/setup").text
    for address in ("/lti/login", "/lti/launch", "/lti/jwks", "/lti/canvas.json"):
        assert f'value="http://localhost:5000{address}"' in page
    assert '/icons/course.svg"' in page
    assert page.count("coursewright platforms add") == 3


def test_canvas_gets_its_own_description(client: FlaskClient) -> None:
    answer = client.get("/lti/canvas.json")
    assert answer.mimetype == "application/json"
    said = answer.json
    icon = said["extensions"][0]["settings"]["icon_url"].removeprefix("http://localhost:5000")
    with client.get(icon) as image:
        assert image.mimetype == "image/svg+xml"
    assert said["oidc_initiation_url"] == "http://localhost:5000/lti/login"
    assert said["public_jwk_url"] == "http://localhost:5000/lti/jwks"
    (extension,) = said["extensions"]
    assert (extension["platform"], extension["domain"]) == ("canvas.instructure.com", "localhost:5000")
    placements = extension["settings"]["placements"]
    assert [one["placement"] for one in placements] == [
        "assignment_selection",
        "link_selection",
        "module_index_menu_modal",
    ]
    assert {one["message_type"] for one in placements} == {"LtiDeepLinkingRequest"}
    assert len(said["scopes"]) == 6
