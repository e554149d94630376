"""`coursewright course`."""

from pathlib import Path

import click

from course.check import CheckReport, check_course, sum_of
from lti_tool.cli.environment import as_json_option, load_settings, show


@click.group()
def course() -> None:
    """The course files."""


@course.command("check")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@as_json_option
def check(folder: Path | None, as_json: bool) -> None:
    """Read a course folder (by default the ones that are served) and name every problem with its file and line.

    Exits 1 when there are problems.
    """
    folders = [folder] if folder else list(load_settings().courses)
    reports = [check_course(one) for one in folders]
    whole = reports[0] if len(reports) == 1 else sum_of(reports)
    show(whole.as_json(), as_json=as_json, text="\n".join(_text(report) for report in reports))
    raise SystemExit(1 if any(report.problems for report in reports) else 0)


def _text(report: CheckReport) -> str:
    counts = {name: count for name, count in report.as_json().items() if name != "details"}
    summary = ", ".join(f"{name} {count}" for name, count in counts.items())
    return "\n".join([*(str(problem) for problem in report.details), summary])
