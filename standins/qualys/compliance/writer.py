"""Writes posture as the answer to a call: of one policy, or one POLICY after the other; piece by piece."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Callable

from ..clock import PlatformClock, stamp
from ..dirt import Dirt
from ..markup import Markup
from ..nodes import Node
from ..paging import Page, Writer
from ..population import Population
from .glossary import Gathered, GlossaryRows
from .model import Policy, Posture
from .posture_query import PostureQuery

Note = Callable[[Posture], None]


class PostureWriter:
    """The body of one answer; `note` hears of each posture as it leaves."""

    def __init__(
        self, query: PostureQuery, writer: Writer, markup: Markup, population: Population, dirt: Dirt, note: Note
    ) -> None:
        self._query = query
        self._writer = writer
        self._markup = markup
        self._population = population
        self._rows = GlossaryRows(query.values, dirt)
        self._note = note

    def single(self, policies: Iterable[Policy], page_of: Callable[[Policy], Page[Posture]]) -> Iterator[bytes]:
        """The answer of at most one policy: RESPONSE(DATETIME, INFO_LIST?, SUMMARY?, WARNING?, GLOSSARY?)."""
        yield self._writer.opening()
        for policy in policies:
            gathered, page = Gathered(), page_of(policy)
            yield from self._infos(page, gathered, 2)
            yield from self._summary(gathered, 2)
            yield self._writer.warning(page)
            yield from self._glossary(gathered, policy, 2)
        yield self._writer.closing()

    def several(
        self, policies: Iterable[Policy], postures: Callable[[Policy], Iterable[Posture]], clock: PlatformClock
    ) -> Iterator[bytes]:
        """RESPONSE(DATETIME, POLICY*(ID, DATETIME, INFO_LIST?, SUMMARY?, WARNING_LIST?, GLOSSARY?))."""
        yield self._writer.opening()
        for policy in policies:
            gathered = Gathered()
            head = (Node("ID", str(policy.id)), Node("DATETIME", stamp(clock.now())))
            yield _bytes("    <POLICY>\n" + "".join(self._markup.write(node, 3) for node in head))
            yield from self._infos(postures(policy), gathered, 3)
            yield from self._summary(gathered, 3)
            yield from self._remarks(policy)
            yield from self._glossary(gathered, policy, 3)
            yield b"    </POLICY>\n"
        yield self._writer.closing()

    def _infos(self, postures: Iterable[Posture], gathered: Gathered, depth: int) -> Iterator[bytes]:
        start = f"{'  ' * depth}<INFO_LIST>\n"
        for posture in postures:
            gathered.note(posture)
            self._note(posture)
            yield _bytes(start + self._markup.write(self._query.info(posture), depth + 1))
            start = self._markup.keepalive()
        if gathered.hosts:
            yield _bytes(f"{'  ' * depth}</INFO_LIST>\n")

    def _summary(self, gathered: Gathered, depth: int) -> Iterator[bytes]:
        if gathered.hosts and self._query.has_summary:
            yield _bytes(self._markup.write(gathered.summary(), depth))

    def _remarks(self, policy: Policy) -> Iterator[bytes]:
        """A warning that is no next page."""
        if not policy.is_active:
            warning = Node("WARNING", children=(Node("TEXT", "This policy is inactive; its posture may be old."),))
            yield _bytes(self._markup.write(Node("WARNING_LIST", children=(warning,)), 3))

    def _glossary(self, gathered: Gathered, policy: Policy, depth: int) -> Iterator[bytes]:
        if not gathered.hosts or not self._query.has_glossary:
            return
        margin = "  " * depth
        yield _bytes(f"{margin}<GLOSSARY>\n")
        for name, members in self._rows.lists(gathered, policy, self._population):
            start = f"{margin}  <{name}>\n"
            for member in members:
                yield _bytes(start + self._markup.write(member, depth + 2))
                start = ""
            yield _bytes("" if start else f"{margin}  </{name}>\n")
        yield _bytes(f"{margin}</GLOSSARY>\n")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
