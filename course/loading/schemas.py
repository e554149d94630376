"""Checks values against the published schemas and says in plain sentences what does not fit.

The schemas in `course/schema/` are the same files an author's editor uses, so the two cannot disagree. A schema may
carry `errorMessage`, the end of the sentence that begins with the name of the faulty value.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, cast

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from course.loading.folder import Fault
from course.loading.yaml_values import ValuePath, YamlDocument

SCHEMA_FOLDER = Path(__file__).parent.parent / "schema"

_ONE_OF = {
    "modules": "module",
    "items": "item",
    "questions": "question",
    "choices": "choice",
    "follow_ups": "follow-up",
    "criteria": "criterion",
    "levels": "entry of levels",  # their numbers count down from 4, so "level 1" would name another
    "exemplars": "exemplar",
    "counts": "entry of counts",
    "does_not_count": "entry of does_not_count",
    "rulings": "ruling",
    "general_rulings": "general ruling",
}
_TYPES = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "keys with values",
    "null": "null",
}


@dataclass(frozen=True, slots=True)
class Misfit:
    """A value that does not fit its schema, at `path` below the document's root."""

    path: ValuePath
    fault: Fault


def misfits(document: YamlDocument, schema_name: str, *, at: str | None = None) -> list[Misfit]:
    """All that does not fit the schema `course/schema/<schema_name>.schema.json`, each fault once.

    `at`: the document holds only the key of this name, described by the schema's definition of the same name.
    """
    found: dict[tuple[ValuePath, str], Misfit] = {}
    for error in _validator(schema_name, at).iter_errors(document.value):
        for path, message, hint in _sentences(error):
            found.setdefault((path, message), Misfit(path, Fault(document.line(*path), message, hint)))
    return list(found.values())


def is_sound(found: list[Misfit], *path: str | int) -> bool:
    """Whether nothing at or below `path` is at fault, so that it can be read further."""
    return all(misfit.path[: len(path)] != path for misfit in found)


@cache
def _validator(schema_name: str, at: str | None) -> Validator:
    schema = json.loads((SCHEMA_FOLDER / f"{schema_name}.schema.json").read_text(encoding="utf-8"))
    if at is not None:
        schema = {"properties": {at: {"$ref": f"#/$defs/{at}"}}, "$defs": schema["$defs"]}
    with_our_pattern: Any = cast("Any", extend)(Draft202012Validator, {"pattern": _pattern})  # it has no types
    validator: Validator = with_our_pattern(schema)
    return validator


def _pattern(_validator: Any, pattern: str, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    """In a schema `$` is the very end of the text; in Python it also stands before a last line break."""
    if isinstance(instance, str) and not re.search(re.sub(r"\$$", r"\\Z", pattern), instance):
        yield ValidationError("does not match")


def _sentences(error: ValidationError) -> Iterator[tuple[ValuePath, str, str]]:
    """Where, what, and what to do. Most errors give one sentence, unknown keys one each."""
    path = tuple(error.absolute_path)
    schema = error.schema if isinstance(error.schema, Mapping) else {}
    limit = cast("Any", error.validator_value)  # what the schema says: a list of names, a number, a pattern
    if error.validator == "required":
        for key in limit:
            if key not in cast("dict[str, Any]", error.instance):
                yield (*path, key), f"{_name(path)} has no `{key}`.", f"Add `{key}:` with its value."
    elif not path and error.instance is None:
        yield path, "There is nothing here to read.", "Begin with `title:`; docs/course-format.md has a full example."
    elif error.validator == "additionalProperties":
        yield from _unknown_keys(path, error.instance, schema)
    else:
        say = _SENTENCES[str(error.validator)]
        what, hint = say(limit, error.instance)
        if "errorMessage" in schema and _is_explained(str(error.validator), limit):
            what = schema["errorMessage"]
        yield path, f"{_name(path)} {what}.", hint


def _is_explained(keyword: str, limit: Any) -> bool:
    """Whether `errorMessage` says it all; for one plain type, an enum and a length our own sentence says more."""
    return keyword in ("pattern", "minimum", "maximum") or (
        keyword == "type" and (isinstance(limit, list) or limit == "number")
    )


def _unknown_keys(path: ValuePath, instance: Any, schema: Mapping[str, Any]) -> Iterator[tuple[ValuePath, str, str]]:
    known = list(schema.get("properties", ()))
    for key in instance:
        if "patternProperties" in schema:
            if not any(re.search(pattern, key) for pattern in schema["patternProperties"]):
                yield (*path, key), f"The id `{key}` {schema['errorMessage']}.", f"Write `{_as_id(key)}`."
        elif key not in known:
            close = get_close_matches(key, known, n=1)
            hint = f"Did you mean `{close[0]}`?" if close else f"The keys are: {', '.join(known)}."
            yield (*path, key), f"{_name(path)} has an unknown key `{key}`.", hint


def _as_id(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:64] or "an-id"


def _name(path: ValuePath) -> str:
    """`("questions", 1, "choices", 0, "text")` as "Question 2, choice 1: `text`"."""
    places: list[str] = []
    last = ""
    for parent, step in zip(("", *path), path, strict=False):
        if isinstance(step, int):
            places.append(f"{_ONE_OF.get(str(parent), str(parent))} {step + 1}")
            last = ""
        elif parent == "terms":
            places.append(f"term {step}")
            last = ""
        else:
            last = f"`{step}`"
    place = ", ".join(places)
    place = place[:1].upper() + place[1:]
    return ": ".join(part for part in (place, last) if part) or "The file"


def _type(types: Any, instance: Any) -> tuple[str, str]:
    wanted = [types] if isinstance(types, str) else types
    what = f"must be {' or '.join(_TYPES[name] for name in wanted)}, not {_described(instance)}"
    if "string" in wanted and isinstance(instance, int | float):
        return what, "Put the value in quotes, so that YAML reads it as a text."
    if instance is None:
        return what, "Write the value after the colon, or take the key away if it may be left out."
    if isinstance(instance, str) and not {"string", "array", "object"} & set(wanted):
        return what, "Write the bare value, without quotes and without anything beside it."
    return what, "Correct the value; docs/course-format.md shows each key with an example."


def _described(instance: Any) -> str:
    if isinstance(instance, str):
        return f"the text {_short(instance)}"
    if isinstance(instance, bool) or instance is None:
        return "nothing" if instance is None else str(instance).lower()
    if isinstance(instance, list):
        return "a list"
    return "keys with values" if isinstance(instance, dict) else f"the number {instance}"


def _short(value: Any) -> str:
    text = str(value).replace("\n", "\\n")
    return f'"{text}"' if len(text) <= 40 else f'"{text[:39]}…"'


def _enum(allowed: Any, instance: Any) -> tuple[str, str]:
    names = ", ".join(str(name) for name in allowed)
    close = get_close_matches(str(instance), [str(name) for name in allowed], n=1)
    hint = f"Did you mean {close[0]}?" if close else f"Write one of: {names}."
    return f"must be one of {names}, not {_short(instance)}", hint


def _count(bound: str) -> Callable[[Any, Any], tuple[str, str]]:
    def say(limit: Any, instance: Any) -> tuple[str, str]:
        hint = "Add what is missing." if bound == "at least" else "Take some away."
        entries = "entry" if limit == 1 else "entries"
        return f"must have {bound} {limit} {entries}, and has {len(instance)}", hint

    return say


_BOUNDS = "Write a number within the bounds."
_SENTENCES: Mapping[str, Callable[[Any, Any], tuple[str, str]]] = {
    "type": _type,
    "enum": _enum,
    "pattern": lambda _pattern, instance: ("is not as it should be", f"It reads {_short(instance)} now."),
    "minItems": _count("at least"),
    "maxItems": _count("at most"),
    "maxLength": lambda limit, text: (f"must have at most {limit} characters, and has {len(text)}", "Shorten it."),
    "minimum": lambda limit, _: (f"must be at least {limit}", _BOUNDS),
    "maximum": lambda limit, _: (f"must be at most {limit}", _BOUNDS),
}
