"""The prompt cache, from the bytes themselves: what is read and written at each breakpoint of a request.

An entry belongs to one model and to the exact bytes before its breakpoint (tools, then system, then messages). It
lives for its TTL from its last use, needs at least 512 tokens, and can be read only once the response that writes it
has begun. A breakpoint finds entries up to 20 blocks before it. All as the vendor documents it.
"""

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lti_tool.model_service import tokens

MINIMUM_TOKENS = 512
LOOK_BACK_BLOCKS = 20
LIFETIMES = {"5m": 300.0, "1h": 3600.0}  # seconds


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a prompt: its bytes, and for how long the prompt up to its end is to be kept, if at all."""

    data: bytes
    ttl: str | None


@dataclass(slots=True)
class Lookup:
    """What one request reads and writes, in tokens; `kept` are the entries to make or refresh when it begins."""

    input: int
    read: int = 0
    write_5m: int = 0
    write_1h: int = 0
    kept: list[tuple[bytes, str]] = field(default_factory=list)

    def usage(self) -> dict[str, Any]:
        """The input side of a message's `usage`."""
        return {
            "input_tokens": self.input,
            "cache_read_input_tokens": self.read,
            "cache_creation_input_tokens": self.write_5m + self.write_1h,
            "cache_creation": {
                "ephemeral_5m_input_tokens": self.write_5m,
                "ephemeral_1h_input_tokens": self.write_1h,
            },
        }


class PromptCache:
    """Entries by their key, with the moment at which each ends."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._ends: dict[bytes, float] = {}

    def look_up(self, model: str, blocks: list[Block]) -> Lookup:
        """What a request for `model` with these blocks reads and would write. Changes nothing."""
        keys, sizes = _prefixes(model, blocks)
        total = sizes[-1] if sizes else 0
        marked = [index for index, block in enumerate(blocks) if block.ttl and sizes[index] >= MINIMUM_TOKENS]
        found = self._newest_readable(marked, keys, sizes)
        done = sizes[found] if found is not None else 0
        lookup = Lookup(input=0, read=done)
        for index in marked:
            lifetime = blocks[index].ttl or "5m"
            lookup.kept.append((keys[index], lifetime))
            grown = sizes[index] - done
            if grown > 0:
                if lifetime == "1h":
                    lookup.write_1h += grown
                else:
                    lookup.write_5m += grown
                done = sizes[index]
        lookup.input = total - done
        return lookup

    def begin(self, lookup: Lookup) -> None:
        """The response begins: what it writes can be read from now on."""
        for key, ttl in lookup.kept:
            self._ends[key] = max(self._ends.get(key, 0.0), self._now() + LIFETIMES[ttl])

    def forget(self) -> None:
        """Drop all entries."""
        self._ends.clear()

    def _newest_readable(self, marked: list[int], keys: list[bytes], sizes: list[int]) -> int | None:
        now = self._now()
        for breakpoint_ in reversed(marked):
            for index in range(breakpoint_, max(-1, breakpoint_ - LOOK_BACK_BLOCKS), -1):
                if sizes[index] >= MINIMUM_TOKENS and self._ends.get(keys[index], 0.0) > now:
                    return index
        return None


def blocks_of(body: Mapping[str, Any]) -> list[Block]:
    """The blocks of a request in the order in which they are read, without their `cache_control`."""
    found = [_block("tool", tool) for tool in body.get("tools") or ()]
    found += [_block("system", part) for part in _as_blocks(body.get("system") or [])]
    for message in body.get("messages") or ():
        found += [_block(message["role"], part) for part in _as_blocks(message["content"])]
    whole = body.get("cache_control")
    if whole and found:
        found[-1] = Block(found[-1].data, whole.get("ttl", "5m"))
    return found


def _as_blocks(content: Any) -> list[Mapping[str, Any]]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content)


def _block(place: str, value: Mapping[str, Any]) -> Block:
    plain = {name: part for name, part in value.items() if name != "cache_control"}
    control = value.get("cache_control")
    data = json.dumps([place, plain], sort_keys=True, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return Block(data, control.get("ttl", "5m") if control else None)


def _prefixes(model: str, blocks: list[Block]) -> tuple[list[bytes], list[int]]:
    """For each block, the key of the prompt up to its end and the tokens up to there."""
    digest = hashlib.sha256(model.encode())
    keys, sizes, size = [], [], 0
    for block in blocks:
        digest.update(len(block.data).to_bytes(8, "big") + block.data)
        size += tokens.count(block.data)
        keys.append(digest.digest())
        sizes.append(size)
    return keys, sizes
