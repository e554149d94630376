"""A model service that says when it speaks: `python -m benchmarks.stamping_service`.

Prints its address, then answers every request with a stream of `--words` words of `--parts` tokens each (2 or more),
`--rate` tokens a second. The first token of a word is the moment of its sending, by this machine's monotonic clock,
which other processes can compare with; the last one ends the word.
"""

import argparse
import asyncio
import json
import sys
import time
from typing import Any

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


def _event(name: str, **data: Any) -> bytes:
    return f"event: {name}\ndata: {json.dumps({'type': name, **data})}\n\n".encode()


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


BEGINNING = _event(
    "message_start",
    message={
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-5-5", "content": [],
        "stop_reason": None, "stop_sequence": None, "usage": {"input_tokens": 900, "output_tokens": 1},
    },
) + _event("content_block_start", index=0, content_block={"type": "text", "text": ""})  # fmt: skip
ENDING = (
    _event("content_block_stop", index=0)
    + _event("message_delta", delta={"stop_reason": "end_turn", "stop_sequence": None}, usage={"output_tokens": 100})
    + _event("message_stop")
)


def _text(part: int, parts: int) -> str:
    if part == 0:
        return f"{time.monotonic():.4f}"
    return "x " if part == parts - 1 else "x"


async def _serve(words: int, parts: int, rate: float) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    int(line.partition(b":")[2])
                    for line in head.lower().split(b"\r\n")
                    if line.startswith(b"content-l")
                )
                await reader.readexactly(length)
                writer.write(HEAD + _chunk(BEGINNING))
                due = time.monotonic()
                for token in range(parts * words):
                    due += 1 / rate
                    await asyncio.sleep(max(0.0, due - time.monotonic()))
                    text = _text(token % parts, parts)
                    delta = {"type": "text_delta", "text": text}
                    writer.write(_chunk(_event("content_block_delta", index=0, delta=delta)))
                writer.write(_chunk(ENDING) + b"0\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=2048)
    sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--words", type=int, required=True)
    parser.add_argument("--parts", type=int, required=True)
    parser.add_argument("--rate", type=float, required=True)
    given = parser.parse_args()
    asyncio.run(_serve(given.words, given.parts, given.rate))
