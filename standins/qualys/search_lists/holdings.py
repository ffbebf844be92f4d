"""The search lists that the platform holds now."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Optional

from ..catalog import VULNERABILITIES
from ..clock import DAY_S, PlatformClock
from ..exchange import Refusal
from ..knowledge_base import KnowledgeBase
from .criteria import CRITERIA, OPTIONS, fits
from .model import SearchList

FIRST_ID = 381_200
LONGEST_TITLE = 256
OWNER = "acme_ab1"
_MEANING = {**CRITERIA, **OPTIONS}


class SearchLists:
    """Static and dynamic lists in ascending order of their ids; safe to change while answers are being written."""

    def __init__(self, knowledge: KnowledgeBase, clock: PlatformClock, epoch_s: int) -> None:
        self._knowledge = knowledge
        self._clock = clock
        self._epoch_s = epoch_s
        self._lock = threading.Lock()
        self.restore()

    def restore(self) -> None:
        """All is as it was at first: two lists of each kind."""
        some = tuple(known.qid for known in VULNERABILITIES)
        drawn = (
            self._drawn(0, "Urgent & patchable", criteria={"confirmed_severities": "4,5", "patch_available": "1"}),
            self._drawn(1, 'Büro Köln, "low"', criteria={"confirmed_severities": "1-2", "potential_severities": "1"}),
            self._drawn(2, "Accepted risks", qids=some[::5]),
            self._drawn(3, "Watched 日本語", qids=some[1::3]),
        )
        self._lists = {each.id: each for each in drawn}

    def all(self, *, dynamic: bool) -> Iterator[SearchList]:
        with self._lock:
            held = sorted(self._lists.items())
        return (each for _, each in held if each.is_dynamic == dynamic)

    def by_id(self, ident: int) -> Optional[SearchList]:
        return self._lists.get(ident)

    def by_title(self, title: str) -> Optional[SearchList]:
        with self._lock:
            return next((each for each in self._lists.values() if each.title == title), None)

    def qids(self, found: SearchList) -> frozenset[int]:
        """The QIDs in a list; of a dynamic one, as the knowledge base is now."""
        if not found.is_dynamic:
            return frozenset(found.qids)
        criteria = {name: _MEANING[name](text) for name, text in found.criteria.items()}
        return frozenset(entry.qid for entry in self._knowledge.entries() if fits(entry, criteria))

    def create(self, title: str, owner: str, criteria: Mapping[str, str], **own: object) -> SearchList:
        """A new dynamic list, whose id is above all others. Refusal for a title that is taken or too long."""
        now = self._clock.now()
        with self._lock:
            self._check_title(title)
            made = SearchList(max(self._lists, default=FIRST_ID) + 1, title, owner, now, now, criteria=dict(criteria))
            self._lists[made.id] = replace(made, **own)  # type: ignore[arg-type]
        return made

    def update(self, ident: int, criteria: Mapping[str, str], **own: object) -> None:
        """What is given takes the place of what was there. Refusal for an id that no dynamic list has."""
        with self._lock:
            found = self._dynamic(ident)
            if own.get("title", found.title) != found.title:
                self._check_title(str(own["title"]))
            changed = replace(found, **own)  # type: ignore[arg-type]
            told = {**found.criteria, **criteria}
            self._lists[ident] = replace(changed, criteria=told, modified_at=self._clock.now())

    def delete(self, ident: int) -> None:
        with self._lock:
            self._dynamic(ident)
            del self._lists[ident]

    def _dynamic(self, ident: int) -> SearchList:
        found = self._lists.get(ident)
        if found is None or not found.is_dynamic:
            raise Refusal(1905, f"parameter id has invalid value: {ident} (no dynamic search list has this id)")
        return found

    def _check_title(self, title: str) -> None:
        if len(title) > LONGEST_TITLE or not title.isascii():
            raise Refusal(1905, f"parameter title has invalid value: {title} (256 ASCII characters at most)")
        if any(each.title == title for each in self._lists.values()):
            raise Refusal(1905, f"parameter title has invalid value: {title} (a search list of this title exists)")

    def _drawn(
        self, number: int, title: str, criteria: Optional[Mapping[str, str]] = None, qids: tuple[int, ...] = ()
    ) -> SearchList:
        at = self._epoch_s - (40 - number) * DAY_S
        return SearchList(FIRST_ID + number, title, OWNER, at, at, number == 0, "", criteria or {}, qids)
