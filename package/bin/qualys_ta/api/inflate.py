"""A compressed body, unpacked in bounded pieces: a small answer that unpacks to gigabytes meets the quota, not memory.

urllib3 1.26 unpacks all that a piece holds at once, and one layer after the other for as many as the answer names
(CVE-2025-66418, CVE-2025-66471; the releases that bound it are not for splunktaucclib).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from ..errors import TryLater

LARGEST_PIECE = 1 << 18
ACCEPTED = "gzip"
"""What we ask for; nothing else is unpacked."""

_PLAIN = frozenset(("", "identity"))
_GZIP = frozenset(("gzip", "x-gzip"))
_GZIP_WINDOW = 16 + zlib.MAX_WBITS


def unpacked(chunks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """The body behind its Content-Encoding; unpacked pieces are at most `LARGEST_PIECE` bytes.

    Raises TryLater for an encoding that was not asked for, a damaged body, and one that ends early.
    """
    name = encoding.strip().lower()
    if name in _PLAIN:
        return chunks
    if name in _GZIP:
        return _gunzipped(chunks)
    raise TryLater(f"The answer is encoded as {encoding[:80]!r}, which was not asked for; a proxy in between?")


def _gunzipped(chunks: Iterator[bytes]) -> Iterator[bytes]:
    stream = zlib.decompressobj(_GZIP_WINDOW)
    is_empty = True  # so are the answers to HEAD, and some errors
    for chunk in chunks:
        left = chunk
        while left:
            is_empty = False
            if stream.eof:  # another member follows
                stream = zlib.decompressobj(_GZIP_WINDOW)
            yield _piece(stream, left)
            left = stream.unconsumed_tail or stream.unused_data
    while piece := _piece(stream, b""):  # what it held back, being asked for no more than a piece
        yield piece
    if not stream.eof and not is_empty:
        raise TryLater("The compressed answer is cut.")


def _piece(stream: zlib._Decompress, packed: bytes) -> bytes:
    try:
        return stream.decompress(packed, LARGEST_PIECE)
    except zlib.error as error:
        raise TryLater(f"The compressed answer is damaged: {error}.") from None
