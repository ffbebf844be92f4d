"""What the records of each group count as, over all pulls: posture records of a policy, findings of a web application.

A pull brings what changed; a summary tells how things stand. So the category of every record is kept, one row each, and
is counted for the groups that a pull met. Losing this file costs right counts until everything comes again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Optional

from ..feed import Summary
from ..model import Event
from .database import open_database

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS tally (checkpoint TEXT, grp INTEGER, record INTEGER, category TEXT,"
    " PRIMARY KEY (checkpoint, grp, record)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS met (checkpoint TEXT, grp INTEGER, PRIMARY KEY (checkpoint, grp)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS whole (checkpoint TEXT, grp INTEGER, made_of TEXT, PRIMARY KEY (checkpoint, grp))"
    " WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS begun (checkpoint TEXT, grp INTEGER, made_of TEXT, told INTEGER,"
    " PRIMARY KEY (checkpoint, grp)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS made (checkpoint TEXT PRIMARY KEY, made_of TEXT) WITHOUT ROWID",
)
BATCH = 1000


def tallies_path(folder: Path, name: str) -> Path:
    return folder / f"{name}.tallies"


class Tallies:
    """The tallies of one checkpoint (account and shard) of one input. One writer; the input's lock sees to that.

    `summary` makes the events. `whole` says of which groups all records were counted, and what they were made of then,
    as it was when the window was opened: all runs that a window takes must see the same.
    Raises sqlite3.Error where the file or its disk refuses.
    """

    def __init__(self, path: Path, checkpoint: str, summary: Summary) -> None:
        self._checkpoint = checkpoint
        self._summary = summary
        self._database = open_database(path, *_SCHEMA)
        self._database.execute("PRAGMA cache_size = -500")  # in KB: rows come in the order in which they are kept
        self._rows: list[tuple[str, int, int, str]] = []
        self._met: set[int] = set()
        self.whole: dict[int, str] = {}
        self._read_whole()

    def _read_whole(self) -> None:
        query = "SELECT grp, made_of FROM whole WHERE checkpoint = ?"
        self.whole.update(self._database.execute(query, (self._checkpoint,)).fetchall())

    def made_of(self) -> Optional[str]:
        """What was counted when summaries were last told; None: never."""
        query = "SELECT made_of FROM made WHERE checkpoint = ?"
        found = self._database.execute(query, (self._checkpoint,)).fetchone()
        return found[0] if found else None

    def begin(self, groups: Mapping[int, str]) -> None:
        """All records of these groups come from now on: what was counted of them counts no more."""
        self._keep()
        for group, made_of in groups.items():
            for table in ("tally", "whole"):
                query = f"DELETE FROM {table} WHERE checkpoint = ? AND grp = ?"  # noqa: S608
                self._database.execute(query, (self._checkpoint, group))
            row = (self._checkpoint, group, made_of)
            self._database.execute("INSERT OR REPLACE INTO begun VALUES (?, ?, ?, 0)", row)

    def open_window(self) -> None:
        """A new one. What the one before began is whole, unless it was given up."""
        ours = (self._checkpoint,)
        query = "INSERT OR REPLACE INTO whole SELECT checkpoint, grp, made_of FROM begun WHERE checkpoint = ? AND told"
        self._database.execute(query, ours)
        self._database.execute("DELETE FROM begun WHERE checkpoint = ?", ours)
        self._database.commit()
        self._read_whole()

    def add(self, records: Sequence[int], tallies: Sequence[str]) -> None:
        """Count records; `commit` makes it last. A record that has no tally counts nowhere."""
        for record, tally in zip(records, tallies):
            if tally:
                group, _, category = tally.partition(":")
                self._met.add(int(group))
                if category:
                    self._rows.append((self._checkpoint, int(group), record, category))
        if len(self._rows) >= BATCH:
            self._keep()

    def _keep(self) -> None:
        self._database.executemany("INSERT OR REPLACE INTO tally VALUES (?, ?, ?, ?)", self._rows)
        self._rows.clear()

    def commit(self) -> None:
        self._keep()
        met = [(self._checkpoint, group) for group in self._met]
        self._database.executemany("INSERT OR IGNORE INTO met VALUES (?, ?)", met)
        self._database.commit()
        self._met.clear()

    def summaries(self) -> Iterator[Event]:
        """The summary of each group that was met since the last ones were told, ascending."""
        query = "SELECT grp FROM met WHERE checkpoint = ? ORDER BY grp"
        for (group,) in self._database.execute(query, (self._checkpoint,)).fetchall():
            event = self._summary(group, self.counts(group))
            if event is not None:
                yield event

    def counts(self, group: int) -> dict[str, int]:
        """How many records of the group are of which category."""
        query = "SELECT category, count(*) FROM tally WHERE checkpoint = ? AND grp = ? GROUP BY category"
        return dict(self._database.execute(query, (self._checkpoint, group)).fetchall())

    def first_with(self, category: str) -> Optional[int]:
        """The lowest group that holds a record of this category; None where no group does."""
        query = "SELECT min(grp) FROM tally WHERE checkpoint = ? AND category = ?"
        (group,) = self._database.execute(query, (self._checkpoint, category)).fetchone()
        return None if group is None else int(group)

    def told(self, made_of: str) -> None:
        """The summaries are safe with their receiver; this is what was counted."""
        ours = (self._checkpoint,)
        self._database.execute("UPDATE begun SET told = 1 WHERE checkpoint = ?", ours)
        self._database.execute("DELETE FROM met WHERE checkpoint = ?", ours)
        self._database.execute("INSERT OR REPLACE INTO made VALUES (?, ?)", (self._checkpoint, made_of))
        self._database.commit()

    def forget(self) -> None:
        """Everything comes again."""
        for table in ("tally", "whole", "begun"):
            self._database.execute(f"DELETE FROM {table} WHERE checkpoint = ?", (self._checkpoint,))  # noqa: S608
        self.whole.clear()
        self._database.commit()

    def close(self) -> None:
        self._database.close()
