"""Students who talk in labs, all at once: `python -m benchmarks.students`, jobs on its input, figures on its output.

Each says something, follows the reply as a browser does, and says the next thing. The text that arrives are moments of
`benchmarks.stamping_service`; what is measured is how old each is when it has arrived.
"""

import asyncio
import json
import re
import sys
import time
from typing import Any, cast
from urllib.parse import urlencode

STAMP = re.compile(rb"\d{9}\.\d{4}")
END = b"event: end"


async def _request(port: int, head: str, body: str = "") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"{head} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n".encode() + body.encode())
    return reader, writer


async def _json(port: int, head: str, cookie: str, form: dict[str, str] | None = None) -> tuple[int, Any]:
    fields = f"Cookie: {cookie}\r\nAccept: application/json\r\n"
    sent = urlencode(form) if form else ""
    if form:
        fields += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(sent)}\r\n"
    reader, writer = await _request(port, head, f"{fields}\r\n{sent}")
    answer = await reader.read()
    writer.close()
    status, body = int(answer[9:12]), answer.partition(b"\r\n\r\n")[2]
    begin = body.find(b"{")
    return status, json.loads(body[begin : body.rfind(b"}") + 1]) if begin >= 0 else None


class _Following(asyncio.Protocol):
    """One reader of a reply, made to cost little, since it shares the machine with what is measured: it looks for
    moments in the bytes as they come, and for the end."""

    def __init__(self, asked: bytes, delays: list[float], counts: dict[str, int]) -> None:
        self.is_over = asyncio.get_running_loop().create_future()
        self._asked = asked
        self._delays = delays
        self._counts = counts
        self._last = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast("asyncio.WriteTransport", transport).write(self._asked)
        self._counts["open"] += 1
        self._counts["most_open"] = max(self._counts["most_open"], self._counts["open"])

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        growing, ending, _ = data.partition(END)  # the end repeats the whole text
        if not ending and END in self._last + data:
            growing, ending = b"", END
        self._last = data[-len(END) :]
        if not self.is_over.done():
            self._counts["frames"] += growing.count(b"event: text")
            self._delays.extend(now - float(stamp) for stamp in STAMP.findall(growing))
        if ending:
            self._finish()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio names it
        self._finish()

    def _finish(self) -> None:
        if not self.is_over.done():
            self._counts["open"] -= 1
            self.is_over.set_result(None)


async def _follow(port: int, path: str, cookie: str, delays: list[float], counts: dict[str, int]) -> None:
    head = f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\nCookie: {cookie}\r\n"
    asked = f"{head}Accept: text/event-stream\r\n\r\n".encode()
    loop = asyncio.get_running_loop()
    transport, following = await loop.create_connection(lambda: _Following(asked, delays, counts), "127.0.0.1", port)
    await following.is_over
    transport.close()


async def _student(job: dict[str, Any], delays: list[float], counts: dict[str, int]) -> None:
    await asyncio.sleep(job["after"])
    port, cookie = job["port"], job["cookie"]
    for turn in range(job["turns"]):
        form = {"csrf_token": job["csrf"], "action": "say", "number": str(2 + 2 * turn), "text": f"Because, {turn}."}
        status, state = await _json(port, f"POST {job['path']}", cookie, form)
        if status != 200:
            counts["refused"] += 1
            return
        await _follow(port, state["events"], cookie, delays, counts)


async def _main() -> None:
    jobs = json.load(sys.stdin)
    delays: list[float] = []
    counts = {"open": 0, "most_open": 0, "frames": 0, "refused": 0}
    await asyncio.gather(*(_student(job, delays, counts) for job in jobs))
    delays = sorted(delays) or [float("inf")]
    shares = {str(share): delays[int(len(delays) * share)] for share in (0.5, 0.95, 0.99)}
    sys.stdout.write(json.dumps({"delays": shares, "words": len(delays), "cpu": time.process_time(), **counts}))


if __name__ == "__main__":
    asyncio.run(_main())
