"""What is to be answered, and what is to go wrong. Whoever answers (rule, script, command) returns one of these."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

STOP_REASONS = (
    "end_turn", "max_tokens", "stop_sequence", "tool_use", "pause_turn", "refusal", "model_context_window_exceeded",
)  # fmt: skip
ERROR_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """An answer that is none. With a `status`, an error instead of a message; else a stream that ends badly.

    `body` replaces the error's JSON with raw text, such as a proxy's page. `drop` closes the connection before any
    byte. The other three count pieces of text sent: `cut_after` ends the body without its end, `drop_after` resets the
    connection, `error_after` sends an error event; for an answer that is not streamed, each of them drops it.
    """

    status: int | None = None
    error_type: str | None = None
    error_code: str | None = None
    message: str = "scripted"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    drop: bool = False
    cut_after: int | None = None
    drop_after: int | None = None
    error_after: int | None = None

    @property
    def kind(self) -> str:
        """The error's type, by the status if none is named."""
        return self.error_type or ERROR_TYPES.get(self.status or 529, "api_error")


@dataclass(frozen=True, slots=True)
class Answer:
    """The text and how it ends. `latency` (seconds) and `tokens_per_second` replace the service's own pace."""

    text: str = ""
    stop_reason: str = "end_turn"
    stop_category: str | None = None
    thinking_tokens: int = 0
    latency: float | None = None
    tokens_per_second: float | None = None
    fault: Fault | None = None


Body = Mapping[str, Any]
Answerer = Callable[[Body], Awaitable[Answer]]
