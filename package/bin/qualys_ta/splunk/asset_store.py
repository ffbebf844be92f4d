"""Tags and asset groups as the last pulls of all inputs brought them, and which events of them went out.

One SQLite file for all inputs. Each input keeps what it pulled: in parts, as pages come, and what a whole pull did not
bring any more goes at its end. Losing the file costs a pull, and events that go out again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from ..model import Entry, Event
from ..populator.asset_lists import AssetList, list_and_number, row
from .database import open_database

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS item (input TEXT, list TEXT, id INTEGER, account TEXT NOT NULL, cells TEXT NOT NULL,"
    " digest BLOB, pull INTEGER NOT NULL, PRIMARY KEY (input, list, id)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS pull (input TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID",
)
_PUT = (
    "INSERT INTO item (input, list, id, account, cells, pull) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (input, list, id) "
    "DO UPDATE SET account = excluded.account, cells = excluded.cells, pull = excluded.pull"
)


def lists_path(folder: Path) -> Path:
    return folder / "asset_lists.db"


class AssetStore:
    """What one input pulls from one account; `rows` are those of all inputs.

    Raises sqlite3.Error where the file or its disk refuses.
    """

    def __init__(self, path: Path, name: str = "", account: str = "") -> None:
        self._name = name
        self._account = account
        self._database = open_database(path, *_SCHEMA)
        found = self._database.execute("SELECT number FROM pull WHERE input = ?", (name,)).fetchone()
        self._pull = int(found[0]) if found else 0

    def begin(self) -> None:
        """A pull starts anew; it lasts with its first page, until the next one begins, however often it is resumed."""
        self._pull += 1
        self._database.execute("INSERT OR REPLACE INTO pull VALUES (?, ?)", (self._name, self._pull))

    def put(self, entries: Sequence[Entry]) -> int:
        """Insert or update; returns how many are new or changed. The caller commits."""
        changed = 0
        for found in entries:
            key, cells = (self._name, *list_and_number(found[0])), json.dumps(row(found))
            changed += self._cells(key) != cells
            self._database.execute(_PUT, (*key, self._account, cells, self._pull))
        return changed

    def _cells(self, key: tuple[str, str, int]) -> str:
        query = "SELECT cells FROM item WHERE input = ? AND list = ? AND id = ?"
        found = self._database.execute(query, key).fetchone()
        return str(found[0]) if found else ""

    def unsent(self, name: str, keys: Sequence[str], events: Sequence[Event]) -> list[Event]:
        """Those of the events that did not go out before as they are now; noted as sent.

        The caller flushes the events before it commits.
        """
        fresh = []
        for key, event in zip(keys, events):
            digest = hashlib.blake2b(f"{self._account}\n{event.text}".encode(), digest_size=8).digest()
            told = self._database.execute(
                "UPDATE item SET digest = ? WHERE input = ? AND list = ? AND id = ? AND digest IS NOT ?",
                (digest, name, *list_and_number(key), digest),
            )
            if told.rowcount:
                fresh.append(event)
        return fresh

    def forget_sent(self) -> None:
        """All events of this input go out again."""
        self._database.execute("UPDATE item SET digest = NULL WHERE input = ?", (self._name,))
        self._database.commit()

    def commit(self) -> None:
        self._database.commit()

    def complete(self, inputs: Collection[str]) -> None:
        """A pull is over: what it did not bring is gone, and so is what inputs brought that are not there any more."""
        self._database.execute("DELETE FROM item WHERE input = ? AND pull <> ?", (self._name, self._pull))
        marks = ", ".join("?" * len(inputs))
        self._database.execute(f"DELETE FROM item WHERE input NOT IN ({marks})", tuple(inputs))  # noqa: S608
        self._database.commit()

    @contextlib.contextmanager
    def rows(self, which: AssetList) -> Iterator[list[Entry]]:
        """The rows of a lookup, by account and number; no other writer meanwhile."""
        self._database.execute("BEGIN IMMEDIATE")
        try:
            query = "SELECT DISTINCT account, id, cells FROM item WHERE list = ? ORDER BY account, id"
            found = self._database.execute(query, (which.name,)).fetchall()
            yield [(account, *json.loads(cells)) for account, _, cells in found]
        finally:
            self._database.rollback()

    def close(self) -> None:
        self._database.close()
