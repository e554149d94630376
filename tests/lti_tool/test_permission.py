"""A platform or deployment that is switched off, or waits to be allowed, gets nobody in; switched on it does again."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from lti_tool.causes import Cause
from lti_tool.errors import LaunchRefused
from lti_tool.models import Deployment, LoginState, Registration
from lti_tool.permission import ACTIVE, DISABLED, PENDING
from lti_tool.registrations import find_registration
from lti_tool.switching import switch
from tests.lti_tool.conftest import Tool, nonce_of
from tests.lti_tool.fake_platform import Platform


def put(tool: Tool, table: type[Registration | Deployment], state: str) -> None:
    with tool.database.transaction() as session:
        assert switch(session, session.scalars(select(table)).one(), state)


@pytest.mark.parametrize(
    ("state", "cause"), [(PENDING, Cause.REGISTRATION_PENDING), (DISABLED, Cause.REGISTRATION_DISABLED)]
)
def test_a_platform_that_is_not_on_begins_no_login(tool: Tool, platform: Platform, state: str, cause: Cause) -> None:
    put(tool, Registration, state)
    with pytest.raises(LaunchRefused) as refused:
        tool.begin(platform)
    assert (refused.value.cause, refused.value.status) == (cause, 403)
    assert "coursewright platforms enable 1" in refused.value.told().what_to_do
    with tool.database.reading() as session:
        assert session.scalars(select(LoginState)).all() == []
    put(tool, Registration, ACTIVE)
    assert tool.launch(platform).deployment_id == "7"


def test_a_login_that_was_begun_before_ends_in_no_launch(tool: Tool, platform: Platform) -> None:
    login = tool.begin(platform)
    put(tool, Registration, DISABLED)
    with pytest.raises(LaunchRefused) as refused:
        tool.post(login.state, platform.token(nonce_of(login)))
    assert refused.value.cause is Cause.REGISTRATION_DISABLED


@pytest.mark.parametrize(
    ("state", "cause"), [(PENDING, Cause.DEPLOYMENT_PENDING), (DISABLED, Cause.DEPLOYMENT_DISABLED)]
)
def test_a_deployment_that_is_not_on_is_refused_and_its_sister_is_not(
    tool: Tool, platform: Platform, state: str, cause: Cause
) -> None:
    with tool.database.transaction() as session:
        registration = find_registration(session, platform.issuer, platform.client_id)
        for deployment_id in ("7", "8"):
            made = Deployment(
                registration_id=registration.id, deployment_id=deployment_id, created_at=registration.created_at
            )
            session.add(made)
        session.flush()
        switch(session, session.scalars(select(Deployment).where(Deployment.deployment_id == "7")).one(), state)
    refused = tool.refusal(platform)
    assert refused.cause is cause
    assert "platforms enable 1 --deployment 1" in refused.told().what_to_do
    assert tool.launch(replace(platform, deployment_id="8")).deployment_id == "8"


def test_where_new_deployments_are_approved_the_first_launch_asks_for_it(tool: Tool, platform: Platform) -> None:
    asking = Tool(tool.database, replace(tool.settings, unknown_deployments="approve"), tool.http, tool.jwks_url)
    for _ in range(2):
        assert asking.refusal(platform).cause is Cause.DEPLOYMENT_PENDING
    with tool.database.reading() as session:
        assert [(one.deployment_id, one.state) for one in session.scalars(select(Deployment))] == [("7", PENDING)]
    put(tool, Deployment, ACTIVE)
    assert asking.launch(platform).deployment_id == "7"


def test_only_a_launch_that_is_in_order_asks_for_approval(tool: Tool, platform: Platform) -> None:
    asking = Tool(tool.database, replace(tool.settings, unknown_deployments="approve"), tool.http, tool.jwks_url)
    asking.refusal(platform, RESOURCE_LINK=...)
    with tool.database.reading() as session:
        assert session.scalars(select(Deployment)).all() == []
