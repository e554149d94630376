"""Writes the partner's replies, away from any request: whoever asked may close the page, the reply comes all the same.

One thread per reply being written, since it waits for a model most of the time; one thread that stores the text so far
of all of them, and one that looks after replies written by other processes. A reply is known by its row, so that any
process can follow it, and take it up if its writer has died.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from config import logs, metrics
from config.database import Database
from course import reply_rows
from course.conversations import DONE, FAILED
from course.live_replies import LiveReply, Sight
from course.partners import Partners
from course.reply_rows import ReplyTask
from course.written_replies import ReplyBroken, WrittenReply

log = logging.getLogger(__name__)

MOST_AT_ONCE = 400  # replies being written in this process; more wait their turn
MOST_FOLLOWED = 400  # readers of replies in this process; more are told to ask from time to time
KEEP_SECONDS = 0.8  # how often the text so far is stored: at least every second
LOOK_SECONDS = 0.4  # how often replies written elsewhere are looked at
CLOSING_SECONDS = 5.0
OWED_TRIES = 3  # how often a reply that has been written is stored again when the database is away
OWED_PAUSE = 2.0


class Replies:
    """The replies of one process: `start` one, `follow` any."""

    def __init__(self, database: Database, partners: Partners) -> None:
        self._database = database
        self._partners = partners
        self._lock = threading.Lock()
        self._written: dict[int, tuple[LiveReply, ReplyTask | None]] = {}  # by turn id; None until it is claimed
        self._elsewhere: dict[int, LiveReply] = {}
        self._places = threading.BoundedSemaphore(MOST_AT_ONCE)
        self.readers = threading.BoundedSemaphore(MOST_FOLLOWED)
        self._keeper: threading.Thread | None = None
        self._watcher: threading.Thread | None = None
        self._writers: set[threading.Thread] = set()
        self._closing = threading.Event()

    def partner_on_offer(self, session: Session, context_key: str) -> str:
        """The partner of a conversation that is begun now in this context, as `course.models.Conversation` keeps it."""
        return self._partners.on_offer(session, context_key)

    def start(self, turn_id: int) -> None:
        """Have the reply written, unless somebody is writing it. To be called after the commit that owes it."""
        self._start(turn_id)

    @contextmanager
    def following(self, turn_id: int) -> Iterator[LiveReply]:
        """The reply as it grows, wherever it is written. One that nobody is writing is taken up here."""
        live = self._follow(turn_id)
        with self._lock:
            live.followers += 1
        try:
            yield live
        finally:
            with self._lock:
                live.followers -= 1

    def look_after(self, turn_id: int) -> None:
        """Have the reply written if nobody is writing it, without waiting."""
        with self.following(turn_id):
            pass

    def wait_for(self, turn_id: int, seconds: float) -> None:
        """Have the reply written and wait for its end, at most so long."""
        live = self._start(turn_id)
        deadline = time.monotonic() + seconds
        sight = live.sight
        while not sight.has_ended and (left := deadline - time.monotonic()) > 0:
            sight = live.wait_for_change(sight, left)

    def _start(self, turn_id: int) -> LiveReply:
        with self._lock:
            known = self._written.get(turn_id)
            if known is not None:
                return known[0]
            live = self._elsewhere.pop(turn_id, None) or LiveReply(turn_id)
            self._written[turn_id] = (live, None)
            writer = threading.Thread(target=logs.carrying(self._write, live), name=f"reply-{turn_id}", daemon=True)
            self._writers.add(writer)
        writer.start()
        return live

    def close(self) -> None:
        """Keep and look after nothing any more, and wait for the replies that are being written, a little while: what
        does not end by then is found by its lease."""
        self._closing.set()
        with self._lock:
            threads = [*self._writers, *(one for one in (self._keeper, self._watcher) if one)]
        for thread in threads:
            thread.join(CLOSING_SECONDS)
        self._partners.close()

    def _follow(self, turn_id: int) -> LiveReply:
        with self._lock:
            known = self._written.get(turn_id)
            if known is not None:
                return known[0]
            elsewhere = self._elsewhere.get(turn_id)
            if elsewhere is not None:
                return elsewhere
        with self._database.reading() as session:
            sight, is_abandoned = reply_rows.sights_of(session, [turn_id])[turn_id]
        if is_abandoned:
            return self._start(turn_id)
        live = LiveReply(turn_id, sight)
        if not sight.has_ended:
            self._watch(live)
        return live

    # Writing

    def _write(self, live: LiveReply) -> None:
        try:
            with self._places, metrics.open_stream("written"):
                self._claim_and_write(live)
        except Exception as error:
            log.error("writing a reply broke", exc_info=error, extra={"turn": live.turn_id})
            self._forget(live)
            self._watch(live)
        finally:
            with self._lock:
                self._writers.discard(threading.current_thread())

    def _claim_and_write(self, live: LiveReply) -> None:
        with self._database.transaction() as session:
            task = reply_rows.claim(session, live.turn_id)
        if task is None:  # another process was faster, or it has ended
            self._forget(live)
            self._watch(live)
            return
        live.show(Sight(task.take, "", live.sight.status))
        with self._lock:
            self._written[live.turn_id] = (live, task)
            self._keeper = self._running(self._keeper, self._keep_texts)
        try:
            written = self._partners.write(task, live)
        except ReplyBroken as broken:
            self._end(live, task, None, broken.cause)
        except Exception as error:
            log.error("a partner broke", exc_info=error, extra={"turn": live.turn_id, "attempt": task.attempt_id})
            self._end(live, task, None, "failed")
        else:
            self._end(live, task, written, None)

    def _end(self, live: LiveReply, task: ReplyTask, written: WrittenReply | None, cause: str | None) -> None:
        for tries_left in reversed(range(OWED_TRIES)):
            try:
                with self._database.transaction() as session:
                    if written is None:
                        is_mine = reply_rows.fail(session, task, cause or "failed")
                    else:
                        is_mine = reply_rows.finish(session, task, written)
                break
            except SQLAlchemyError:
                if not tries_left:
                    raise
                time.sleep(OWED_PAUSE)
        self._forget(live)
        _note(task, written, cause, is_mine)
        if not is_mine:
            self._watch(live)  # handed in meanwhile, or taken up by another process: that is what stands
        elif written is None:
            live.show(Sight(live.sight.take, "", FAILED, cause))
        else:
            live.show(Sight(live.sight.take, written.text, DONE, written.cause))

    def _forget(self, live: LiveReply) -> None:
        with self._lock:
            self._written.pop(live.turn_id, None)

    def _running(self, thread: threading.Thread | None, work: Callable[[], None]) -> threading.Thread:
        """The thread that does `work`, begun if there is none. Called with the lock held."""
        if thread is None:
            thread = threading.Thread(target=work, name=work.__name__.strip("_"), daemon=True)
            thread.start()
        return thread

    def _keep_texts(self) -> None:
        while True:
            self._closing.wait(KEEP_SECONDS)
            with self._lock:
                if not self._written or self._closing.is_set():
                    self._keeper = None
                    return
                texts = {(turn_id, task.owner): live.sight for turn_id, (live, task) in self._written.items() if task}
            try:
                with self._database.transaction() as session:
                    reply_rows.keep(session, texts)
            except SQLAlchemyError as error:
                log.warning("texts not kept", extra={"cause": error.__class__.__name__})

    # Looking after what others write

    def _watch(self, live: LiveReply) -> None:
        with self._lock:
            self._elsewhere.setdefault(live.turn_id, live)
            self._watcher = self._running(self._watcher, self._look)

    def _look(self) -> None:
        while True:
            self._closing.wait(LOOK_SECONDS)
            with self._lock:
                if not self._elsewhere or self._closing.is_set():
                    self._watcher = None
                    return
                watched = dict(self._elsewhere)
            try:
                self._look_at(watched)
            except SQLAlchemyError as error:
                log.warning("replies not looked at", extra={"cause": error.__class__.__name__})

    def _look_at(self, watched: dict[int, LiveReply]) -> None:
        with self._database.reading() as session:
            seen = reply_rows.sights_of(session, watched)
        for turn_id, live in watched.items():
            sight, is_abandoned = seen[turn_id]
            live.show(sight)
            if is_abandoned:
                self.start(turn_id)
            elif sight.has_ended or not live.followers:
                with self._lock:
                    self._elsewhere.pop(turn_id, None)


def _note(task: ReplyTask, written: WrittenReply | None, cause: str | None, is_mine: bool) -> None:
    result = "overtaken" if not is_mine else "failed" if written is None else "written"
    metrics.count(metrics.REPLIES, result)
    fields = {"turn": task.turn_id, "attempt": task.attempt_id, "lab": task.lab.id, "outcome": result}
    # Of one that was written the cause is left out: it may be that words of distress were answered.
    log.info("reply ended", extra={**fields, "cause": cause})
