"""`coursewright platforms enable` and `disable`."""

import click
from sqlalchemy.orm import Session

from lti_tool.admin import audit
from lti_tool.admin.platforms import switch_platform
from lti_tool.cli.environment import load_settings, open_database
from lti_tool.cli.finding import end, find_platform, row_id
from lti_tool.models import Deployment, Registration
from lti_tool.permission import ACTIVE, DISABLED

deployment_option = click.option(
    "--deployment", "deployment_id", type=row_id, help="Only this deployment, by its number in `platforms show`."
)


@click.command()
@click.argument("platform_id", type=row_id)
@deployment_option
def enable(platform_id: int, deployment_id: int | None) -> None:
    """Let a platform use the tool: one that waits to be allowed, or that was switched off. What it is owed is sent."""
    _switch(platform_id, deployment_id, ACTIVE, "may use the tool")


@click.command()
@click.argument("platform_id", type=row_id)
@deployment_option
def disable(platform_id: int, deployment_id: int | None) -> None:
    """Switch a platform off at once: launches and open pages are refused, and it is asked for nothing and told nothing.

    Nothing is lost: work stays as it is, and grades wait until the platform is switched on again.
    """
    _switch(platform_id, deployment_id, DISABLED, "is switched off")


def _switch(platform_id: int, deployment_id: int | None, state: str, said: str) -> None:
    with open_database(load_settings()).transaction() as session:
        changed = _find(session, platform_id, deployment_id)
        has_changed = switch_platform(session, changed, state, actor=audit.CLI)
    name = changed.name if isinstance(changed, Registration) else f"Deployment {changed.deployment_id}"
    click.echo(f"{name} {said}{'' if has_changed else ' already'}.")


def _find(session: Session, platform_id: int, deployment_id: int | None) -> Registration | Deployment:
    registration = find_platform(session, platform_id)
    if deployment_id is None:
        return registration
    found = session.get(Deployment, deployment_id)
    if found is None or found.registration_id != platform_id:
        end(f"Platform {platform_id} has no deployment {deployment_id}; `coursewright platforms show` has the numbers.")
    return found
