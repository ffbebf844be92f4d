"""What the records of each group count as, over all pulls: posture records of a policy, findings of a web application.

A pull brings what changed; a summary tells how things stand. So the category of every record is kept, one row each, and
is counted for the groups that a pull met. Losing this file costs right counts until everything comes again.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Optional

from ..feed import Summary
from ..model import Event, Rendered
from .database import open_database

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS tally (checkpoint TEXT, grp INTEGER, record INTEGER, category TEXT,"
    " PRIMARY KEY (checkpoint, grp, record)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS met (checkpoint TEXT, grp INTEGER, PRIMARY KEY (checkpoint, grp)) WITHOUT ROWID",
)
BATCH = 1000


def tallies_path(folder: Path, name: str) -> Path:
    return folder / f"{name}.tallies"


class Tallies:
    """The tallies of one checkpoint (account and shard) of one input. One writer; the input's lock sees to that.

    `summary` makes the events. Raises sqlite3.Error where the file or its disk refuses.
    """

    def __init__(self, path: Path, checkpoint: str, summary: Summary) -> None:
        self._checkpoint = checkpoint
        self._summary = summary
        self._database = open_database(path, *_SCHEMA)
        self._rows: list[tuple[str, int, int, str]] = []
        self._met: set[int] = set()

    def add(self, written: Rendered) -> None:
        """Count a record; `commit` makes it last. A record that has no tally counts nowhere."""
        if not written.tally:
            return
        if written.tally.endswith("!"):
            self._begin_anew(int(written.tally[:-1]))
            return
        group, _, category = written.tally.partition(":")
        self._met.add(int(group))
        if category:
            self._rows.append((self._checkpoint, int(group), written.record, category))
        if len(self._rows) >= BATCH:
            self._keep()

    def _begin_anew(self, group: int) -> None:
        self._keep()
        self._database.execute("DELETE FROM tally WHERE checkpoint = ? AND grp = ?", (self._checkpoint, group))
        self._met.add(group)

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

    def told(self) -> None:
        """The summaries are safe with their receiver."""
        self._database.execute("DELETE FROM met WHERE checkpoint = ?", (self._checkpoint,))
        self._database.commit()

    def forget(self) -> None:
        """Everything comes again."""
        self._database.execute("DELETE FROM tally WHERE checkpoint = ?", (self._checkpoint,))
        self._database.commit()

    def close(self) -> None:
        self._database.close()
