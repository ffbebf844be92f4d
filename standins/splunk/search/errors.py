"""What the evaluator refuses, and where it stood: a conf says something unknown and hears so at once."""

from __future__ import annotations

from dataclasses import dataclass, replace


class KnowledgeError(Exception):
    """A knowledge object or a search uses what this evaluator does not know, or uses it wrongly."""


@dataclass(frozen=True)
class Place:
    """Where a text was read: the conf file (or "search"), its stanza (or name) and the attribute (or command)."""

    file: str
    stanza: str = ""
    attribute: str = ""

    def at(self, attribute: str) -> Place:
        return replace(self, attribute=attribute)

    def error(self, message: str) -> KnowledgeError:
        stanza = f"[{self.stanza}]" if self.stanza else ""
        return KnowledgeError(": ".join(part for part in (self.file, stanza, self.attribute, message) if part))
