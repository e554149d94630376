"""What admins do with platforms, in the console and by command alike; each writes into the audit log."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool import outbox
from lti_tool.admin import audit
from lti_tool.models import Context, Deployment, LtiUser, Registration, ResourceLink
from lti_tool.permission import ACTIVE
from lti_tool.registrations import add_platform, remove_platform
from lti_tool.switching import switch

_NOTED = ("name", "auth_login_url", "auth_token_url", "jwks_url", "auth_audience", "frame_origins")


@dataclass(frozen=True, slots=True)
class Removal:
    """What goes with a platform that is removed, in numbers of rows. Learners and their work stay, as nobody's.

    `owed`: scores that its gradebooks have not taken; `delivered`: those they hold.
    """

    contexts: int
    links: int
    people: int
    owed: int
    delivered: int


class NotRemoved(Exception):
    """A platform stays: grades are on their way to it, or it holds some and nobody said to forget whose they are."""

    def __init__(self, removal: Removal) -> None:
        self.removal = removal
        super().__init__()


def switch_platform(session: Session, changed: Registration | Deployment, state: str, *, actor: str) -> bool:
    """`switching.switch`, written down if it has changed anything."""
    kind = "registration" if isinstance(changed, Registration) else "deployment"
    before = changed.state
    has_changed = switch(session, changed, state)
    if has_changed:
        verb = "enable" if state == ACTIVE else "disable"
        audit.note(session, actor, f"{kind}.{verb}", f"{kind} {changed.id}", before=before)
    return has_changed


def save_platform(
    session: Session,
    *,
    actor: str,
    issuer: str,
    client_id: str,
    auth_login_url: str,
    auth_token_url: str,
    jwks_url: str,
    deployment_id: str | None = None,
    auth_audience: str | None = None,
    name: str | None = None,
    frame_origins: Sequence[str] | None = None,
) -> tuple[Registration, bool]:
    """`registrations.add_platform`, written down with what it has changed. Raises `PlatformInvalid`."""
    before = _settings(_known(session, issuer, client_id))
    registration, is_new = add_platform(
        session,
        issuer=issuer,
        client_id=client_id,
        auth_login_url=auth_login_url,
        auth_token_url=auth_token_url,
        jwks_url=jwks_url,
        deployment_id=deployment_id,
        auth_audience=auth_audience,
        name=name,
        frame_origins=frame_origins,
    )
    session.flush()
    changes = {key: value for key, value in _settings(registration).items() if before.get(key) != value}
    if deployment_id is not None:
        changes["deployment_id"] = deployment_id
    if is_new:
        changes |= {"issuer": issuer, "client_id": client_id}
    if changes:
        action = "registration.add" if is_new else "registration.change"
        audit.note(session, actor, action, f"registration {registration.id}", **changes)
    return registration, is_new


def _known(session: Session, issuer: str, client_id: str) -> Registration | None:
    return session.scalar(
        select(Registration).where(Registration.issuer == issuer, Registration.client_id == client_id)
    )


def _settings(registration: Registration | None) -> dict[str, object]:
    return {} if registration is None else {name: getattr(registration, name) for name in _NOTED}


def removal_of(session: Session, registration_id: int) -> Removal:
    """What removing a platform would take along."""
    deployments = select(Deployment.id).where(Deployment.registration_id == registration_id)
    contexts = select(Context.id).where(Context.deployment_id.in_(deployments))
    contexts_there, links, people = (
        session.scalar(select(func.count()).select_from(table).where(condition)) or 0
        for table, condition in (
            (Context, Context.deployment_id.in_(deployments)),
            (ResourceLink, ResourceLink.context_id.in_(contexts)),
            (LtiUser, LtiUser.registration_id == registration_id),
        )
    )
    return Removal(
        contexts=contexts_there,
        links=links,
        people=people,
        owed=outbox.count_owed(session, registration_id),
        delivered=outbox.count_delivered(session, registration_id),
    )


def remove(session: Session, registration: Registration, *, forgets_grades: bool, actor: str) -> Removal:
    """Remove a platform with its contexts, links and people. Raises `NotRemoved`, see there."""
    removal = removal_of(session, registration.id)
    if removal.owed or (removal.delivered and not forgets_grades):
        raise NotRemoved(removal)
    subject = f"registration {registration.id}"
    audit.note(
        session, actor, "registration.remove", subject,
        issuer=registration.issuer, client_id=registration.client_id, forgotten_grades=removal.delivered,
    )  # fmt: skip
    remove_platform(session, issuer=registration.issuer, client_id=registration.client_id)
    return removal
