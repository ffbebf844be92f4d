"""Search commands about lookups: lookup, inputlookup, outputlookup."""

from __future__ import annotations

import re
from collections.abc import Mapping

from standins.splunk.search.commands import ARGUMENT, Command, Step, options
from standins.splunk.search.errors import Place
from standins.splunk.search.lookups import Table, parse_lookup
from standins.splunk.search.tokens import Tokens
from standins.splunk.search.values import Fields

Tables = Mapping[str, Table]
_LOCAL = re.compile(r"local\s*=\s*(?:true|false|t|f|1|0)\s+", re.IGNORECASE)


def lookup_commands(tables: Tables) -> dict[str, Command]:
    """The commands over the lookups that transforms.conf defines, by name."""
    return {
        "inputlookup": lambda arguments, place: _inputlookup(arguments, place, tables),
        "lookup": lambda arguments, place: _lookup(arguments, place, tables),
        "outputlookup": lambda arguments, place: _outputlookup(arguments, place, tables),
    }


def _lookup(arguments: str, place: Place, tables: Tables) -> Step:
    """`lookup [local=bool] table column [AS field] … [OUTPUT|OUTPUTNEW column [AS field] …]`."""
    lookup = parse_lookup(_LOCAL.sub("", arguments, count=1), tables, place)

    def told(row: Fields) -> Fields:
        found = dict(row)
        lookup.apply(row, found)
        return found

    return lambda rows, _clock: [told(row) for row in rows]


def _inputlookup(arguments: str, place: Place, tables: Tables) -> Step:
    """`inputlookup [append=bool] table`: the table's rows, behind those that are there or in their place."""
    tokens = Tokens(ARGUMENT, arguments, place)
    append = options(tokens, "APPEND").get("APPEND", "false").lower() in ("true", "t", "1")
    table = _table(tokens, tables)
    content: list[Fields] = [{name: cell for name, cell in row.items() if cell} for row in table.rows]
    return lambda rows, _clock: [*(rows if append else []), *map(dict, content)]


def _outputlookup(arguments: str, place: Place, tables: Tables) -> Step:
    """`outputlookup [override_if_empty=bool] table`: nothing is written; columns the table has not are refused."""
    tokens = Tokens(ARGUMENT, arguments, place)
    options(tokens, "OVERRIDE_IF_EMPTY")
    table = _table(tokens, tables)

    def passed(rows: list[Fields]) -> list[Fields]:
        unknown = sorted({name for row in rows for name in row} - set(table.columns))
        if unknown:
            raise place.error(f"the table has no column {unknown[0]!r}")
        return rows

    return lambda rows, _clock: passed(rows)


def _table(tokens: Tokens, tables: Tables) -> Table:
    name = tokens.take("word", "string").text
    tokens.finish()
    if name not in tables:
        raise tokens.error(f"transforms.conf has no lookup {name!r}")
    return tables[name]
