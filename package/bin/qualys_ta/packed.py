"""Plain data that waits on disk for this run: our own, of this moment, and read by the Python that wrote it or by its
parent. JSON would take five times as long."""

from __future__ import annotations

import marshal
from collections.abc import Iterator
from typing import Any, BinaryIO

_LENGTH = 8
_VERSION = 2
"""The last that does not look for what occurs twice, which costs more than it saves."""


def packed(value: Any) -> bytes:
    """Of texts, bytes, numbers, None, and lists and tuples of these."""
    data = marshal.dumps(value, _VERSION)
    return len(data).to_bytes(_LENGTH, "little") + data


def unpacked(file: BinaryIO) -> Iterator[Any]:
    """The values that were written one after the other."""
    for head in iter(lambda: file.read(_LENGTH), b""):
        yield marshal.loads(file.read(int.from_bytes(head, "little")))  # noqa: S302 - our own
