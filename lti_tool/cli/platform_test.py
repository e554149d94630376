"""`coursewright platforms test`."""

from dataclasses import asdict

import click

from lti_tool.cli.environment import as_json_option, load_settings, open_database, show
from lti_tool.cli.finding import find_platform, row_id
from lti_tool.registering.trial import FAILED, try_platform
from lti_tool.registering.trials import keep_trial

_MARKS = {"ok": "ok  ", "warning": "warn", "failed": "FAIL", "skipped": "--  "}


@click.command()
@click.argument("platform_id", type=row_id)
@as_json_option
def test(platform_id: int, as_json: bool) -> None:
    """Try a platform out: its keys and ours, the clocks, tokens, and a call that only reads. Ends with 1 on a fault."""
    settings = load_settings()
    database = open_database(settings)
    with database.reading() as session:
        name = find_platform(session, platform_id).name
    steps = []
    for step in try_platform(database, settings, platform_id):
        steps.append(step)
        if not as_json:
            click.echo(f"{_MARKS[step.state]}  {step.name}: {step.text}")
            if step.advice:
                click.echo(f"      {step.advice}")
    with database.transaction() as session:
        keep_trial(session, platform_id, steps)
    is_well = all(step.state != FAILED for step in steps)
    if as_json:
        rows = [asdict(step) for step in steps]
        show({"platform_id": platform_id, "name": name, "ok": is_well, "steps": rows}, as_json=True, text="")
    if not is_well:
        raise SystemExit(1)
