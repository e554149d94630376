"""Messages and the events of a stream, in the API's form."""

import json
from collections.abc import Mapping
from typing import Any

from lti_tool.model_service.answers import Answer, Fault


def message(
    message_id: str, model: str, answer: Answer, usage: Mapping[str, Any], *, is_beginning: bool = False
) -> dict[str, Any]:
    """A message; at the beginning of a stream, without content and end."""
    content: list[dict[str, Any]] = []
    if not is_beginning:
        if answer.thinking_tokens:
            content.append({"type": "thinking", "thinking": "", "signature": "c2lnbmF0dXJl"})
        if answer.text:
            content.append({"type": "text", "text": answer.text})
    end = {"stop_reason": None, "stop_sequence": None} if is_beginning else end_of(answer)
    return {
        "id": message_id, "type": "message", "role": "assistant", "model": model, "content": content, **end,
        "usage": dict(usage),
    }  # fmt: skip


def end_of(answer: Answer) -> dict[str, Any]:
    """Why the message ended."""
    end: dict[str, Any] = {"stop_reason": answer.stop_reason, "stop_sequence": None}
    if answer.stop_reason == "refusal":
        end["stop_details"] = {"type": "refusal", "category": answer.stop_category, "explanation": None}
    return end


def event(name: str, **fields: Any) -> bytes:
    """One event of a stream."""
    return f"event: {name}\ndata: {json.dumps({'type': name, **fields}, ensure_ascii=False)}\n\n".encode()


def text_event(text: str, index: int) -> bytes:
    """A piece of text."""
    return event("content_block_delta", index=index, delta={"type": "text_delta", "text": text})


def error(fault: Fault, request_id: str) -> dict[str, Any]:
    """An error in the API's form."""
    details = {"error_code": fault.error_code} if fault.error_code else None
    return {
        "type": "error",
        "error": {"type": fault.kind, "message": fault.message, "details": details},
        "request_id": request_id,
    }
