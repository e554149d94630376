"""An answer that fits a JSON schema: values that are suggested by name where they fit, neutral ones elsewhere."""

from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator

NEUTRAL_TEXT = "Nothing speaks for or against."


def fill(schema: Mapping[str, Any], suggested: Mapping[str, Any] | None = None) -> Any:
    """A value that `schema` takes. `suggested` maps names of properties to values; one that does not fit is passed
    over, except that a number finds the nearest entry of an enumeration. Properties keep the schema's order."""
    return _fill(schema, schema, "", suggested or {})


def _fill(schema: Mapping[str, Any], root: Mapping[str, Any], name: str, suggested: Mapping[str, Any]) -> Any:
    schema = _resolved(schema, root)
    if name in suggested and (value := _fitted(suggested[name], schema, root)) is not None:
        return value
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][len(schema["enum"]) // 2]
    for choices in ("anyOf", "oneOf"):
        if schema.get(choices):
            return _fill(schema[choices][0], root, name, suggested)
    return _of_type(schema, root, name, suggested)


def _of_type(schema: Mapping[str, Any], root: Mapping[str, Any], name: str, suggested: Mapping[str, Any]) -> Any:
    kind = schema.get("type", "object" if "properties" in schema else "string")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        properties = schema.get("properties") or {}
        return {key: _fill(part, root, key, suggested) for key, part in properties.items()}
    if kind == "array":
        items = schema.get("items") or {}
        return [_fill(items, root, name, {}) for _ in range(int(schema.get("minItems", 0)))]
    simple = {"integer": 3, "number": 0.5, "boolean": False, "null": None, "string": NEUTRAL_TEXT}
    return simple.get(kind, NEUTRAL_TEXT)


def _fitted(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    """`value` in the shape that `schema` takes, or None."""
    if schema.get("enum") and isinstance(value, int) and value not in schema["enum"]:
        near = [entry for entry in schema["enum"] if str(entry).lstrip("-").isdigit()]
        value = min(near, key=lambda entry: abs(int(entry) - value), default=None)
    if isinstance(value, list) and schema.get("items"):
        value = [_reduced(entry, _resolved(schema["items"], root)) for entry in value]
    whole = {**schema, "$defs": root.get("$defs", {})}
    return value if Draft202012Validator(whole).is_valid(value) else None


def _reduced(entry: Any, schema: Mapping[str, Any]) -> Any:
    properties = schema.get("properties")
    if not isinstance(entry, dict) or not properties:
        return entry
    return {key: entry[key] for key in properties if key in entry}


def _resolved(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in schema:
        target: Any = root
        for step in str(schema["$ref"]).lstrip("#/").split("/"):
            target = target[step]
        schema = target
    return schema
