"""What the Messages API refuses with a 400 since its version of 2026-10-21, in as far as we could ask for it."""

from collections.abc import Iterator, Mapping
from typing import Any

MOST_BREAKPOINTS = 4
ROLES = frozenset({"user", "assistant", "system"})


def fault_of(body: Any) -> str | None:
    """Why this request is refused, or None."""
    return next(_faults(body), None) if isinstance(body, dict) else "the body must be a JSON object"


def _faults(body: Mapping[str, Any]) -> Iterator[str]:
    if not isinstance(body.get("model"), str):
        yield "model: field required"
    if not isinstance(body.get("max_tokens"), int) or body["max_tokens"] < 1:
        yield "max_tokens: a whole number of 1 or more is required"
    for name in ("temperature", "top_p", "top_k"):
        if name in body:
            yield f"{name}: this parameter is no longer supported"
    thinking = (body.get("thinking") or {}).get("type")
    if thinking in {"enabled", "disabled"}:
        yield f"thinking.type: {thinking} is not supported by this model"
    effort = (body.get("output_config") or {}).get("effort")
    if thinking == "between_tools" and effort in {"xhigh", "max"}:
        yield "thinking.type: between_tools needs an effort of high or less"
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        yield "messages: at least one message is required"
    else:
        yield from _faults_of_messages(messages)
        yield from _faults_of_breakpoints(body)


def _faults_of_messages(messages: list[Any]) -> Iterator[str]:
    for index, message in enumerate(messages):
        if not isinstance(message, dict) or message.get("role") not in ROLES:
            yield f"messages.{index}.role: must be user, assistant or system"
        content = message.get("content")
        if not content or not (isinstance(content, str) or all(_is_block(block) for block in content)):
            yield f"messages.{index}.content: must be text or blocks with text"
        if message["role"] == "system":
            following = messages[index + 1]["role"] if index + 1 < len(messages) else "assistant"
            if index == 0 or messages[index - 1]["role"] != "user" or following != "assistant":
                yield f"messages.{index}: a system message follows a user turn and ends it"
    if messages[0]["role"] != "user":
        yield "messages.0: the first message must be the user's"
    if messages[-1]["role"] == "assistant":
        yield "messages: the conversation must not end with an assistant turn"


def _is_block(block: Any) -> bool:
    return isinstance(block, dict) and (block.get("type") != "text" or bool(block.get("text")))


def _faults_of_breakpoints(body: Mapping[str, Any]) -> Iterator[str]:
    system = body.get("system") or []
    blocks = [block for block in system if isinstance(block, dict)]
    for message in body["messages"]:
        if not isinstance(message["content"], str):
            blocks += message["content"]
    marked = [block["cache_control"] for block in blocks if block.get("cache_control")]
    marked += [body["cache_control"]] if body.get("cache_control") else []
    if len(marked) > MOST_BREAKPOINTS:
        yield f"a maximum of {MOST_BREAKPOINTS} blocks with cache_control may be provided, found {len(marked)}"
    if any(control.get("ttl", "5m") not in {"5m", "1h"} for control in marked):
        yield "cache_control.ttl: must be 5m or 1h"
