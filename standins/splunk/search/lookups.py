"""CSV lookups: the table, and the lookup that adds its columns to events."""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from standins.splunk.search.attributes import is_on
from standins.splunk.search.errors import Place
from standins.splunk.search.values import Fields, Value, one_or_many, values_of

DEFAULT_MAX_MATCHES = 100
Columns = tuple[tuple[str, str], ...]
"""(column of the table, field of the event), in the order of the conf."""

_PAIR = re.compile(r"(\w+)(?:\s+AS\s+(\w+))?", re.IGNORECASE)


@dataclass(frozen=True)
class Table:
    """A CSV file as its transforms.conf stanza sees it."""

    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]
    max_matches: int
    min_matches: int
    default_match: str
    case_sensitive: bool

    def key(self, values: tuple[str, ...]) -> tuple[str, ...]:
        return values if self.case_sensitive else tuple(value.lower() for value in values)

    def by(self, columns: tuple[str, ...]) -> dict[tuple[str, ...], list[Mapping[str, str]]]:
        """The rows by their values in these columns, at most `max_matches` each, in file order."""
        found: dict[tuple[str, ...], list[Mapping[str, str]]] = {}
        for row in self.rows:
            rows = found.setdefault(self.key(tuple(row[column] for column in columns)), [])
            if len(rows) < self.max_matches:
                rows.append(row)
        return found


def read_table(attributes: Mapping[str, str], folder: Path, place: Place) -> Table:
    """Raises KnowledgeError when the stanza names no CSV file that exists in the app's lookups folder."""
    path = folder / attributes.get("filename", "")
    if not path.is_file():
        raise place.at("filename").error(f"{attributes.get('filename', '')!r} is not in the lookups folder")
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        columns, rows = tuple(reader.fieldnames or ()), tuple(reader)
    if not columns:
        raise place.at("filename").error(f"{path.name} is empty: it has no header")
    return Table(
        columns,
        rows,
        max_matches=int(attributes.get("max_matches", DEFAULT_MAX_MATCHES)),
        min_matches=int(attributes.get("min_matches", 0)),
        default_match=attributes.get("default_match", ""),
        case_sensitive=is_on(attributes, "case_sensitive_match", default=True),
    )


class Lookup:
    """`table column [AS field] … OUTPUT|OUTPUTNEW column [AS field] …`, automatic or a command (see props.conf.spec).

    It matches on fields from before all lookups, is skipped where a match field is absent, and OUTPUT without a match
    clears its output fields while OUTPUTNEW leaves alone whatever is there.
    """

    def __init__(self, table: Table, inputs: Columns, outputs: Columns, *, only_new: bool) -> None:
        self.inputs = inputs
        self.outputs = outputs
        self._table = table
        self._only_new = only_new
        self._rows = table.by(tuple(column for column, _ in inputs))

    def apply(self, before: Mapping[str, Value], fields: Fields) -> None:
        """Writes the outputs into `fields`; `before` is the event as it was before the first lookup."""
        given = [values_of(before, field) for _, field in self.inputs]
        if not all(given):
            return
        rows = [row for key in itertools.product(*given) for row in self._rows.get(self._table.key(key), [])]
        for column, field in self.outputs:
            if self._only_new and field in fields:
                continue
            fields.pop(field, None)
            values = [row[column] for row in rows if row[column]]
            if self._table.default_match:
                values += [self._table.default_match] * (self._table.min_matches - len(rows))
            if (value := one_or_many(values)) is not None:
                fields[field] = value


def parse_lookup(value: str, tables: Mapping[str, Table], place: Place) -> Lookup:
    """Raises KnowledgeError for an unknown table or a column it does not have."""
    name, _, rest = value.strip().partition(" ")
    table = tables.get(name)
    if table is None:
        raise place.error(f"transforms.conf has no lookup {name!r}")
    before, keyword, after = _halves(rest)
    inputs = _columns(before, place)
    matched = {column for column, _ in inputs}
    outputs = _columns(after, place) if keyword else tuple((c, c) for c in table.columns if c not in matched)
    unknown = [column for column, _ in inputs + outputs if column not in table.columns]
    if unknown or not inputs:
        raise place.error(f"the table {name!r} has no column {unknown[0]!r}" if unknown else "names no field to match")
    return Lookup(table, inputs, outputs, only_new=keyword.upper() == "OUTPUTNEW")


def _halves(text: str) -> tuple[str, str, str]:
    parts = re.split(r"\b(OUTPUT(?:NEW)?)\b", text, maxsplit=1, flags=re.IGNORECASE)
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 else (text, "", "")


def _columns(text: str, place: Place) -> Columns:
    if _PAIR.sub("", text).strip(", \n"):
        raise place.error(f"cannot read {text.strip()!r}")
    return tuple((column, field or column) for column, field in _PAIR.findall(text))
