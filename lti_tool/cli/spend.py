"""`coursewright spend` and `coursewright budget`."""

from dataclasses import asdict
from decimal import Decimal, InvalidOperation
from typing import Any, get_args

import click

from course.language_model.budgets import SCOPES, Standing, limits_in, standings
from course.language_model.spending import set_own_budgets
from lti_tool.admin import audit
from lti_tool.cli.environment import as_json_option, load_settings, open_database, show
from lti_tool.spend_report import ReportBy, Row, spent_by

MILLIONTHS = 1_000_000


class Dollars(click.ParamType[Any]):
    """US dollars, as millionths; `none` takes a context's own budget away."""

    name = "dollars"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | str:
        """An amount from 0 to a million, or the word `none`."""
        if value == "none":
            return str(value)
        try:
            amount = Decimal(value)
        except InvalidOperation:
            amount = Decimal(-1)
        if not amount.is_finite() or not 0 <= amount <= 1_000_000:
            self.fail(f"{value!r} is no amount of US dollars; it takes one such as 2.50, or none.", param, ctx)
        return int(amount * MILLIONTHS)


@click.command()
@click.option("--by", type=click.Choice(get_args(ReportBy)), default="month", show_default=True, help="What to add up.")
@click.option("--month", help="Only calls of this month, as 2026-11.")
@as_json_option
def spend(by: ReportBy, month: str | None, as_json: bool) -> None:
    """Show what language models have cost, by the price list that held at each call."""
    settings = load_settings()
    with open_database(settings).reading() as session:
        rows = spent_by(session, by, month=month)
        standing = standings(session, settings.budgets)[-1]
    value = {
        "by": by,
        "rows": [_as_json(row) for row in rows],
        "this_month": {"usd": _usd(standing.spent), "of_usd": _usd(standing.limit), "share": round(standing.share, 4)},
    }
    show(value, as_json=as_json, text=_text(by, rows, standing))


@click.command()
@click.argument("context_key")
@click.option("--lab", type=Dollars(), help="One attempt at a lab, or none.")
@click.option("--student", type=Dollars(), help="One learner's labs in this context, or none.")
@click.option("--context", type=Dollars(), help="All of this context, or none.")
@as_json_option
def budget(context_key: str, as_json: bool, **wanted: int | str | None) -> None:
    """Show or set the budgets of one context (`spend --by context` names them), in US dollars.

    `none` takes the context's own budget away, so that the installation's holds again.
    """
    settings = load_settings()
    own = {scope: None if value == "none" else int(value) for scope, value in wanted.items() if value is not None}
    with open_database(settings).transaction() as session:
        if own:
            set_own_budgets(session, context_key, **own)
            usd = {scope: None if limit is None else _usd(limit) for scope, limit in own.items()}
            audit.note(session, audit.CLI, "budget.set", context_key, **usd)
        limits = limits_in(session, settings.budgets, context_key)
    value = {scope: _usd(limits[scope]) for scope in SCOPES[:3]}
    text = ", ".join(f"{scope} ${amount:.2f}" for scope, amount in value.items())
    show({"context": context_key, **value}, as_json=as_json, text=f"{context_key}: {text}")


def _usd(millionths: int) -> float:
    return millionths / MILLIONTHS


def _as_json(row: Row) -> dict[str, Any]:
    told: dict[str, Any] = {**asdict(row.spent), "title": row.title}
    told["usd"], told["reserved_usd"] = _usd(told.pop("cost")), _usd(told.pop("reserved"))
    told["cached_share"] = None if row.spent.cached_share is None else round(row.spent.cached_share, 4)
    return told


def _text(by: str, rows: list[Row], standing: Standing) -> str:
    lines = [f"{by:28} {'calls':>8} {'failed':>7} {'US dollars':>12} {'running':>10} {'from cache':>11}"]
    lines += map(_line, rows)
    if not rows:
        lines = ["No language model has been called yet."]
    spent = f"This month: ${_usd(standing.spent):.2f} of ${_usd(standing.limit):.2f} ({standing.share:.0%})"
    return "\n".join([*lines, spent + (", nearly spent." if standing.is_near else ".")])


def _line(row: Row) -> str:
    spent = row.spent
    cached = "" if spent.cached_share is None else f"{spent.cached_share:.0%}"
    key = " ".join(filter(None, (spent.key or "(none)", row.title)))
    return (
        f"{key:28} {spent.calls:8} {spent.came_to_nothing:7} {_usd(spent.cost):12.4f} "
        f"{_usd(spent.reserved):10.4f} {cached:>11}"
    )
