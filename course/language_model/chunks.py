"""The framing of a chunked body (RFC 9112 §7.1), taken off as its bytes arrive."""

LONGEST_LINE = 4096  # bytes of a chunk's size and its extensions


class Chunks:
    """Takes the bytes of a chunked body, cut anywhere, and gives what they carry."""

    def __init__(self) -> None:
        self.has_ended = False
        self._rest = b""
        self._left = 0  # bytes of the present chunk that have not come, with the line end behind them

    def take(self, raw: bytes) -> bytes:
        """What is new in the body. Raises ValueError for what is no chunked body."""
        raw, at, found = self._rest + raw, 0, []
        while not self.has_ended:
            if self._left > 2:
                piece = raw[at : at + self._left - 2]
                found.append(piece)
                at += len(piece)
                self._left -= len(piece)
            if self._left:
                if self._left > 2 or len(raw) < at + 2:
                    break
                at, self._left = at + 2, 0
            end = raw.find(b"\r\n", at)
            if end < 0:
                if len(raw) - at > LONGEST_LINE:
                    raise ValueError("a chunk without a size")
                break
            size = int(raw[at:end].partition(b";")[0], 16)
            at = end + 2
            self._left = size + 2
            self.has_ended = size == 0  # trailers may follow, which say nothing to us
        self._rest = raw[at:]
        return b"".join(found)
