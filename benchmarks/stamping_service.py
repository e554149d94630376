"""A model service that says when it speaks: `python -m benchmarks.stamping_service`.

Prints its address, then answers every request with a stream of `--words` words of `--parts` tokens each (2 or more),
`--rate` tokens a second. The first token of a word is the moment of its sending, by this machine's monotonic clock,
which other processes can compare with; the last one ends the word.

It shares the machine with what is measured, so it is made to cost little: sockets without layers, tokens written out
beforehand, one queue of what is due for all streams.
"""

import argparse
import heapq
import json
import select
import socket
import sys
import time
from typing import Any

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
IDLE_SECONDS = 0.1


def _event(name: str, **data: Any) -> bytes:
    return f"event: {name}\ndata: {json.dumps({'type': name, **data})}\n\n".encode()


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def _token(text: str) -> bytes:
    return _chunk(_event("content_block_delta", index=0, delta={"type": "text_delta", "text": text}))


BEGINNING = HEAD + _chunk(
    _event(
        "message_start",
        message={
            "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-5-5", "content": [],
            "stop_reason": None, "stop_sequence": None, "usage": {"input_tokens": 900, "output_tokens": 1},
        },
    ) + _event("content_block_start", index=0, content_block={"type": "text", "text": ""})
)  # fmt: skip
ENDING = _chunk(
    _event("content_block_stop", index=0)
    + _event("message_delta", delta={"stop_reason": "end_turn", "stop_sequence": None}, usage={"output_tokens": 100})
    + _event("message_stop")
) + _chunk(b"")
STAMP_PLACE = b"@" * 14
BEFORE_STAMP, _, AFTER_STAMP = _token(STAMP_PLACE.decode()).partition(STAMP_PLACE)
MIDDLE, LAST = _token("x"), _token("x ")


class Service:
    """Listens, and sends to each stream what is due."""

    def __init__(self, words: int, parts: int, rate: float) -> None:
        self._tokens, self._parts, self._gap = words * parts, parts, 1 / rate
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
        self._ready = select.epoll()
        self._ready.register(self._listening, select.EPOLLIN)
        self._asking: dict[int, tuple[socket.socket, bytes]] = {}
        self._due: list[tuple[float, int, int, socket.socket]] = []  # moment, order, number of the token, stream
        self._order = 0

    @property
    def address(self) -> str:
        """Where it is to be found."""
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def run(self) -> None:
        """Serve until the process is ended."""
        while True:
            while self._due and self._due[0][0] <= time.monotonic():
                self._speak()
            pause = self._due[0][0] - time.monotonic() if self._due else IDLE_SECONDS
            for descriptor, _ in self._ready.poll(min(max(pause, 0.001), IDLE_SECONDS)):
                if descriptor == self._listening.fileno():
                    self._accept()
                else:
                    self._listen(descriptor)

    def _speak(self) -> None:
        moment, _, number, stream = heapq.heappop(self._due)
        part = number % self._parts
        try:
            if number == self._tokens:
                stream.send(ENDING)
                return
            if part == 0:
                stream.send(b"%b%014.4f%b" % (BEFORE_STAMP, time.monotonic(), AFTER_STAMP))
            else:
                stream.send(LAST if part == self._parts - 1 else MIDDLE)
        except OSError:
            return  # whoever asked is gone
        self._put(moment + self._gap, number + 1, stream)

    def _put(self, moment: float, number: int, stream: socket.socket) -> None:
        self._order += 1
        heapq.heappush(self._due, (moment, self._order, number, stream))

    def _accept(self) -> None:
        stream, _ = self._listening.accept()
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._asking[stream.fileno()] = (stream, b"")
        self._ready.register(stream, select.EPOLLIN)

    def _listen(self, descriptor: int) -> None:
        stream, asked = self._asking[descriptor]
        try:
            part = stream.recv(65536)
        except OSError:
            part = b""
        if not part:
            self._ready.unregister(descriptor)
            del self._asking[descriptor]
            stream.close()
            return
        asked += part
        head, _, body = asked.partition(b"\r\n\r\n")
        lengths = [line.partition(b":")[2] for line in head.lower().split(b"\r\n") if line.startswith(b"content-l")]
        if lengths and len(body) >= int(lengths[0]):
            asked = b""
            stream.send(BEGINNING)
            self._put(time.monotonic() + self._gap, 0, stream)
        self._asking[descriptor] = (stream, asked)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--words", type=int, required=True)
    parser.add_argument("--parts", type=int, required=True)
    parser.add_argument("--rate", type=float, required=True)
    given = parser.parse_args()
    service = Service(given.words, given.parts, given.rate)
    sys.stdout.write(f"{service.address}\n")
    sys.stdout.flush()
    service.run()
