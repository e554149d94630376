"""`coursewright launches`."""

from typing import Any

import click

from config import clock
from config.database import GREATEST_ID
from lti_tool.cli.environment import as_json_option, load_settings, open_database, show
from lti_tool.cli.finding import end
from lti_tool.launch_events import REFUSED
from lti_tool.launch_reports import PERIODS, UNKNOWN, CauseCount, LaunchRow, Wanted, refusals_by_cause
from lti_tool.launch_reports import launches as listed

MOST = 1000


@click.command()
@click.option("--refused", is_flag=True, help="Only who was turned away.")
@click.option("--platform", "platform_id", help=f"Only this platform (`platforms list`); {UNKNOWN!r} for all others.")
@click.option("--reference", default="", help="The one whose page shows this reference.")
@click.option("--by-cause", type=click.Choice(tuple(PERIODS)), help="Count refusals by cause within this time.")
@click.option("--limit", type=click.IntRange(1, MOST), default=50, show_default=True, help="How many, newest first.")
@as_json_option
def launches(
    *, refused: bool, platform_id: str | None, reference: str, by_cause: str | None, limit: int, as_json: bool
) -> None:
    """Show who came in and who was turned away of late, and why: without names, each with its reference.

    Kept for 30 days. Of one platform the first 300 refusals of an hour stand by themselves; more are counted.
    """
    wanted = Wanted(platform=_platform(platform_id), only_refused=refused, reference=reference)
    with open_database(load_settings()).reading() as session:
        if by_cause:
            counted = refusals_by_cause(session, PERIODS[by_cause], wanted)
            rows = [{"cause": one.cause, "times": one.times, "last": _json(one.last)} for one in counted]
            empty = f"Nobody was turned away within the last {by_cause}."
            show(rows, as_json=as_json, text="\n".join(_count_text(one) for one in counted) or empty)
            return
        found = listed(session, wanted, length=limit).rows
    text = "\n".join(_text(one, with_advice=bool(reference)) for one in found)
    if reference and not found:
        end(f"No launch of the last 30 days has the reference {reference}.")
    show([_json(one) for one in found], as_json=as_json, text=text or "Nobody has come in yet.")


def _platform(given: str | None) -> int | str | None:
    if given is None or given == UNKNOWN:
        return given
    if not given.isascii() or not given.isdigit() or int(given) > GREATEST_ID:
        end(f"--platform takes the number of a platform or {UNKNOWN!r}.", code=2)
    return int(given)


def _json(row: LaunchRow) -> dict[str, Any]:
    told = row.refusal.told() if row.refusal else None
    return {
        "at": clock.isoformat(row.at),
        "step": row.step,
        "outcome": row.outcome,
        "cause": row.cause or None,
        "times": row.times,
        "platform_id": row.registration_id,
        "platform": row.platform or None,
        "issuer": row.issuer or None,
        "client_id": row.client_id or None,
        "deployment_id": row.deployment_id or None,
        "reference": row.reference,
        "details": dict(row.details),
        "what_to_do": told.what_to_do if told else None,
    }


def _text(row: LaunchRow, *, with_advice: bool = False) -> str:
    whose = row.platform or f"unknown: {row.issuer or '?'} {row.client_id}".rstrip()
    what = f"{row.step} refused: {row.cause}" if row.outcome == REFUSED else f"{row.step} let in"
    times = f" ({row.times} times within an hour)" if row.times > 1 else ""
    line = f"{row.at:%Y-%m-%d %H:%M:%S} UTC  {row.reference or '-':10}  {what}{times}  {whose}"
    return "\n".join([line, *_advice(row)]) if with_advice else line


def _count_text(counted: CauseCount) -> str:
    line = f"{counted.times:6}  {counted.cause}, last {counted.last.at:%Y-%m-%d %H:%M} UTC"
    return "\n".join([line, *_advice(counted.last)])


def _advice(row: LaunchRow) -> list[str]:
    if row.refusal is None:
        return []
    told = row.refusal.told()
    return [f"        {one}" for one in (told.message, told.what_to_do)]
