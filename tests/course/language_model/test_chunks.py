"""The framing of a chunked body comes off wherever its bytes are cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.language_model.chunks import Chunks


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=6), st.integers(1, 9), st.sampled_from((b"", b";a=b")))
def test_what_is_carried_arrives_whole_and_ends_with_the_last_chunk(
    parts: list[bytes], size: int, extension: bytes
) -> None:
    body = b"".join(b"%x%b\r\n%b\r\n" % (len(part), extension, part) for part in parts) + b"0\r\n\r\n"
    chunks, found = Chunks(), b""
    for at in range(0, len(body), size):
        is_over_before_the_end = chunks.has_ended and at < len(body) - len(b"\r\n") - size
        assert not is_over_before_the_end
        found += chunks.take(body[at : at + size])
    assert found == b"".join(parts)
    assert chunks.has_ended


@pytest.mark.parametrize("body", [b"no size\r\n", b"z\r\n", b"1" * 5000])
def test_what_is_no_chunked_body_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"invalid literal|without a size"):
        Chunks().take(body)
