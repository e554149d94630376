"""`coursewright admin`: who may sign in to the console at /admin."""

import sys

import click

from config import clock
from lti_tool.admin import accounts, audit
from lti_tool.admin.accounts import Account, AccountRefused
from lti_tool.admin.passwords import LONGEST, PasswordRefused
from lti_tool.cli.environment import as_json_option, load_settings, open_database, show
from lti_tool.cli.finding import end

password_option = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input (its first line) and do not ask."
)


@click.group()
def admin() -> None:
    """The people who may sign in to the console at /admin."""


@admin.command("create")
@click.argument("name")
@password_option
def create(name: str, password_stdin: bool) -> None:
    """Make an account for NAME. The password is asked for, twice; it is never an argument of the command."""
    settings = load_settings()
    password = _password(from_stdin=password_stdin)
    try:
        with open_database(settings).transaction() as session:
            made = accounts.create(session, name, password, actor=audit.CLI)
    except (AccountRefused, PasswordRefused) as refused:
        end(str(refused), code=2)
    click.echo(f"{made.name} can sign in at {settings.base_url}/admin.")


@admin.command("list")
@as_json_option
def list_command(as_json: bool) -> None:
    """Show all accounts."""
    with open_database(load_settings()).reading() as session:
        rows = accounts.list_accounts(session)
    empty = "There is no admin yet: `coursewright admin create NAME` makes the first one."
    show([_row(one) for one in rows], as_json=as_json, text="\n".join(map(_line, rows)) or empty)


@admin.command("disable")
@click.argument("name")
def disable(name: str) -> None:
    """Keep NAME out from now on, and sign them out everywhere."""
    try:
        with open_database(load_settings()).transaction() as session:
            found = accounts.disable(session, name, actor=audit.CLI)
            is_last = not accounts.any_can_sign_in(session)
    except AccountRefused as refused:
        end(str(refused))
    click.echo(f"{found.name} is disabled and signed out everywhere.")
    if is_last:
        click.echo("Nobody can sign in to the console now: `coursewright admin enable` lets somebody in.", err=True)


@admin.command("enable")
@click.argument("name")
def enable(name: str) -> None:
    """Let NAME in again, with the password they had."""
    try:
        with open_database(load_settings()).transaction() as session:
            found = accounts.enable(session, name, actor=audit.CLI)
    except AccountRefused as refused:
        end(str(refused))
    click.echo(f"{found.name} can sign in.")


@admin.command("password")
@click.argument("name")
@password_option
def set_password(name: str, password_stdin: bool) -> None:
    """Give NAME another password, and sign them out everywhere."""
    database = open_database(load_settings())
    password = _password(from_stdin=password_stdin)
    try:
        with database.transaction() as session:
            found = accounts.set_password(session, name, password, actor=audit.CLI)
    except (AccountRefused, PasswordRefused) as refused:
        end(str(refused), code=2)
    click.echo(f"{found.name} has a new password and is signed out everywhere.")


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline(LONGEST + 2).rstrip("\r\n")
    if not sys.stdin.isatty():
        end("There is no terminal to ask for the password at: pipe it in and say --password-stdin.", code=2)
    typed: str = click.prompt("Password", hide_input=True, confirmation_prompt="The same again")
    return typed


def _row(account: Account) -> dict[str, str | bool | None]:
    return {
        "name": account.name,
        "can_sign_in": account.disabled_at is None,
        "created_at": clock.isoformat(account.created_at),
        "signed_in_at": clock.isoformat(account.signed_in_at) if account.signed_in_at else None,
        "disabled_at": clock.isoformat(account.disabled_at) if account.disabled_at else None,
    }


def _line(account: Account) -> str:
    last = (
        f"last signed in {clock.isoformat(account.signed_in_at)[:16]}Z" if account.signed_in_at else "never signed in"
    )
    return f"{account.name:24} {'disabled' if account.disabled_at else 'can sign in':12} {last}"
