"""What a language model is asked and what it answers, as plain values. Nothing here knows the SDK."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

CacheFor = Literal["5m", "1h"]
Effort = Literal["low", "medium", "high"]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of text. `cache`: the prompt up to the end of this part is to be kept by the service for that long.

    At most four parts of a request may ask for it, and a prefix of fewer than about 512 tokens is never kept.
    """

    text: str
    cache: CacheFor | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One turn. A `system` turn steers in mid-conversation: it follows a `user` turn, and comes last or before an
    `assistant` turn. The last turn is never the assistant's: an answer cannot be begun for the model."""

    role: Literal["user", "assistant", "system"]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """A call of a model. There is no temperature and no seed: the service refuses them.

    `max_tokens` covers thinking and text. `schema`: a JSON schema that the answer's text will fit, unless the call
    ends early; bounds such as `maximum` or `maxLength` are not enforced, enumerations are. `cache_conversation`: keep
    the whole conversation so far, for one that grows. `timeout_seconds`: 1 or more; for a stream, also the longest it
    may last. `between_tools`: the least thinking that the model offers, where it takes that (Sonnet 5.5 at effort up
    to high).
    """

    model: str
    system: tuple[Part, ...]
    messages: tuple[Message, ...]
    max_tokens: int
    schema: Mapping[str, Any] | None = None
    effort: Effort | None = None
    between_tools: bool = False
    cache_conversation: CacheFor | None = None
    timeout_seconds: float = 120.0

    def parts(self) -> list[Part]:
        """Every piece of text, in the order in which the service reads them."""
        return [*self.system, *(part for message in self.messages for part in message.parts)]


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens by the kind that is priced. `input` is what was neither read from nor written to the cache; `thinking` is
    contained in `output`."""

    input: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    cache_read: int = 0
    output: int = 0
    thinking: int = 0

    @property
    def prompt(self) -> int:
        """All input tokens, of whatever kind."""
        return self.input + self.cache_write_5m + self.cache_write_1h + self.cache_read


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. `model` is the one that says it answered; `latency` is in seconds, to the last token.

    `stop_reason` is `end_turn` or `stop_sequence` in every reply that is returned; an error that carries a reply has
    the reason for its ending there, or None for a stream that was cut. `stop_category`: why a model refused, if said.
    `first_token`: seconds to the first text.
    """

    text: str = field(repr=False)
    stop_reason: str | None
    stop_category: str | None
    model: str
    usage: Usage
    latency: float
    first_token: float | None
    request_id: str | None
