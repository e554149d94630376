"""The serverless broker: whatever lies in its folders, a worker keeps working."""

import threading
from pathlib import Path

from config.settings import from_environment
from config.task_queue import DELIVER_SCORES, Nudger, make_celery


def _celery(tmp_path: Path):
    return make_celery(from_environment({"COURSEWRIGHT_DATA_DIR": str(tmp_path)}))


def test_a_message_arrives_whole_and_once(tmp_path: Path) -> None:
    app = _celery(tmp_path)
    Nudger(app)._send(DELIVER_SCORES, ([7],))
    with app.connection_for_read() as connection, connection.SimpleQueue("passback") as queue:
        message = queue.get(block=False)
        assert message.payload[0] == [[7]]
        message.ack()
        assert queue.qsize() == 0
    assert not list(tmp_path.rglob("*.unfinished"))


def test_broken_files_do_not_stop_a_reader(tmp_path: Path) -> None:
    app = _celery(tmp_path)
    Nudger(app)._send(DELIVER_SCORES, ([7],))
    messages = tmp_path / "broker" / "messages"
    for name, content in (("0_empty", b""), ("0_half", b'{"body": '), ("0_bytes", b"\xff\x00")):
        (messages / f"{name}.passback.msg").write_bytes(content)
    for exchange in (tmp_path / "broker" / "control").iterdir():
        exchange.write_bytes(b"")
    found = []
    with app.connection_for_read() as connection, connection.SimpleQueue("passback") as queue:
        for _ in range(10):
            try:
                found.append(queue.get(block=False).payload[0])
            except queue.Empty:
                continue
    assert found == [[[7]]]


def test_eight_senders_and_a_reader_at_once_lose_nothing(tmp_path: Path) -> None:
    app = _celery(tmp_path)
    nudger = Nudger(app)
    nudger._send(DELIVER_SCORES, ([0],))

    def send(first: int) -> None:
        for number in range(first, first + 25):
            nudger._send(DELIVER_SCORES, ([number],))

    threads = [threading.Thread(target=send, args=(1 + 25 * sender,)) for sender in range(8)]
    for thread in threads:
        thread.start()
    found: list[int] = []
    with app.connection_for_read() as connection, connection.SimpleQueue("passback") as queue:
        while any(thread.is_alive() for thread in threads) or queue.qsize():
            try:
                message = queue.get(block=False)
            except queue.Empty:
                continue
            found.append(message.payload[0][0][0])
            message.ack()
    assert sorted(found) == list(range(201))
