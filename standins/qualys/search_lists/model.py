"""What the platform holds of a search list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class SearchList:
    """A list of QIDs: those in `qids`, or, of a dynamic one, those that fit its `criteria` (parameter -> text)."""

    id: int
    title: str
    owner: str
    created_at: int
    modified_at: int
    is_global: bool = False
    comments: str = ""
    criteria: Mapping[str, str] = field(default_factory=dict)
    qids: tuple[int, ...] = ()

    @property
    def is_dynamic(self) -> bool:
        return bool(self.criteria)
