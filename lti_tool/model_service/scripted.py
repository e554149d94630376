"""Replies and faults from a file: a list of entries, each used in order where it matches; README.md has the form."""

import dataclasses
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lti_tool.model_service.answers import STOP_REASONS, Answer, Answerer, Body, Fault
from lti_tool.model_service.reading import all_text, schema_of, system_text, task

_FAULT_KEYS = frozenset(field.name for field in dataclasses.fields(Fault))
_ANSWER_KEYS = frozenset({"text", "stop_reason", "stop_category", "thinking_tokens", "latency", "tokens_per_second"})
_WHEN_KEYS = frozenset({"model", "stream", "structured", "system", "last", "anywhere"})
_OWN_KEYS = frozenset({"when", "times", "json"})


class ScriptInvalid(Exception):
    """The script cannot be used; the text says which entry and why."""


@dataclass(slots=True)
class Entry:
    """One reply: when it applies, how often it still may (None: always), what it gives.

    `answer` is None for an entry that only has a fault or a pace: its text comes from whoever else answers.
    """

    when: Mapping[str, Any]
    left: int | None
    answer: Answer
    has_text: bool

    def matches(self, body: Body) -> bool:
        """Whether it applies to a request; every condition must hold."""
        seen: dict[str, bool | str] = {
            "model": str(body["model"]),
            "stream": bool(body.get("stream")),
            "structured": schema_of(body) is not None,
            "system": system_text(body),
            "last": task(body),
            "anywhere": all_text(body),
        }
        for name, wanted in self.when.items():
            value = seen[name]
            if isinstance(value, bool):
                if value is not wanted:
                    return False
            elif not re.search(str(wanted), value):
                return False
        return self.left is None or self.left > 0


class Script:
    """Entries tried in order: the first that matches and is not used up answers, else `otherwise` does."""

    def __init__(self, entries: list[Entry], otherwise: Answerer) -> None:
        self._entries = entries
        self._otherwise = otherwise

    async def __call__(self, body: Body) -> Answer:
        entry = next((entry for entry in self._entries if entry.matches(body)), None)
        if entry is None:
            return await self._otherwise(body)
        if entry.left is not None:
            entry.left -= 1
        if entry.has_text or (entry.answer.fault and entry.answer.fault.status):
            return entry.answer
        other = await self._otherwise(body)
        changed = {
            name: value
            for name in ("latency", "tokens_per_second", "fault", "stop_category")
            if (value := getattr(entry.answer, name)) is not None
        }
        if entry.answer.stop_reason != "end_turn":
            changed["stop_reason"] = entry.answer.stop_reason
        return dataclasses.replace(other, **changed)


def load(file: Path) -> list[Entry]:
    """The entries of a YAML or JSON file. Raises `ScriptInvalid`."""
    try:
        told = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ScriptInvalid(f"{file} cannot be read ({error.__class__.__name__}).") from error
    return entries_of(told)


def entries_of(told: Any) -> list[Entry]:
    """The entries of a parsed script. Raises `ScriptInvalid`."""
    if not isinstance(told, list):
        raise ScriptInvalid("A script is a list of entries.")
    return [_entry(number, value) for number, value in enumerate(told, start=1)]


def _entry(number: int, value: Any) -> Entry:
    if not isinstance(value, dict):
        raise ScriptInvalid(f"Entry {number} is no mapping.")
    unknown = set(value) - _FAULT_KEYS - _ANSWER_KEYS - _OWN_KEYS
    when = value.get("when") or {}
    unknown |= set(when) - _WHEN_KEYS
    if unknown:
        raise ScriptInvalid(f"Entry {number} has unknown keys: {', '.join(sorted(map(str, unknown)))}.")
    reason = value.get("stop_reason", "end_turn")
    if reason not in STOP_REASONS:
        raise ScriptInvalid(f"Entry {number}: stop_reason is one of {', '.join(STOP_REASONS)}.")
    fields = {name: value[name] for name in _ANSWER_KEYS & set(value)}
    if "json" in value:
        fields["text"] = json.dumps(value["json"], ensure_ascii=False)
    if reason == "refusal":
        fields.setdefault("text", "")
    faults = {name: value[name] for name in _FAULT_KEYS & set(value)}
    if "headers" in faults:
        faults["headers"] = {str(name): str(held) for name, held in faults["headers"].items()}
    answer = Answer(**fields, fault=Fault(**faults) if faults else None)
    return Entry(when, value.get("times"), answer, "text" in fields)
