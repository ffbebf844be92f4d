"""The CSV lookups in the add-on's folder: there from the first start on, and never overwritten by an upgrade.

The package ships each as ``<name>.csv.default``, a header only. Search heads apply automatic lookups whether an input
runs there or not, so the tables are put in place when splunkd asks for the scheme, which it does at every start.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ..model import Entry, Table
from ..private import open_new
from .files import sweep, writing_whole

_STUB = ".default"
_NEW = os.O_WRONLY | os.O_EXCL


def lookup_path(app_home: Path, name: str) -> Path:
    return app_home / "lookups" / name


def place_stubs(app_home: Path) -> None:
    """Every shipped table that is missing, with its header. What cannot be written is left for the next start.

    One that somebody else is just writing stays: a file is made, never replaced.
    """
    for stub in (app_home / "lookups").glob(f"*.csv{_STUB}"):
        with (
            contextlib.suppress(OSError),
            os.fdopen(open_new(stub.with_suffix(""), _NEW), "w", encoding="utf-8") as table,
        ):
            table.write(stub.read_text(encoding="utf-8"))


def lost(app_home: Path, names: Iterable[str]) -> bool:
    """Whether one of the tables that an input filled is no longer there, or only its header is."""
    return any(not _is_filled(lookup_path(app_home, name)) for name in names)


def _is_filled(table: Path) -> bool:
    stub = table.with_name(table.name + _STUB)
    try:
        size = table.stat().st_size
    except OSError:
        return False
    return not stub.exists() or size > stub.stat().st_size


def read_table(app_home: Path, name: str) -> list[dict[str, str]]:
    """The rows of a table; none where it cannot be read."""
    import csv

    try:
        with lookup_path(app_home, name).open(encoding="utf-8", newline="") as file:
            return [{str(key): str(value) for key, value in row.items()} for row in csv.DictReader(file)]
    except (OSError, ValueError, csv.Error):
        return []


def write_tables(app_home: Path, tables: Mapping[str, Table], entries: Iterable[Sequence[Entry]]) -> None:
    """Replace the tables so that a search finds the old or the new ones, whatever happens. Raises OSError.

    `entries` come some at a time, and each table makes its rows of them. Only one process may write a table at a time.
    """
    import csv  # no tick that is not due needs it

    (app_home / "lookups").mkdir(exist_ok=True)
    with contextlib.ExitStack() as stack:
        writers = []
        for name, table in tables.items():
            sweep(lookup_path(app_home, name))
            file = stack.enter_context(writing_whole(lookup_path(app_home, name)))
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(table.header)
            writers.append((writer, table.rows))
        for some in entries:
            for writer, rows in writers:
                writer.writerows(rows(some))
