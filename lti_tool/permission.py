"""Which platforms may use the tool: a registration or deployment that is not active launches nothing and is told
nothing.

What is switched off falls silent in both directions: logins, launches and open pages are refused, and no score, column
or roster is asked for. Nothing is dropped meanwhile. Scores wait in their rows and set out when it is switched on, for
whoever switches a platform off at an incident wants it to be told nothing more, and a grade that was earned is owed
all the same.
"""

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute

from config.words import N_
from lti_tool.causes import Cause
from lti_tool.errors import LaunchRefused, shown
from lti_tool.models import Context, Deployment, LineItem, Registration, ResourceLink

ACTIVE, PENDING, DISABLED = "active", "pending", "disabled"

_OF_REGISTRATION = {PENDING: Cause.REGISTRATION_PENDING, DISABLED: Cause.REGISTRATION_DISABLED}
_OF_DEPLOYMENT = {PENDING: Cause.DEPLOYMENT_PENDING, DISABLED: Cause.DEPLOYMENT_DISABLED}


def check_registration(registration: Registration) -> None:
    """Raises `LaunchRefused` (REGISTRATION_PENDING, …_DISABLED) unless the platform may use the tool."""
    cause = _OF_REGISTRATION.get(registration.state)
    if cause is not None:
        details = ((N_("issuer"), registration.issuer), (N_("client id"), registration.client_id))
        raise LaunchRefused(cause, details=details, command=f"coursewright platforms enable {registration.id}")


def check_deployment(deployment: Deployment) -> None:
    """Raises `LaunchRefused` (DEPLOYMENT_PENDING, …_DISABLED) unless this installation may use the tool."""
    cause = _OF_DEPLOYMENT.get(deployment.state)
    if cause is not None:
        of_it = f"{deployment.registration_id} --deployment {deployment.id}"
        details = ((N_("deployment id"), deployment.deployment_id),)
        raise LaunchRefused(cause, details=details, command=shown(f"coursewright platforms enable {of_it}"))


def may_be_told(line_item_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """For queries: whether the platform of a gradebook column may be asked for anything."""
    in_the_way = (
        select(LineItem.id)
        .join(ResourceLink, ResourceLink.id == LineItem.resource_link_id)
        .join(Context, Context.id == ResourceLink.context_id)
        .where(LineItem.id == line_item_id, _is_silent())
    )
    return ~in_the_way.exists()


def may_be_asked(context_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """For queries: whether the platform of a context may be asked for anything."""
    return ~select(Context.id).where(Context.id == context_id, _is_silent()).exists()


def may_be_called(deployment_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """For queries: whether the platform of a deployment may be asked for anything."""
    return (
        select(Deployment.id)
        .join(Registration, Registration.id == Deployment.registration_id)
        .where(Deployment.id == deployment_id, Deployment.state == ACTIVE, Registration.state == ACTIVE)
        .exists()
    )


def _is_silent() -> ColumnElement[bool]:
    """Of the context in the enclosing query."""
    return (
        select(Deployment.id)
        .join(Registration, Registration.id == Deployment.registration_id)
        .where(Deployment.id == Context.deployment_id)
        .where((Deployment.state != ACTIVE) | (Registration.state != ACTIVE))
        .exists()
    )
