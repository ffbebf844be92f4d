"""The knowledge base of one account, in SQLite: a row per QID, which survives whatever interrupts a pull.

Every row stands for itself, so a pull may be committed in parts: a kill leaves old rows and new ones, never half a row.
`made_of` says whether a whole pull ever ended. Losing the file costs a pull of everything.
"""

from __future__ import annotations

import hashlib
import sqlite3
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Optional

from ..errors import ConfigError
from ..model import Entry, Event, Log
from .database import open_database, open_for_reading

FETCHED_AT_ONCE = 100
_SOURCE = "source"
_IDENTITY = "identity"
_MADE_OF = "made_of"
_PUBLISHED = "published"
_CHANGED = "changed"

_FACTS = "CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID"
_SENT = """CREATE TABLE IF NOT EXISTS sent (
    input TEXT, qid INTEGER, digest BLOB NOT NULL, PRIMARY KEY (input, qid)
) WITHOUT ROWID"""


def store_path(folder: Path, account: str) -> Path:
    return folder / f"knowledge_base.{account}.db"


class KnowledgeStore:
    """One account's knowledge base, for its one writer: the input that pulls it. `columns` name the texts of an entry.

    QID is the first of them. `source` says whose knowledge base it is: one that another platform or user filled is
    emptied. `identity` changes when the rows were lost, so that a pull does not go on behind rows that are not there.
    Raises sqlite3.Error where the file or its disk refuses.
    """

    def __init__(self, path: Path, columns: Sequence[str], source: str = "") -> None:
        texts = ", ".join(f"{name} TEXT NOT NULL" for name in columns[1:])
        entries = f"CREATE TABLE IF NOT EXISTS entry (QID INTEGER PRIMARY KEY, {texts})"
        self._database = open_database(path, entries, _FACTS, _SENT)
        known = [row[1] for row in self._database.execute("PRAGMA table_info(entry)")]
        if known != list(columns) or (source and self._fact(_SOURCE) not in ("", source)):  # fetched again
            self._database.executescript("DROP TABLE entry; DELETE FROM fact; DELETE FROM sent;")
            self._database.execute(entries)
        self.identity = self._fact(_IDENTITY) or uuid.uuid4().hex
        self._put_fact(_IDENTITY, self.identity)
        self._put_fact(_SOURCE, source or self._fact(_SOURCE))
        self._database.commit()
        self._put = _upsert(columns)

    def put(self, entries: Sequence[Entry]) -> int:
        """Insert or update; returns how many rows that changed. The caller commits."""
        before = self._database.total_changes
        self._database.executemany(self._put, entries)
        changed = self._database.total_changes - before
        if changed:
            self._put_fact(_CHANGED, "1")
        return changed

    def unsent(self, name: str, qids: Sequence[str], events: Sequence[Event]) -> list[Event]:
        """Those of the events that the input `name` did not send before as they are now; noted as sent.

        The caller flushes the events before it commits.
        """
        fresh = []
        for qid, event in zip(qids, events):
            digest = hashlib.blake2b(event.text.encode(), digest_size=8).digest()
            key = (name, int(qid))
            found = self._database.execute("SELECT digest FROM sent WHERE input = ? AND qid = ?", key).fetchone()
            if found is None or found[0] != digest:
                self._database.execute("INSERT OR REPLACE INTO sent VALUES (?, ?, ?)", (*key, digest))
                fresh.append(event)
        return fresh

    def forget_sent(self, name: str) -> None:
        self._database.execute("DELETE FROM sent WHERE input = ?", (name,))
        self._database.commit()

    def commit(self) -> None:
        self._database.commit()

    def close(self) -> None:
        self._database.close()

    def made_of(self) -> str:
        """What the last pull that left the store whole was made of; "" before the first."""
        return self._fact(_MADE_OF)

    def complete(self, made_of: str) -> None:
        self._note(_MADE_OF, made_of)

    def published_as(self) -> str:
        """What was made of it the last time; "" before the first."""
        return self._fact(_PUBLISHED)

    def is_published(self, what: str) -> bool:
        """Whether nothing changed since `what` was made of it."""
        return self._fact(_PUBLISHED) == what and not self._fact(_CHANGED)

    def published(self, what: str) -> None:
        self._put_fact(_CHANGED, "")
        self._note(_PUBLISHED, what)

    def entries(self, columns: Sequence[str]) -> Iterator[list[Entry]]:
        """These columns of all entries, by QID, some at a time."""
        chosen = ", ".join("CAST(QID AS TEXT)" if name == "QID" else name for name in columns)
        cursor = self._database.execute(f"SELECT {chosen} FROM entry ORDER BY QID")  # noqa: S608 - our column names
        while rows := cursor.fetchmany(FETCHED_AT_ONCE):
            yield rows

    def _fact(self, name: str) -> str:
        found = self._database.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        return str(found[0]) if found else ""

    def _note(self, name: str, value: str) -> None:
        self._put_fact(name, value)
        self._database.commit()

    def _put_fact(self, name: str, value: str) -> None:
        self._database.execute("INSERT OR REPLACE INTO fact VALUES (?, ?)", (name, value))


def _upsert(columns: Sequence[str]) -> str:
    """Touches a row only where something changed, so that the number of changes tells whether anything did."""
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    new = ", ".join(f"excluded.{name}" for name in columns[1:])
    old = ", ".join(f"entry.{name}" for name in columns[1:])
    return (  # of our own column names
        f"INSERT INTO entry ({names}) VALUES ({marks}) ON CONFLICT (QID) DO UPDATE "  # noqa: S608
        f"SET ({', '.join(columns[1:])}) = ({new}) WHERE ({old}) IS NOT ({new})"
    )


class KnowledgeReader:
    """Reads one account's knowledge base beside its writer.

    Raises ConfigError where it cannot, with the reason. Once it finds the store unreadable, it knows nothing more.
    """

    def __init__(self, path: Path, log: Log) -> None:
        self._log = log
        self._database: Optional[sqlite3.Connection] = None
        try:
            if path.exists():
                self._database = open_for_reading(path)
                self._database.row_factory = sqlite3.Row
            empty = self._database is None or self._database.execute("SELECT 1 FROM entry").fetchone() is None
        except sqlite3.DatabaseError as error:
            self.close()
            raise ConfigError(f"The knowledge base {path.name} cannot be read now ({error}).") from None
        if empty:
            self.close()
            raise ConfigError("There is no knowledge base of this account on this server yet.")

    def entry(self, qid: str) -> Optional[Mapping[str, str]]:
        """The entry by column, None for a QID that is not known."""
        if self._database is None:
            return None
        try:
            query = "SELECT * FROM entry WHERE QID = ?"
            found: Optional[sqlite3.Row] = self._database.execute(query, (qid,)).fetchone()
        except sqlite3.DatabaseError as error:
            self._log.warning(
                f"The knowledge base cannot be read any more ({error}): what follows is not enriched. If it is "
                "damaged, the next run of the input that pulls it makes it anew; Run now does not wait for that."
            )
            self.close()
            return None
        return None if found is None else dict(found)

    def close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None
