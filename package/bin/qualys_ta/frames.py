"""What records became, as bytes on their way from a page's spool to their receiver. Plain data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Optional, Protocol


class Frame(NamedTuple):
    """One record's events as their receiver reads them: the bytes of all, and how many of these each event takes.
    `moment` and `tally` as in `model.Converted`."""

    record: int
    moment: str
    sizes: Sequence[int]
    data: bytes
    tally: str = ""

    def events(self) -> list[bytes]:
        return _cut(self.data, self.sizes)


class Batch(NamedTuple):
    """The frames of many records as columns, because what is done with all of them at once costs little: `counts` says
    how many of the `sizes` are each record's."""

    records: Sequence[int]
    moments: Sequence[str]
    tallies: Sequence[str]
    counts: Sequence[int]
    sizes: Sequence[int]
    data: bytes

    @classmethod
    def of(cls, frames: Sequence[Frame]) -> Batch:
        return cls(
            [frame.record for frame in frames],
            [frame.moment for frame in frames],
            [frame.tally for frame in frames],
            [len(frame.sizes) for frame in frames],
            [size for frame in frames for size in frame.sizes],
            b"".join([frame.data for frame in frames]),
        )

    def events(self) -> list[bytes]:
        """Those of all records."""
        return _cut(self.data, self.sizes)

    def frames(self, first: int = 0) -> list[Frame]:
        """Those from the record `first` on."""
        found, size = [], sum(self.counts[:first])
        byte = sum(self.sizes[:size])
        for place in range(first, len(self.records)):
            sizes = self.sizes[size : size + self.counts[place]]
            data = self.data[byte : byte + sum(sizes)]
            found.append(Frame(self.records[place], self.moments[place], sizes, data, self.tallies[place]))
            size, byte = size + len(sizes), byte + len(data)
        return found


def _cut(data: bytes, sizes: Iterable[int]) -> list[bytes]:
    found, start = [], 0
    for size in sizes:
        found.append(data[start : start + size])
        start += size
    return found


class Seen(Protocol):
    """Which events of which record went out while the pull window overlapped the next one."""

    def all_new(self, batch: Batch) -> bool:
        """Nothing of the batch went out before or has to be kept. False: ask for each frame."""

    def unseen(self, frame: Frame) -> Optional[list[bytes]]:
        """Those of a record's events that did not go out before; None: all of them."""

    def commit(self) -> None: ...
