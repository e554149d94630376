"""`coursewright ai`: AI switched off and on again, everywhere or for a part of the installation."""

from dataclasses import asdict

import click

from config import clock
from lti_tool.admin.audit import CLI
from lti_tool.ai_switches import Place, SwitchedOff, SwitchRefused, switch_off, switch_on, switches_off
from lti_tool.cli.environment import as_json_option, load_settings, open_database, show
from lti_tool.cli.finding import end, row_id

platform_option = click.option(
    "--platform", type=row_id, help="For this platform only; `platforms list` shows the ids."
)
context_option = click.option("--context", help="For this context only; `contexts list` shows their names.")


@click.group()
def ai() -> None:
    """Switch AI off and on again. It is heard at once in all processes; grades that are given stay."""


@ai.command()
@platform_option
@context_option
@click.option("--reason", required=True, help="Why; whoever finds it off will ask.")
def off(platform: int | None, context: str | None, reason: str) -> None:
    """Stop every call of a language model, everywhere or for a platform or context.

    Labs go on with their scripted partner. Grading waits, and goes to a person after a day.
    """
    place = _place(platform, context)
    try:
        with open_database(load_settings()).transaction() as session:
            was_on = switch_off(session, CLI, place, reason)
    except SwitchRefused as refused:
        end(str(refused), code=2)
    click.echo(f"AI is off {_where(place)}." if was_on else f"AI was off already {_where(place)}; nothing changed.")


@ai.command()
@platform_option
@context_option
@click.option("--reason", default="", help="What has become of it.")
def on(platform: int | None, context: str | None, reason: str) -> None:
    """Allow calls again. What waited for it goes on by itself."""
    place = _place(platform, context)
    with open_database(load_settings()).transaction() as session:
        was_off = switch_on(session, CLI, place, reason)
        left = switches_off(session)
    click.echo(f"AI is on {_where(place)}." if was_off else f"AI was not switched off {_where(place)}.")
    for one in left:
        click.echo(_line(one))


@ai.command()
@as_json_option
def status(as_json: bool) -> None:
    """Show whether AI can be used, and where it is switched off, by whom, when and why."""
    settings = load_settings()
    with open_database(settings).reading() as session:
        found = switches_off(session)
    by_settings = "" if settings.ai_is_available else "off" if not settings.ai else "no key"
    value = {
        "settings": by_settings or "on",
        "switched_off": [{**asdict(one), "at": clock.isoformat(one.at)} for one in found],
    }
    lines = {
        "": ["AI is on by the settings."],
        "off": ["AI is off by COURSEWRIGHT_AI, whatever stands below."],
        "no key": ["AI is off: no ANTHROPIC_API_KEY is set."],
    }[by_settings]
    lines += [_line(one) for one in found] or ["It is switched off nowhere."]
    show(value, as_json=as_json, text="\n".join(lines))


def _place(platform: int | None, context: str | None) -> Place:
    if platform is not None and context is not None:
        end("Say either --platform or --context.", code=2)
    return Place(platform, context)


def _where(place: Place) -> str:
    if place.context_key is not None:
        return f"in {place.context_key}"
    return "everywhere" if place.registration_id is None else f"at platform {place.registration_id}"


def _line(one: SwitchedOff) -> str:
    title = f" ({one.title})" if one.title else ""
    return f"Off {_where(one.place)}{title} since {clock.isoformat(one.at)}, by {one.by}: {one.reason}"
