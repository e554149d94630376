"""`coursewright evaluate`: the grader measured on a labelled set, without a database."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import click

from config.settings import LOCAL_HOSTS, Settings
from course.catalog import load_course
from course.items import Lab
from course.language_model.client import ModelClient
from course.language_model.prices import priced
from grading.evaluation.figures import Figures, cached_share, figures
from grading.evaluation.records import Record, SetInvalid, pairs_of, read_set
from grading.evaluation.running import Judged, Runner
from lti_tool.cli.environment import as_json_option, check_language_models, load_settings, show
from lti_tool.lab_grading import reader_models

REGRESSION = "regression, not agreement"
NUMBERS = (
    "qwk", "exact", "adjacent", "mae", "bias", "stability", "evidence_validity", "injection_success", "honest_flagged",
    "coverage", "cost_usd", "latency_p95_s",
)  # fmt: skip
MEANINGS = {
    "qwk": "quadratic weighted kappa, mean over the criteria",
    "exact": "same level as the raters",
    "adjacent": "at most one level away",
    "mae": "mean distance of the scores, as a share of the maximum",
    "bias": "mean difference of the scores (above 0: too generous)",
    "stability": "criteria that came out the same in all runs",
    "evidence_validity": "released quotes that are verbatim in a student turn",
    "injection_success": "attacks that gained a released level over their clean twin",
    "honest_flagged": "honest conversations held back, or shown to a person, as suspect",
    "coverage": "honest conversations released without a person",
    "cost_usd": "US dollars for all runs",
    "latency_p95_s": "seconds for a conversation, 95th percentile",
}


@click.command("evaluate")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--repeat", default=1, show_default=True, type=click.IntRange(1, 20), help="Runs, to see what is stable.")
@click.option("--undefended", is_flag=True, help="Also run the attacks with the defence switched off, to compare.")
@click.option("--limit", type=click.IntRange(1), help="Only the first so many records.")
@as_json_option
def evaluate(file: Path, repeat: int, undefended: bool, limit: int | None, as_json: bool) -> None:
    """Run the grader over the labelled conversations in FILE (one JSON object a line) and print how well it does.

    Needs a language model (ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL) and no database.
    """
    settings = load_settings()
    records = _records(file, settings)[:limit]
    progress = _Progress(len(records) * repeat, quiet=as_json)
    with closing(_client(settings)) as client:
        prices, models = priced(settings), reader_models(settings)
        runner = Runner(client, prices, models)
        runs = [runner.run(records, progress.count) for _ in range(repeat)]
        bare = Runner(client, prices, models, defended=False)
        compared = figures([bare.run(_attacks_and_twins(records))]) if undefended else None
    found = figures(runs)
    label = REGRESSION if _is_scripted(settings, records) else "agreement with raters"
    values = _as_json(found, runs, compared, label)
    show(values, as_json=as_json, text=_as_text(found, runs, compared, label, len(records)))


class _Progress:
    """Says how far it is, on the error stream."""

    def __init__(self, whole: int, *, quiet: bool) -> None:
        self._whole, self._quiet, self._done = whole, quiet, 0

    def count(self, _judged: Judged) -> None:
        self._done += 1
        if not self._quiet and (self._done % 25 == 0 or self._done == self._whole):
            click.echo(f"{self._done} of {self._whole} conversations judged", err=True)


def _records(file: Path, settings: Settings) -> list[Record]:
    try:
        return read_set(file.read_text(encoding="utf-8").splitlines(), _labs(settings))
    except SetInvalid as invalid:
        raise click.ClickException(f"{file} cannot be used.\n" + "\n".join(invalid.faults[:20])) from invalid
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file} is not UTF-8 text.") from error


def _labs(settings: Settings) -> dict[int, Lab]:
    items = [item for folder in settings.courses for item in load_course(folder).items if isinstance(item, Lab)]
    return {number: item for item in items if (number := _number(item)) is not None}


def _number(lab: Lab) -> int | None:
    number = lab.id.removeprefix("lab-")
    return int(number) if number.isascii() and number.isdigit() else None


def _client(settings: Settings) -> ModelClient:
    if not settings.ai_is_available:
        raise click.ClickException(
            "No language model is set up. Set ANTHROPIC_API_KEY, and ANTHROPIC_BASE_URL for a gateway or for "
            "`coursewright model-service`."
        )
    check_language_models(settings)
    return ModelClient(key=settings.model_key, base_url=settings.model_base_url)


def _attacks_and_twins(records: Sequence[Record]) -> list[Record]:
    paired = {one for pair in pairs_of(records) for one in pair}
    return [record for record in records if record.id in paired]


def _is_scripted(settings: Settings, records: Sequence[Record]) -> bool:
    """A service on this machine follows a script, and synthetic labels are nobody's judgement: neither says how well
    a model agrees with people."""
    host = urlsplit(settings.model_base_url).hostname or ""
    return host in LOCAL_HOSTS or any("synthetic" in record.tags for record in records)


def _as_json(
    found: Figures, runs: Sequence[Sequence[Judged]], compared: Figures | None, label: str
) -> dict[str, object]:
    return {
        **{name: found.values[name] for name in NUMBERS},
        "intervals": {name: found.intervals.get(name) for name in NUMBERS},
        "meaning": label,
        "records": len(runs[0]),
        "runs": len(runs),
        "attacks": found.attacks,
        "gained": [one.attack.record.id for one in found.gained],
        "twins": found.twins,
        "twins_released": found.twins_released / found.twins if found.twins else None,
        "undefended_injection_success": compared.values["injection_success"] if compared else None,
        "cached_share": cached_share(runs[0]),
        "not_judged": [one.record.id for one in runs[0] if one.failed],
        "families": {
            name: {
                "gained": gained,
                "attacks": of,
                "undefended": compared.families[name][0] if compared and name in compared.families else None,
            }
            for name, (gained, of) in found.families.items()
        },
    }


def _as_text(
    found: Figures, runs: Sequence[Sequence[Judged]], compared: Figures | None, label: str, records: int
) -> str:
    lines = [f"{records} conversations, runs: {len(runs)}. These figures are: {label}.", ""]
    lines += [_line(name, found) for name in NUMBERS]
    failed = sum(one.failed is not None for one in runs[0])
    if failed:
        lines.append(f"{failed} conversations could not be judged, for the service did not answer.")
    cached = cached_share(runs[0])
    if cached is not None:
        lines.append(f"{'cached_share':18} {cached:8.3f}  of the prompts' tokens came from the cache")
    if found.attacks:
        lines += ["", *_attack_lines(found, compared)]
    return "\n".join([*lines, "", f"These figures are: {label}."])


def _line(name: str, found: Figures) -> str:
    value, span = found.values[name], found.intervals.get(name)
    shown = "       –" if value is None else f"{value:8.3f}"
    interval = f" [{span[0]:.3f}, {span[1]:.3f}]" if span else ""
    return f"{name:18} {shown}{interval}  {MEANINGS[name]}"


def _attack_lines(found: Figures, compared: Figures | None) -> list[str]:
    lines = [
        f"Attacks: {len(found.gained)} of {found.attacks} gained a released level over their clean twin; "
        f"{found.twins_released} of {found.twins} clean twins were released."
    ]
    if compared is not None:
        lines.append(f"With the defence switched off: {len(compared.gained)} of {compared.attacks} gained a level.")
    for name, (gained, of) in sorted(found.families.items()):
        bare = f", without defence {compared.families[name][0]}" if compared and name in compared.families else ""
        lines.append(f"  {name:20} gained {gained} of {of}{bare}")
    lines += [f"  got through: {one.attack.record.id}" for one in found.gained]
    return lines
