"""A reply as server-sent events: `text` (more of it), `again` (forget it, it begins anew), `end` (ask how it stands).

An event's id is `take.characters`: how much of which take its reader then has. A reader who comes back with it gets the
rest. The response holds a thread, no database connection, and nothing of the reply: it follows.
"""

import json
import time
from collections.abc import Iterator

from werkzeug import Response

from course.live_replies import Sight
from course.replies import Replies

SMALLEST_GAP = 0.04  # seconds between two frames: at most 25 a second
HEARTBEAT_SECONDS = 15.0  # or a proxy would take the stream for dead, and we would not notice that the reader is gone
RECONNECT_MS = 1_000


def event_stream(replies: Replies, turn_id: int, last_event_id: str) -> Response:
    """A response that follows the reply from where the reader stopped. Where too many follow already, it asks the
    reader to look at the reply's state from time to time instead."""
    if not replies.readers.acquire(blocking=False):
        return Response(status=503, headers={"Retry-After": "2"})
    response = Response(_frames(replies, turn_id, *_position(last_event_id)), mimetype="text/event-stream")
    response.call_on_close(replies.readers.release)
    response.headers["X-Accel-Buffering"] = "no"  # nginx would keep frames back
    return response


def _position(event_id: str) -> tuple[int, int]:
    """Take and characters of an event's id; the beginning for anything else."""
    take, _, characters = event_id.partition(".")
    if not (take.isascii() and take.isdigit() and characters.isascii() and characters.isdigit()):
        return 0, 0
    return int(take[:9]), int(characters[:9])


def _frames(replies: Replies, turn_id: int, take: int, had: int) -> Iterator[bytes]:
    yield f"retry: {RECONNECT_MS}\n\n".encode()
    seen: Sight | None = None
    with replies.following(turn_id) as live:
        while True:
            sight = live.wait_for_change(seen, HEARTBEAT_SECONDS)
            if sight is seen:
                yield b": still here\n\n"
                continue
            seen = sight
            if sight.has_ended:
                yield b"event: end\ndata: {}\n\n"
                return
            if sight.take != take or len(sight.text) < had:
                if had:
                    yield frame("again", f"{sight.take}.0")
                take, had = sight.take, 0
            if len(sight.text) > had:
                yield frame("text", f"{take}.{len(sight.text)}", text=sight.text[had:])
                had = len(sight.text)
                time.sleep(SMALLEST_GAP)


def frame(event: str, event_id: str, **data: str) -> bytes:
    """One event on the wire."""
    return f"event: {event}\nid: {event_id}\ndata: {json.dumps(data)}\n\n".encode()
