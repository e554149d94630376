"""Every metric is documented, nothing else is, and no label can hold what there could be ever more of."""

import re
from pathlib import Path

import pytest

from config import metrics
from lti_tool.web.entries import _STEPS

ROOT = Path(__file__).resolve().parents[2]
DOCS = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
LABELS = {
    "step", "outcome", "cause", "route", "status", "registration", "result", "side", "purpose", "model", "kind", "task",
    "part", "state", "queue",
}  # fmt: skip


def _documented() -> dict[str, tuple[str, tuple[str, ...]]]:
    rows = re.findall(r"^\| `(coursewright_\w+)` \| (\w+)(?:, read)? \|(.*?)\| .+ \|$", DOCS, re.MULTILINE)
    return {name: (kind, tuple(re.findall(r"`(\w+)`", labels))) for name, kind, labels in rows}


def _defined() -> dict[str, tuple[str, tuple[str, ...]]]:
    counted = {
        family.name + ("_total" if family.type == "counter" else ""): (family.type, _labels(family.name))
        for family in metrics.REGISTRY.collect()
    }
    return counted | {reading.name: ("gauge", reading.labels) for reading in metrics.READINGS}


def _labels(name: str) -> tuple[str, ...]:
    (collector,) = {metrics.REGISTRY._names_to_collectors[name]}
    return tuple(collector._labelnames)  # type: ignore[attr-defined]  # the client has no public way to ask


def test_the_documented_metrics_are_exactly_those_there_are_with_their_kinds_and_labels() -> None:
    assert _documented() == _defined()
    assert len(_documented()) > 20


def test_labels_are_of_the_kinds_that_are_known_to_be_bounded() -> None:
    assert {label for _, labels in _defined().values() for label in labels} <= LABELS


def test_the_rules_in_the_docs_ask_for_metrics_and_values_that_there_are() -> None:
    rules = DOCS.partition("## What to be woken for")[2]
    asked = set(re.findall(r"\b(coursewright_\w+)", rules))
    known = set(_defined()) | {f"{name}_{part}" for name in _defined() for part in ("bucket", "count", "sum")}
    assert asked <= known
    assert len(asked) > 8


@pytest.mark.parametrize("step", sorted({*_STEPS.values(), "other"}))
def test_the_docs_name_every_step(step: str) -> None:
    assert step in DOCS
