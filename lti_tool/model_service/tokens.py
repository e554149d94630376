"""A tokenizer of sorts: four bytes a token, at least one, and pieces of about a token for streams."""

import re

BYTES_PER_TOKEN = 4
_PIECE = re.compile(r"\s*\S{1,6}|\s+$")


def count(data: bytes | str) -> int:
    """Tokens of a text or of its bytes; 0 only for nothing."""
    size = len(data.encode() if isinstance(data, str) else data)
    return -(-size // BYTES_PER_TOKEN)


def pieces(text: str) -> list[str]:
    """`text` in the pieces in which it is streamed."""
    return _PIECE.findall(text)
