"""An answer as it gathers, from one message or from the events of a stream, and the judgement on how it ended."""

import time
from dataclasses import replace
from typing import Any

from course.language_model.errors import ModelCut, ModelRefused
from course.language_model.messages import Reply, Usage

COMPLETE = frozenset({"end_turn", "stop_sequence"})
_CUT = {"max_tokens": "max_tokens", "model_context_window_exceeded": "context_full", None: "cut_stream"}


class Answer:
    """Gathers text and usage. `writes_1h`: cache writes whose lifetime is not told are taken to be of the dear kind."""

    def __init__(self, model: str, writes_1h: bool, begun: float) -> None:
        self._model = model
        self._writes_1h = writes_1h
        self._begun = begun
        self._pieces: list[str] = []
        self._first_token: float | None = None
        self._usage = Usage()
        self._stop_reason: str | None = None
        self._stop_category: str | None = None
        self.request_id: str | None = None

    def take_message(self, message: Any) -> None:
        """A whole message of the SDK. Its parsing is lenient: any field may be missing."""
        self._take_head(message)
        for block in message.content or ():
            if block.type == "text":
                self.take_text(block.text)
        self._take_end(message)

    def take_event(self, event: Any) -> None:
        """One event of a stream that is not a piece of text. Raises `ModelCut` for the service's own error."""
        if event.type == "message_start":
            self._take_head(event.message)
        elif event.type == "message_delta":
            self._take_usage(event.usage)
            self._take_end(event.delta)
        elif event.type == "error":
            cause = (event.error.type if event.error else None) or "error"
            raise ModelCut(str(cause)[:40], reply=self.so_far(), may_be_billed=True)

    def so_far(self) -> Reply:
        """What has arrived by now."""
        return Reply(
            text="".join(self._pieces),
            stop_reason=self._stop_reason,
            stop_category=self._stop_category,
            model=self._model,
            usage=self._usage,
            latency=time.monotonic() - self._begun,
            first_token=self._first_token,
            request_id=self.request_id,
        )

    def finished(self) -> Reply:
        """The reply, if the model came to its own end. Raises `ModelRefused` or `ModelCut`."""
        reply = self.so_far()
        if reply.stop_reason in COMPLETE:
            return reply
        if reply.stop_reason == "refusal":
            raise ModelRefused(reply.stop_category, reply=reply)
        cause = _CUT.get(reply.stop_reason, f"stop_{reply.stop_reason}"[:40])
        raise ModelCut(cause, reply=reply, may_be_billed=reply.stop_reason is None)

    def _take_head(self, message: Any) -> None:
        self._model = message.model or self._model
        self.request_id = self.request_id or _field(message, "_request_id") or message.id
        self._take_usage(message.usage)

    def take_text(self, text: str | None) -> str:
        """A piece of the text, as it can be stored."""
        # Half a surrogate pair or a NUL, which JSON can carry, could not be stored.
        piece = (text or "").encode("utf-8", "replace").decode("utf-8").replace("\0", "")
        if piece:
            if self._first_token is None:
                self._first_token = time.monotonic() - self._begun
            self._pieces.append(piece)
        return piece

    def _take_end(self, holder: Any) -> None:
        self._stop_reason = holder.stop_reason
        self._stop_category = _field(_field(holder, "stop_details"), "category")

    def _take_usage(self, told: Any) -> None:
        # A stream tells its usage twice; what the second time leaves out stays.
        usage = self._usage
        written = _field(told, "cache_creation_input_tokens")
        detail = _field(told, "cache_creation")
        if detail is not None:
            usage = replace(
                usage,
                cache_write_5m=_field(detail, "ephemeral_5m_input_tokens") or 0,
                cache_write_1h=_field(detail, "ephemeral_1h_input_tokens") or 0,
            )
        elif written is not None and written != usage.cache_write_5m + usage.cache_write_1h:
            kind = "cache_write_1h" if self._writes_1h else "cache_write_5m"
            usage = replace(usage, **{"cache_write_5m": 0, "cache_write_1h": 0, kind: written})
        seen = {
            "input": _field(told, "input_tokens"),
            "cache_read": _field(told, "cache_read_input_tokens"),
            "output": _field(told, "output_tokens"),
            "thinking": _field(_field(told, "output_tokens_details"), "thinking_tokens"),
        }
        self._usage = replace(usage, **{name: count for name, count in seen.items() if count is not None})


def _field(holder: Any, name: str) -> Any:
    """A field that may be missing, of an object or, where the SDK knows no type for it, of a mapping."""
    return holder.get(name) if isinstance(holder, dict) else getattr(holder, name, None)
