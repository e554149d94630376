"""Where processes under test ask at each named point whether they may go on, and may be killed instead."""

import json
import socket
import socketserver
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

GO = b"go"
PATIENCE_SECONDS = 30.0


def ask(port: int, name: str, point: str) -> None:
    """Tell the gate that process `name` has come to `point`, and wait for its word. Without a gate, go on."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS) as connection:
        connection.sendall(json.dumps([name, point]).encode() + b"\n")
        connection.recv(len(GO))


class Gate:
    """Counts who comes to which point. `on_point` says whether the process may go on (or has been killed)."""

    def __init__(self, on_point: Callable[[str, str], bool]) -> None:
        self.reached: Counter[str] = Counter()  # by point
        self.let_through: Counter[str] = Counter()
        self.heard_from: Counter[str] = Counter()  # by process, since it was last forgotten
        self._lock = threading.Lock()
        gate = self

        class Asked(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                line = self.rfile.readline()
                if not line:
                    return
                name, point = json.loads(line)
                with gate._lock:
                    gate.reached[point] += 1
                    gate.heard_from[name] += 1
                if on_point(name, point):
                    with gate._lock:
                        gate.let_through[point] += 1
                    with suppress(OSError):
                        self.wfile.write(GO)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True
            request_queue_size = 256

            def handle_error(self, request: object, client_address: object) -> None:
                """Somebody was killed while asking."""

        self._server = Server(("127.0.0.1", 0), Asked)
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, name="gate", daemon=True).start()

    def forget(self, name: str) -> None:
        """`name` has been killed: what it said before says nothing about the next one."""
        with self._lock:
            self.heard_from.pop(name, None)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
