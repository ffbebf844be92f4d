"""Which hosts the events of this server are about, and which of them the platform no longer holds.

One SQLite file for all inputs, kept by account: parts of the hosts (shards) may be cut anew. Losing it costs the notice
of hosts that go before they are seen again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Callable, Optional

from ..model import Entry
from .database import open_database

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS known (account TEXT, host_id INTEGER, PRIMARY KEY (account, host_id)) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS known_anywhere ON known (host_id)",
    "CREATE TABLE IF NOT EXISTS gone (account TEXT, host_id INTEGER, gone_at TEXT, PRIMARY KEY (account, host_id))"
    " WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS compared (account TEXT, part TEXT, at REAL, PRIMARY KEY (account, part)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS platform (account TEXT PRIMARY KEY, server TEXT) WITHOUT ROWID",
)


def hosts_path(folder: Path) -> Path:
    return folder / "known_hosts.db"


class KnownHosts:
    """The known hosts of one account, for the input that pulls this `part` of them.

    `some_are_back`: hosts that were gone were pulled again. Raises sqlite3.Error where the file or its disk refuses.
    """

    def __init__(self, path: Path, account: str, part: str = "1/1") -> None:
        self._account = account
        self._part = part
        self._database = open_database(path, *_SCHEMA)
        self._fresh: list[tuple[str, int]] = []
        self.some_are_back = False

    def live_on(self, server: str) -> int:
        """The account's hosts live on this platform. Forgets those of another, and returns how many those were."""
        query = "SELECT server FROM platform WHERE account = ?"
        before = self._database.execute(query, (self._account,)).fetchone()
        moved = before is not None and before[0] != server
        forgotten = 0
        if moved:
            forgotten = self._database.execute("DELETE FROM known WHERE account = ?", (self._account,)).rowcount
        self._database.execute("INSERT OR REPLACE INTO platform VALUES (?, ?)", (self._account, server))
        self._database.commit()
        return forgotten

    def is_new(self) -> bool:
        """Whether nothing was ever kept here, or all of it was lost."""
        queries = (f"SELECT 1 FROM {table} LIMIT 1" for table in ("known", "gone", "compared"))  # noqa: S608
        return all(self._database.execute(query).fetchone() is None for query in queries)

    def take_over(self, gone: Iterable[tuple[int, str]]) -> None:
        """Hosts that were told to be gone, and when, by what is left of a store that was lost."""
        rows = [(self._account, host_id, gone_at) for host_id, gone_at in gone]
        self._database.executemany("INSERT OR IGNORE INTO gone VALUES (?, ?, ?)", rows)
        self._database.commit()

    def adopt(self, accounts: Collection[str]) -> None:
        """Hosts of accounts that are there no longer count as this one's: somebody else has to miss them."""
        marks = ", ".join("?" * len(accounts))
        for table in ("known", "gone"):
            there = f"{table} WHERE account NOT IN ({marks})"
            columns = "host_id" if table == "known" else "host_id, gone_at"
            adopted = f"INSERT OR IGNORE INTO {table} SELECT ?, {columns} FROM {there}"  # noqa: S608 - our own names
            self._database.execute(adopted, (self._account, *accounts))
            self._database.execute(f"DELETE FROM {there}", tuple(accounts))  # noqa: S608
        self._database.commit()

    def add(self, records: Sequence[int]) -> None:
        """Remember hosts that events were written about; `commit` makes it last."""
        self._fresh.extend([(self._account, record) for record in records])

    def commit(self) -> None:
        """Short, because all inputs of this server share the file."""
        self._database.executemany("INSERT OR IGNORE INTO known VALUES (?, ?)", self._fresh)
        back = self._database.executemany("DELETE FROM gone WHERE account = ? AND host_id = ?", self._fresh)
        self.some_are_back |= back.rowcount > 0
        self._database.commit()
        self._fresh.clear()

    def compared_at(self) -> Optional[float]:
        """Epoch seconds of the last comparison with the platform's list, None before the first."""
        query = "SELECT at FROM compared WHERE account = ? AND part = ?"
        found = self._database.execute(query, (self._account, self._part)).fetchone()
        return float(found[0]) if found else None

    def missing(self, is_there: Callable[[int], bool]) -> list[int]:
        """The known hosts that are not there, ascending."""
        return [host_id for host_id in self._ids("known") if not is_there(host_id)]

    def settle(self, missing: Iterable[int], is_listed: Callable[[int], bool], gone_at: str) -> None:
        """After the missing hosts were told: they are gone, and those that are listed again are not."""
        back = [host_id for host_id in self._ids("gone") if is_listed(host_id)]
        self._known_again(back)
        self._gone(missing, gone_at)
        self._database.commit()

    def compared(self, now: float) -> None:
        """All that follows from a comparison is done."""
        self._database.execute("INSERT OR REPLACE INTO compared VALUES (?, ?, ?)", (self._account, self._part, now))
        self._database.commit()

    @contextlib.contextmanager
    def rows_of_gone(self) -> Iterator[list[Entry]]:
        """The hosts that are gone and that no account knows, with when they were missed; no other writer meanwhile."""
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield self._database.execute(
                "SELECT CAST(host_id AS TEXT), max(gone_at) FROM gone "
                "WHERE host_id NOT IN (SELECT host_id FROM known) GROUP BY host_id ORDER BY host_id"
            ).fetchall()
        finally:
            self._database.rollback()

    def close(self) -> None:
        self._database.close()

    def _known_again(self, host_ids: Iterable[int]) -> None:
        rows = [(self._account, host_id) for host_id in host_ids]
        self._database.executemany("DELETE FROM gone WHERE account = ? AND host_id = ?", rows)
        self._database.executemany("INSERT OR IGNORE INTO known VALUES (?, ?)", rows)

    def _gone(self, host_ids: Iterable[int], gone_at: str) -> None:
        rows = [(self._account, host_id) for host_id in host_ids]
        self._database.executemany("DELETE FROM known WHERE account = ? AND host_id = ?", rows)
        self._database.executemany("INSERT OR REPLACE INTO gone VALUES (?, ?, ?)", [(*row, gone_at) for row in rows])

    def _ids(self, table: str) -> Iterator[int]:
        query = f"SELECT host_id FROM {table} WHERE account = ? ORDER BY host_id"  # noqa: S608 - our own names
        for (host_id,) in self._database.execute(query, (self._account,)):
            yield int(host_id)
