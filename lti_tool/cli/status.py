"""`coursewright status`."""

from typing import Any

import click

from config import clock
from lti_tool.admin.overview import Figures, Matter, figures, matters
from lti_tool.cli.environment import as_json_option, load_settings, open_database, show

MICRO = 1_000_000


@click.command()
@as_json_option
def status(as_json: bool) -> None:
    """Show what needs attention, most urgent first, and how things stand: what the console's overview shows."""
    # The words are the page's, and pages need Flask, which no other command has to wait for.
    from lti_tool.web.admin.matter_words import words_of

    settings = load_settings()
    with open_database(settings).reading() as session:
        found = matters(session, settings.budgets)
        now = figures(session, settings.budgets)
    told = [(matter, *words_of(matter)) for matter in found]
    lines = [f"{title}. {text}{_since(matter)}" for matter, title, text in told] or ["Nothing needs attention."]
    value = {"matters": [_row(matter, title) for matter, title, _ in told], "figures": _figures(now)}
    text = "\n".join([*lines, "", *(f"{name:16} {one}" for name, one in _figures(now).items())])
    show(value, as_json=as_json, text=text)


def _since(matter: Matter) -> str:
    return f" Since {clock.isoformat(matter.since)[:16]}Z." if matter.since else ""


def _row(matter: Matter, title: str) -> dict[str, Any]:
    since = clock.isoformat(matter.since) if matter.since else None
    return {"kind": matter.kind, "number": matter.number, "since": since, "title": title}


def _figures(now: Figures) -> dict[str, int | float | str | None]:
    return {
        "platforms": now.platforms,
        "came_in": now.came_in,
        "turned_away": now.turned_away,
        "on_their_way": now.on_their_way,
        "delivered": now.delivered,
        "spent_usd": now.spent / MICRO,
        "budget_usd": now.budget / MICRO,
        "worker_seen_at": clock.isoformat(now.worker_seen_at) if now.worker_seen_at else None,
    }
