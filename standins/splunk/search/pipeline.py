"""Searches: a condition, then commands joined by pipes. Only the commands of the shipped searches are known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from standins.splunk.search.aggregates import AGGREGATING
from standins.splunk.search.commands import ROWWISE, Clock, Step
from standins.splunk.search.conditions import Condition, parse_condition
from standins.splunk.search.errors import Place
from standins.splunk.search.macros import Macro, expand
from standins.splunk.search.values import Fields, number, values_of

COMMANDS = {**ROWWISE, **AGGREGATING}
SEARCHED_BY_DEFAULT = "main"
"""The only index a user searches who names none."""

_BETWEEN_PIPES = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^|"])+', re.DOTALL)


@dataclass(frozen=True)
class Search:
    """A parsed search: which events it starts from, and what each command does to the rows."""

    base: Condition
    steps: tuple[Step, ...]

    def run(self, events: Iterable[Fields], now: float, utc_offset_s: int = 0) -> list[Fields]:
        """Events come newest first, as Splunk returns them."""
        named = "index" in self.base.names
        rows = [e for e in events if (named or e["index"] == SEARCHED_BY_DEFAULT) and self.base.holds(e)]
        rows.sort(key=_time, reverse=True)
        for step in self.steps:
            rows = step(rows, Clock(now, utc_offset_s))
        return rows


def parse_search(spl: str, macros: Mapping[str, Macro], place: Place) -> Search:
    """Raises KnowledgeError, naming the place, for an unknown macro, command, function or option."""
    base, *commands = _split(expand(spl, macros, place), place)
    condition = parse_condition(re.sub(r"^search\s", "", base), place)
    return Search(condition, tuple(_step(command, place) for command in commands))


def _split(spl: str, place: Place) -> list[str]:
    """The text between the pipes that stand outside quotes."""
    parts = _BETWEEN_PIPES.findall(spl)
    commands = [part.strip() for part in parts]
    if "|".join(parts) != spl or not all(commands):
        raise place.error(f"a command is empty or a quote is never closed in {spl!r}")
    return commands


def _step(command: str, place: Place) -> Step:
    name, *arguments = command.split(None, 1)
    if name not in COMMANDS:
        raise place.error(f"unknown search command {name!r}")
    return COMMANDS[name]("".join(arguments), place)


def _time(event: Fields) -> float:
    return number(values_of(event, "_time")[0]) or 0.0
