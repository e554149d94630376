"""`coursewright platforms try-grades`."""

from dataclasses import asdict

import click

from config.outbound import make_session
from lti_tool.cli.environment import as_json_option, load_settings, open_database, show
from lti_tool.cli.finding import context_option, end, find_context
from lti_tool.delivery import service_account
from lti_tool.grade_trial import Exchange, place_of, try_grades


@click.command("try-grades")
@context_option
@click.option("--user", "user_id", required=True, help="A student there, by the platform's user id (`people list`).")
@click.option("--keep", is_flag=True, help="Leave the trial's column and score in the gradebook.")
@as_json_option
def try_grades_command(context_key: str, user_id: str, keep: bool, as_json: bool) -> None:
    """Make a column at a context's platform, send a score to it, read it back; shows every request and answer.

    The column is the trial's own and is removed at the end. Tokens are not shown. Ends with 1 on a fault.
    """
    settings = load_settings()
    database = open_database(settings)
    with database.transaction() as session:
        place = place_of(session, find_context(session, context_key).key)
        if place is None:
            end("No launch of this context has offered its gradebook; open a link of it as an instructor first.")
        account = service_account(session, place.registration_id)
    steps = []
    with make_session(allow_private=settings.allow_private_platforms, ca_file=settings.ca_file) as http:
        for step in try_grades(
            database,
            account,
            http,
            container_url=place.container_url,
            user_id=user_id,
            keeps_column=keep,
        ):
            steps.append(step)
            if not as_json:
                click.echo(f"{'FAIL' if step.fault else 'ok  '}  {step.name}{f': {step.fault}' if step.fault else ''}")
                for exchange in step.exchanges:
                    click.echo(_text(exchange))
    is_well = all(not step.fault for step in steps)
    if as_json:
        show({"ok": is_well, "steps": [asdict(step) for step in steps]}, as_json=True, text="")
    if not is_well:
        raise SystemExit(1)


def _text(exchange: Exchange) -> str:
    sent = [f"{name}: {value}" for name, value in exchange.headers.items()]
    lines = [f"{exchange.method} {exchange.url}", *sent, exchange.body, f"-> {exchange.status} {exchange.answer}"]
    return "\n".join(f"      {line}" for line in lines if line)
