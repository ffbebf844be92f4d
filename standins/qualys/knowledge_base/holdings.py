"""The entries that the platform holds now: drawn anew each time they are asked for, changed and published meanwhile."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import count, islice
from typing import Optional

from ..clock import Moment, PlatformClock, seconds
from .draw import draw_entry, generated_qid, known_qids
from .model import Change, Entry


class KnowledgeBase:
    """Entries in ascending order of their QIDs; safe to change while an answer is being written."""

    def __init__(self, entries: int, clock: PlatformClock) -> None:
        self._clock = clock
        self._first_entries = entries
        self._lock = threading.Lock()
        self.restore()

    def restore(self) -> None:
        """All is as it was drawn at first: nothing changed or published."""
        self._qids = sorted(known_qids(self._first_entries))
        self._published: dict[int, int] = {}
        self._changes: dict[int, tuple[int, ...]] = {}

    def __len__(self) -> int:
        return len(self._qids)

    @property
    def qids(self) -> tuple[int, ...]:
        """All QIDs, ascending."""
        with self._lock:
            return tuple(self._qids)

    def entries(self, qids: Optional[Iterable[int]] = None) -> Iterator[Entry]:
        """The entries of `qids` (default: all), drawn one by one."""
        return map(self.entry, self.qids if qids is None else qids)

    def entry(self, qid: int) -> Entry:
        """The entry as it stands now: each change gives it another severity and says in its title how often it was
        changed."""
        entry = draw_entry(qid)
        born = self._published.get(qid)
        if born is not None:
            entry = replace(entry, published_at=born, modified_at=born, code_modified_at=None, customization=None)
        changes = self._changes.get(qid, ())
        if not changes:
            return entry
        return replace(
            entry,
            title=f"{entry.title} (change {len(changes)})",
            severity=(entry.severity + len(changes) - 1) % 5 + 1,
            modified_at=changes[-1],
            changes=(*entry.changes, *(Change(at, "Severity changed") for at in changes)),
        )

    def modify(self, qids: Iterable[int], at: Optional[Moment] = None) -> tuple[int, ...]:
        """The service changes these entries, at platform time or `at`; KeyError for QIDs it does not know."""
        changed_at = self._clock.now() if at is None else seconds(at)
        with self._lock:
            chosen = tuple(qids)
            unknown = [qid for qid in chosen if not self._holds(qid)]
            if unknown:
                raise KeyError(f"no entries {unknown}")
            for qid in chosen:
                self._changes[qid] = (*self._changes.get(qid, ()), changed_at)
        return chosen

    def publish(self, qids: Iterable[int] = (), *, new: int = 0, at: Optional[Moment] = None) -> tuple[int, ...]:
        """Entries for `qids` and for `new` more QIDs that nobody has seen, published at platform time or `at`; all
        their QIDs. A QID that is known already stays as it is."""
        published_at = self._clock.now() if at is None else seconds(at)
        with self._lock:
            unseen = (qid for qid in map(generated_qid, count()) if not self._holds(qid))
            chosen = (*(qid for qid in dict.fromkeys(qids) if not self._holds(qid)), *islice(unseen, new))
            self._published.update(dict.fromkeys(chosen, published_at))
            self._qids = sorted((*self._qids, *chosen))
        return chosen

    def _holds(self, qid: int) -> bool:
        place = bisect_left(self._qids, qid)
        return place < len(self._qids) and self._qids[place] == qid
