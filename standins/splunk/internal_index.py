"""What Splunk has in _internal of an add-on: its own log, one event a line, as its props.conf says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from standins.splunk.search import Knowledge, event_time
from standins.splunk.store import EventRow

INDEX = "_internal"


def internal_events(logs: Path, knowledge: Knowledge, host: str) -> list[EventRow]:
    """All lines of the logs that the app's props give a sourcetype, oldest file first; rows as the store has them.

    The time is the line's; one that has none takes that of the line before it. What is in _internal was indexed the
    moment it was written.
    """
    known = [(path, knowledge.sourcetype_of(str(path))) for path in logs.iterdir()]
    rows: list[EventRow] = []
    for path, sourcetype in sorted(known, key=lambda pair: _modified(pair[0])):
        if sourcetype:
            rows += _events(path, knowledge, {"host": host, "source": str(path), "sourcetype": sourcetype})
    return rows


def _events(path: Path, knowledge: Knowledge, origin: dict[str, str]) -> Iterator[EventRow]:
    props = knowledge.props_of(origin)
    moment = _modified(path)
    for line in _lines(path):
        if line.strip():
            moment = event_time(props, line) or moment
            yield {"time": moment, "index": INDEX, **origin, "stanza": "", "raw": line, "indexed_at": moment}


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8", "replace").split("\n")
    except FileNotFoundError:  # It was rotated a moment ago: its lines have another name now.
        return []


def _modified(path: Path) -> float:
    return path.stat().st_mtime if path.exists() else 0.0
