"""What the address of the page of events asks for, and the addresses of what is one click away."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Optional
from urllib.parse import urlencode

from standins.splunk.event_filter import EventFilter
from standins.splunk.field_search import as_condition
from standins.splunk.search import KnowledgeError
from standins.splunk.search.modifiers import bounds
from standins.splunk.store import Place
from standins.splunk.time_ranges import TimeRange, chosen_range, for_input

METRIC, TYPE = "metric", "type"
"""``what=metric:<metric>`` and ``what=type:<sourcetype>`` or ``what=type:<sourcetype>|<kind of event>``."""
_PARAMETERS = ("what", "q", "search", "range", "from", "to")
"""All there are but the place in the list, ``before`` and ``after``."""


def search_parameters(args: Mapping[str, str], now: float) -> dict[str, str]:
    """What the address of Splunk's search page (q, earliest, latest) is here; a time it cannot read is all time."""
    with suppress(KnowledgeError):
        offset_s = time.localtime(now).tm_gmtoff
        earliest, latest = bounds(args.get("earliest", ""), args.get("latest", ""), now, offset_s)
        ends = latest is not None and latest < now - 1
        found = {"from": for_input(earliest) if earliest else "", "to": for_input(latest) if ends else ""}
        return {name: value for name, value in {"search": args.get("q", ""), **found}.items() if value}
    return {"search": args["q"]} if "q" in args else {}


@dataclass(frozen=True)
class Asked:
    """The parameters of an address."""

    args: Mapping[str, str]

    @property
    def text(self) -> str:
        return self.args.get("q", "")

    @property
    def search(self) -> str:
        return " ".join(self.args.get("search", "").split("\n")).strip()

    def range(self, now: float) -> TimeRange:
        """Raises BadTimeError."""
        preset, start, end = (self.args.get(name, "") for name in ("range", "from", "to"))
        return chosen_range(preset, start, end, now)

    def filter(self, chosen: TimeRange, stanzas_of: Mapping[str, tuple[str, ...]]) -> EventFilter:
        """`stanzas_of`: the inputs of each metric."""
        how, _, which = self.args.get("what", "").partition(":")
        sourcetype, _, kind = which.partition("|")
        return EventFilter(
            stanzas=stanzas_of.get(which, (which,)) if how == METRIC else (),
            sourcetype=sourcetype if how == TYPE else "",
            kind=kind if how == TYPE else "",
            earliest=chosen.earliest,
            latest=chosen.latest,
            texts=(self.text,) if self.text else (),
        )

    def place(self, name: str) -> Optional[Place]:
        match = re.fullmatch(r"(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?),(\d{1,18})", self.args.get(name, ""), re.ASCII)
        return (float(match[1]), int(match[2])) if match else None

    def link(self, **changes: Any) -> str:
        """The same page with other parameters (``from_`` for ``from``), and from the newest on unless told."""
        kept = {name: self.args.get(name, "") for name in _PARAMETERS}
        asked = {**kept, **{name.rstrip("_"): str(value) for name, value in changes.items()}}
        return "?" + urlencode({name: value for name, value in asked.items() if value})

    def with_condition(self, name: str, value: str) -> str:
        return self._with(as_condition(name, value))

    def without_value(self, name: str, value: str) -> str:
        return self._with(f"NOT {as_condition(name, value)}")

    def between(self, start: float, end: float) -> str:
        return self.link(range="", from_=for_input(start), to=for_input(end))

    def _with(self, condition: str) -> str:
        if f" {condition} " in f" {self.search} ":
            return self.link()
        joint = " | search " if "|" in self.search else " "
        return self.link(search=f"{self.search}{joint}{condition}".strip())
