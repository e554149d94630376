"""A launch, from the activity page to the id_token."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.practice_lms.helpers import ADA, ALAN, DOROTHY, GRACE, ISSUER, Lms, only_form

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"


def test_an_activity_page_initiates_the_login_in_its_frame(lms: Lms) -> None:
    form = lms.open(ADA, "lesson-1")
    assert (form["action"], form["method"], form["target"]) == (f"{lms.tool.url}/lti/login", "post", "tool")
    fields = form["fields"]
    assert fields.pop("lti_message_hint")
    assert fields == {
        "iss": ISSUER,
        "login_hint": ADA,
        "target_link_uri": f"{lms.tool.url}/lti/items/deep-learning/lesson-1",
        "client_id": "coursewright-practice",
        "lti_deployment_id": "1",
    }


def test_the_login_can_be_initiated_by_get_and_in_a_new_window(lms: Lms) -> None:
    assert lms.open(ADA, query="?method=get")["method"] == "get"
    assert "target" not in lms.open(ADA, query="?window=new")
    presentation = lms.launch(ADA, query="?window=new")[CLAIM + "launch_presentation"]
    assert presentation["document_target"] == "window"


def test_the_id_token_holds_every_claim_of_a_resource_link_launch(lms: Lms) -> None:
    claims = lms.launch(ADA, "quiz-1")
    second = int(lms.clock().timestamp())
    assert (claims["iss"], claims["aud"], claims["azp"]) == (ISSUER, "coursewright-practice", "coursewright-practice")
    assert (claims["sub"], claims["nonce"], claims["iat"], claims["exp"]) == (ADA, "nonce-1", second, second + 60)
    assert (claims["name"], claims["email"]) == ("Ada Lovelace", "ada.lovelace@example.org")
    assert claims[CLAIM + "message_type"] == "LtiResourceLinkRequest"
    assert claims[CLAIM + "version"] == "1.3.0"
    assert claims[CLAIM + "deployment_id"] == "1"
    assert claims[CLAIM + "target_link_uri"].endswith("/lti/items/deep-learning/quiz-1")
    assert claims[CLAIM + "resource_link"]["title"] == "Quiz 1"
    assert claims[CLAIM + "context"]["title"] == "Deep Learning: Build Real Things"
    assert claims[CLAIM + "custom"] == {"item": "quiz-1"}
    assert claims[CLAIM + "tool_platform"]["product_family_code"] == "practice"
    assert claims[CLAIM + "launch_presentation"]["document_target"] == "iframe"
    assert len(claims[AGS]["scope"]) == 4
    assert claims[AGS]["lineitems"] == f"{ISSUER}/lti/lineitems?type_id=1"


def test_lineitem_is_claimed_only_when_the_link_has_exactly_one_column(lms: Lms) -> None:
    assert lms.launch(ADA, "quiz-1")[AGS]["lineitem"].endswith("?type_id=1")
    assert "lineitem" not in lms.launch(ADA, "lesson-1")[AGS]
    link = lms.launch(ADA, "quiz-1")[CLAIM + "resource_link"]["id"]
    second = {"label": "Another", "scoreMaximum": 1, "resourceLinkId": link}
    content = {"Content-Type": "application/vnd.ims.lis.v2.lineitem+json"}
    assert lms.call("POST", "/lti/lineitems?type_id=1", content, second).status_code == 201
    assert "lineitem" not in lms.launch(ADA, "quiz-1")[AGS]


@pytest.mark.parametrize(
    ("user_id", "roles"),
    [
        (GRACE, ["membership#Instructor"]),
        (DOROTHY, ["membership#Instructor", "membership/Instructor#TeachingAssistant"]),
        (ADA, ["membership#Learner"]),
    ],
)
def test_roles_are_full_uris(lms: Lms, user_id: str, roles: list[str]) -> None:
    assert lms.launch(user_id)[CLAIM + "roles"] == [f"http://purl.imsglobal.org/vocab/lis/v2/{role}" for role in roles]


def test_a_hint_is_good_once(lms: Lms) -> None:
    request = lms.auth_request(lms.open(ADA)["fields"])
    assert "id_token" in lms.authorise(request)
    refused = lms.authorise(request)
    assert (refused["error"], refused["state"]) == ("launch_no_longer_valid", "state-1")
    assert "id_token" not in refused


def test_a_hint_sent_many_times_at_once_is_good_once(lms: Lms) -> None:
    request = lms.auth_request(lms.open(ADA)["fields"])

    def send(_: int) -> bool:
        client = lms.client.application.test_client()
        return "id_token" in only_form(client.get("/lti/auth", query_string=request))["fields"]

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(send, range(16))) == 1


def test_a_refused_request_has_spent_its_hint(lms: Lms) -> None:
    initiation = lms.open(ADA)["fields"]
    assert lms.authorise(lms.auth_request(initiation, prompt="login"))["error"] == "invalid_request"
    assert lms.authorise(lms.auth_request(initiation))["error"] == "launch_no_longer_valid"


def test_a_hint_is_good_for_less_than_five_minutes(lms: Lms) -> None:
    request = lms.auth_request(lms.open(ADA)["fields"])
    lms.clock.forward(300)
    assert lms.authorise(request)["error"] == "launch_no_longer_valid"


@pytest.mark.parametrize(
    ("parameter", "value", "error"),
    [
        ("scope", "openid email", "invalid_scope"),
        ("scope", None, "invalid_scope"),
        ("response_type", "code", "unsupported_response_type"),
        ("response_mode", "query", "invalid_request"),
        ("prompt", None, "invalid_request"),
        ("nonce", None, "invalid_request"),
        ("nonce", "", "invalid_request"),
        ("login_hint", ALAN, "access_denied"),
        ("lti_message_hint", "unknown", "launch_no_longer_valid"),
        ("lti_message_hint", None, "launch_no_longer_valid"),
    ],
)
def test_a_wrong_parameter_is_told_to_the_tool(lms: Lms, parameter: str, value: str | None, error: str) -> None:
    answer = lms.authorise(lms.auth_request(lms.open(ADA)["fields"], **{parameter: value}))
    assert answer["error"] == error
    assert answer["error_description"]


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("redirect_uri", "http://localhost:9/other"),
        ("redirect_uri", None),
        ("client_id", "another"),
    ],
)
def test_nothing_is_posted_to_an_address_that_is_not_registered(lms: Lms, parameter: str, value: str | None) -> None:
    request = lms.auth_request(lms.open(ADA)["fields"], **{parameter: value})
    response = lms.client.get("/lti/auth", query_string=request)
    assert response.status_code == 400
    assert "<form" not in response.get_data(as_text=True)


def test_a_trailing_slash_makes_another_redirect_uri(lms: Lms) -> None:
    request = lms.auth_request(lms.open(ADA)["fields"], redirect_uri=lms.settings.redirect_uri + "/")
    assert lms.client.get("/lti/auth", query_string=request).status_code == 400


def test_a_parameter_given_twice_is_refused(lms: Lms) -> None:
    request = lms.auth_request(lms.open(ADA)["fields"])
    response = lms.client.get("/lti/auth", query_string=[*request.items(), ("state", "two")])
    assert response.status_code == 400


def test_a_launch_works_without_the_cookie_and_by_post(lms: Lms) -> None:
    request = lms.auth_request(lms.open(ADA)["fields"])
    without_cookie = lms.client.application.test_client(use_cookies=False)
    form = only_form(without_cookie.post("/lti/auth", data=request))
    assert lms.verified(form["fields"]["id_token"])["sub"] == ADA


def test_a_launch_ends_when_somebody_else_signed_in_meanwhile(lms: Lms) -> None:
    request = lms.auth_request(lms.open(ADA)["fields"])
    lms.open(ALAN)
    assert lms.authorise(request)["error"] == "access_denied"


def test_discovery_names_the_endpoints(lms: Lms) -> None:
    found = lms.client.get("/.well-known/openid-configuration").get_json()
    told = lms.client.get("/practice.json").get_json()
    assert found["issuer"] == told["issuer"] == ISSUER
    assert found["authorization_endpoint"] == told["auth_login_url"]
    assert found["token_endpoint"] == told["auth_token_url"]
    assert found["jwks_uri"] == told["jwks_url"]


def test_the_key_set_holds_no_private_part(lms: Lms) -> None:
    (key,) = lms.client.get("/lti/certs").get_json()["keys"]
    assert set(key) == {"kty", "n", "e", "kid", "use", "alg"}
