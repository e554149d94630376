"""Platforms as the console and the commands show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from course.models import Placement
from lti_tool.models import Context, Deployment, Registration, ResourceLink
from lti_tool.permission import PENDING


@dataclass(frozen=True, slots=True)
class DeploymentView:
    """One installation on a platform. `contexts`: courses of the platform's it was opened from; `last_launch_at`: when
    one of their links was opened last."""

    id: int
    deployment_id: str
    state: str
    state_since: datetime | None
    created_at: datetime
    contexts: int
    last_launch_at: datetime | None


@dataclass(frozen=True, slots=True)
class PlatformView:
    """A registration with its deployments. `family` is None until the platform has said what it is."""

    id: int
    name: str
    family: str | None
    issuer: str
    client_id: str
    auth_login_url: str
    auth_token_url: str
    jwks_url: str
    auth_audience: str | None
    frame_origins: tuple[str, ...]
    state: str
    state_since: datetime | None
    created_at: datetime
    deployments: tuple[DeploymentView, ...]

    @property
    def last_launch_at(self) -> datetime | None:
        """When a link of any of its courses was opened last."""
        return max((one.last_launch_at for one in self.deployments if one.last_launch_at), default=None)

    @property
    def waiting(self) -> int:
        """How many of its deployments wait to be allowed."""
        return sum(one.state == PENDING for one in self.deployments)


def platforms(session: Session) -> list[PlatformView]:
    """Every platform, by name."""
    rows = session.scalars(select(Registration).order_by(func.lower(Registration.name), Registration.id)).all()
    return _views(session, rows)


def platform(session: Session, registration_id: int) -> PlatformView | None:
    """The platform of this id, if there is one."""
    row = session.get(Registration, registration_id)
    return _views(session, [row])[0] if row else None


def _views(session: Session, rows: Sequence[Registration]) -> list[PlatformView]:
    deployments: dict[int, list[DeploymentView]] = {row.id: [] for row in rows}
    found = session.execute(
        select(Deployment, func.count(Context.id.distinct()), func.max(Placement.opened_at))
        .outerjoin(Context, Context.deployment_id == Deployment.id)
        .outerjoin(ResourceLink, ResourceLink.context_id == Context.id)
        .outerjoin(Placement, Placement.id == ResourceLink.placement_id)
        .where(Deployment.registration_id.in_(deployments))
        .group_by(Deployment.id)
        .order_by(Deployment.id)
    )
    for row, contexts, opened_at in found:
        view = DeploymentView(
            id=row.id,
            deployment_id=row.deployment_id,
            state=row.state,
            state_since=row.state_since,
            created_at=row.created_at,
            contexts=contexts,
            last_launch_at=opened_at,
        )
        deployments[row.registration_id].append(view)
    return [
        PlatformView(
            id=row.id,
            name=row.name,
            family=row.product_family,
            issuer=row.issuer,
            client_id=row.client_id,
            auth_login_url=row.auth_login_url,
            auth_token_url=row.auth_token_url,
            jwks_url=row.jwks_url,
            auth_audience=row.auth_audience,
            frame_origins=tuple(row.frame_origins),
            state=row.state,
            state_since=row.state_since,
            created_at=row.created_at,
            deployments=tuple(deployments[row.id]),
        )
        for row in rows
    ]
