"""SQLite files in the checkpoint folder: private, with a rollback journal, so that network file systems work, too.

One writer at a time; readers wait for it.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

from ..private import FILE_MODE

BUSY_S = 30.0


def open_database(path: Path, *schema: str) -> sqlite3.Connection:
    """The database with these tables; one that SQLite cannot read is replaced by an empty one.

    So only what can be fetched again may be kept in it. Raises sqlite3.OperationalError where the file or its disk
    refuses, or another process writes for too long.
    """
    try:
        return _connect(path, schema)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise
        path.unlink(missing_ok=True)
        return _connect(path, schema)


def _connect(path: Path, schema: tuple[str, ...]) -> sqlite3.Connection:
    with contextlib.suppress(OSError):  # SQLite itself would make it readable for all, and says what is wrong
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, FILE_MODE))
    database = sqlite3.connect(path, timeout=BUSY_S)
    try:
        for statement in schema:
            database.execute(statement)
        if database.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise sqlite3.DatabaseError(f"{path} is damaged")
        path.chmod(FILE_MODE)
    except (sqlite3.DatabaseError, OSError):
        database.close()
        raise
    return database


def open_for_reading(path: Path) -> sqlite3.Connection:
    """Opened for writing, too, because what a killed writer left must be undone before anything can be read.

    The caller sees to it that threads take turns. Raises sqlite3.OperationalError where there is no such database.
    """
    database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=BUSY_S, check_same_thread=False)
    database.execute("PRAGMA query_only = ON")
    return database
