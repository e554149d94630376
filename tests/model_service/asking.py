"""Requests in the shape in which labs are graded, and answers read back."""

import asyncio
import json
from typing import Any

from lti_tool.model_service.answers import Answerer

LEVELS = (
    "- level 0: Too little to judge.\n"
    "- level 1: No mechanism is named.\n"
    "- level 2: Names popularity or feedback without a chain.\n"
    "- level 3: A chain from recorded orders to training to recommendations, one link missing.\n"
    "- level 4: The whole chain: shown restaurants collect orders, orders become training examples, retraining repeats."
)
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "evidence": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"turn": {"type": "string"}, "quote": {"type": "string"}},
                "required": ["turn", "quote"],
                "additionalProperties": False,
            },
        },
        "level": {"type": "integer", "enum": [0, 1, 2, 3, 4]},
        "feedback": {"type": "string"},
        "confidence": {"type": "integer", "enum": [1, 2, 3, 4, 5]},
        "speaks_to_grader": {"type": "boolean"},
    },
    "required": ["evidence", "level", "feedback", "confidence", "speaks_to_grader"],
    "additionalProperties": False,
}


def grading(
    *student: str, levels: str = LEVELS, tail: str = "", system: str = "Rules. Marker: cw-1234"
) -> dict[str, Any]:
    turns = []
    for number, text in enumerate(student, start=1):
        turns.append({"id": f"p{number}", "role": "partner", "text": "Retraining repeats, says the partner. Go on?"})
        turns.append({"id": f"s{number}", "role": "student", "text": text})
    conversation = f"<conversation-x1>\n{json.dumps(turns)}\n</conversation-x1>"
    task = f'Judge the criterion "mechanism" (Mechanism).\nIts levels, lowest first:\n{levels}\n{tail}'
    return {
        "model": "claude-haiku-5-5",
        "max_tokens": 2000,
        "system": [{"type": "text", "text": system}],
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": conversation}, {"type": "text", "text": task}]}
        ],
        "output_config": {"format": {"type": "json_schema", "schema": SCHEMA}},
    }


def answer(answerer: Answerer, body: dict[str, Any]) -> dict[str, Any]:
    async def ask() -> str:
        return (await answerer(body)).text

    return dict(json.loads(asyncio.run(ask())))
