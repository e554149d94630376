"""A response that follows a reply as server-sent events (`reply_frames.py`). It holds a thread, which sleeps, no
database connection, and nothing of the reply: closing it changes nothing.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from werkzeug import Request, Response

from config import metrics
from course.live_replies import Sight
from course.replies import Replies
from lti_tool.web.reply_frames import BEGINNING, HEARTBEAT, HEARTBEAT_SECONDS, Place, end
from lti_tool.web.reply_pump import FRAME_SECONDS, Pump, reader_of

pump = Pump()


def event_stream(replies: Replies, turn_id: int, asked: Request, state: Callable[[], Mapping[str, object]]) -> Response:
    """A response that follows the reply from where the reader stopped, and ends with its `state`. Where too many follow
    already, it asks the reader to look at the state from time to time instead."""
    if not replies.readers.acquire(blocking=False):
        return Response(status=503, headers={"Retry-After": "2"})
    place = Place.of(asked.headers.get("Last-Event-ID", ""))
    response = Response(_events(replies, turn_id, place, asked.environ, state), mimetype="text/event-stream")
    response.call_on_close(replies.readers.release)
    response.headers["X-Accel-Buffering"] = "no"  # nginx would keep frames back
    return response


def _events(
    replies: Replies, turn_id: int, place: Place, environ: Mapping[str, Any], state: Callable[[], Mapping[str, object]]
) -> Iterator[bytes]:
    yield BEGINNING
    with replies.following(turn_id) as live, metrics.open_stream("followed"):
        reader = reader_of(environ, live, place)
        if reader is not None:
            pump.carry(reader)
            reader.connection.sendall(reader.rest)
        seen: Sight | None = None
        while not live.sight.has_ended:
            sight = live.wait_for_change(seen, HEARTBEAT_SECONDS)
            news = place.frames(sight) or (HEARTBEAT if sight is seen else b"")
            seen = sight
            if news:
                yield news
                time.sleep(FRAME_SECONDS)
    yield end(state())
