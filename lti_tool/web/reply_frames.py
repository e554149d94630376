"""What a reader of a reply is sent: server-sent events `text` (more of it), `again` (forget it, it begins anew) and
`end` (how it stands).

An event's id is `take.characters`: how much of which take its reader then has. A reader who comes back with it gets the
rest.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from course.live_replies import Sight

HEARTBEAT_SECONDS = 15.0  # or a proxy would take the stream for dead, and we would not notice that the reader is gone
HEARTBEAT = b": still here\n\n"
BEGINNING = b"retry: 1000\n\n"


def end(state: Mapping[str, object]) -> bytes:
    """The last event."""
    return f"event: end\ndata: {json.dumps(state)}\n\n".encode()


@dataclass(slots=True)
class Place:
    """How far a reader is: so many characters of that take."""

    take: int = 0
    characters: int = 0

    @classmethod
    def of(cls, event_id: str) -> "Place":
        """The place an event's id names; the beginning for anything else."""
        take, _, characters = event_id.partition(".")
        if not (take.isascii() and take.isdigit() and characters.isascii() and characters.isdigit()):
            return cls()
        return cls(int(take[:9]), int(characters[:9]))

    def frames(self, sight: Sight) -> bytes:
        """What is new to the reader, who then has it; nothing when there is nothing new, or the reply has ended: then
        the whole comes with the end."""
        if sight.has_ended:
            return b""
        frames = b""
        if sight.take != self.take or len(sight.text) < self.characters:
            if self.characters:
                frames = b"event: again\nid: %d.0\ndata: {}\n\n" % sight.take
            self.take, self.characters = sight.take, 0
        if len(sight.text) > self.characters:
            data = json.dumps({"text": sight.text[self.characters :]}).encode()
            self.characters = len(sight.text)
            frames += b"event: text\nid: %d.%d\ndata: %s\n\n" % (self.take, self.characters, data)
        return frames
