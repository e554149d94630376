"""What a request says, read tolerantly: its texts, the conversation inside it, and what is asked about it."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_DECODER = json.JSONDecoder()
_LEVEL_LINE = re.compile(r"^\s*[-*]?\s*level\s+\d\s*[:.)-]\s*(.+)$", re.IGNORECASE | re.MULTILINE)
STUDENT_ROLES = frozenset({"student", "learner", "user"})


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of the conversation that is to be judged."""

    id: str
    role: str
    text: str


def texts(content: Any) -> list[str]:
    """The texts of a system prompt or a message, one a block."""
    if isinstance(content, str):
        return [content]
    return [str(part.get("text", "")) for part in content or () if part.get("type", "text") == "text"]


def system_text(body: Mapping[str, Any]) -> str:
    """All of the system prompt."""
    return "\n".join(texts(body.get("system")))


def user_texts(body: Mapping[str, Any]) -> list[str]:
    """Every block of every user message, in order."""
    return [text for message in body["messages"] if message["role"] == "user" for text in texts(message["content"])]


def all_text(body: Mapping[str, Any]) -> str:
    """Everything in the request that is text."""
    messages = [text for message in body["messages"] for text in texts(message["content"])]
    return "\n".join([system_text(body), *messages])


def schema_of(body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The JSON schema that the answer must fit, if the request has one."""
    form = (body.get("output_config") or {}).get("format") or {}
    return form.get("schema") if form.get("type") == "json_schema" else None


def conversation(body: Mapping[str, Any]) -> list[Turn]:
    """The turns inside the user's blocks: the first JSON array of objects that have a role and a text."""
    for text in user_texts(body):
        for value in _json_values(text):
            turns = value.get("turns") if isinstance(value, dict) else value
            if isinstance(turns, list) and turns and all(_is_turn(turn) for turn in turns):
                return [
                    Turn(str(turn.get("id", number)), str(turn["role"]), turn["text"])
                    for number, turn in enumerate(turns)
                ]
    return []


def student_turns(body: Mapping[str, Any]) -> list[Turn]:
    """The turns that a student wrote, by their role."""
    return [turn for turn in conversation(body) if turn.role in STUDENT_ROLES]


def task(body: Mapping[str, Any]) -> str:
    """What is asked: the last user block."""
    return (user_texts(body) or [""])[-1]


def criterion_text(body: Mapping[str, Any]) -> str:
    """The criterion in the task: its first line and the descriptors of its levels, where the task has such lines."""
    asked = task(body)
    descriptors = _LEVEL_LINE.findall(asked)
    return "\n".join([asked.strip().partition("\n")[0], *descriptors]) if descriptors else asked


def what_counts(body: Mapping[str, Any]) -> str:
    """What the rubric in the system prompt, as JSON with `criteria`, says counts for the criterion that the task names
    by its id; empty where there is no such thing."""
    asked = task(body).strip().partition("\n")[0]
    for value in _json_values(system_text(body)):
        criteria = value.get("criteria") if isinstance(value, dict) else None
        for criterion in criteria if isinstance(criteria, list) else ():
            if isinstance(criterion, dict) and f'"{criterion.get("id")}"' in asked:
                return "\n".join(map(str, criterion.get("counts") or ()))
    return ""


def _is_turn(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("role"), str) and isinstance(value.get("text"), str)


def _json_values(text: str) -> Iterator[Any]:
    """Each JSON array or object that stands in a text, outermost first."""
    position = 0
    while (start := min((at for at in (text.find(c, position) for c in "[{") if at >= 0), default=-1)) >= 0:
        try:
            value, position = _DECODER.raw_decode(text, start)
        except (ValueError, RecursionError):
            position = start + 1
        else:
            yield value
