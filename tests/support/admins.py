"""An admin at the console, signed in by the service that its sign-in page uses."""

from flask.testing import FlaskClient
from sqlalchemy import select

from lti_tool.admin import accounts, sessions
from lti_tool.admin.models import AdminAccount
from lti_tool.web.admin.cookies import SESSION

NAME, PASSWORD = "grace", "four plain words here"


def sign_in(client: FlaskClient, name: str = NAME) -> FlaskClient:
    """Sign `name` in at this client, making the account if there is none."""
    database = client.application.extensions["coursewright"].database
    with database.transaction() as session:
        known = session.scalar(select(AdminAccount.id).where(AdminAccount.name == name))
        account_id = known or accounts.create(session, name, PASSWORD, actor="cli").id
        token = sessions.begin(session, account_id)
    client.set_cookie(SESSION, token, domain="localhost", path="/admin")
    return client


def csrf_of(client: FlaskClient) -> str:
    """The mark of this client's forms."""
    return client.get("/admin").text.partition('name="csrf_token" value="')[2].partition('"')[0]
