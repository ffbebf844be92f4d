"""Which events are chosen by what the index itself knows of them: where they came from, their time and their text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional

Clause = tuple[str, list[Any]]
"""An SQL condition and its parameters."""


@dataclass(frozen=True)
class EventFilter:
    """Every part that is given must hold."""

    stanzas: tuple[str, ...] = ()
    """One of these inputs wrote it."""
    sourcetype: str = ""
    kind: str = ""
    """The word in capitals it begins with."""
    earliest: Optional[float] = None
    """From this moment on."""
    latest: Optional[float] = None
    """Before this moment."""
    texts: tuple[str, ...] = ()
    """All of these are somewhere in the raw event, in any letter case."""
    exact: tuple[tuple[str, str], ...] = ()
    """(host, index, source or sourcetype; its value), in any letter case."""

    def where(self, more: Clause = ("", [])) -> Clause:
        """``WHERE …`` and its parameters, `more` included; "" where nothing is asked for."""
        known = [clause for clause in (*self._clauses(), more) if clause[0]]
        condition = " AND ".join(sql for sql, _ in known)
        return f"WHERE {condition}" if known else "", [value for _, values in known for value in values]

    def _clauses(self) -> list[Clause]:
        single: dict[str, Any] = {
            "sourcetype = ?": self.sourcetype or None,
            "kind = ?": self.kind or None,
            "time >= ?": self.earliest,
            "time < ?": self.latest,
        }
        places = ", ".join("?" for _ in self.stanzas)
        return [
            (f"stanza IN ({places})" if places else "", list(self.stanzas)),
            *((sql, [value]) for sql, value in single.items() if value is not None),
            *(("instr(lower(raw), lower(?)) > 0", [text]) for text in self.texts),
            *((f'"{name}" = ? COLLATE NOCASE', [value]) for name, value in self.exact),
        ]


ALL = EventFilter()
