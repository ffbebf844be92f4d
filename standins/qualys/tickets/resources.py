"""The resources of the oldest dialect that are about tickets: ``/msp/ticket_list.php`` and ``asset_range_info.php``."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Callable, Optional
from xml.sax.saxutils import escape

from ..clock import PlatformClock, stamp
from ..dirt import Dirt
from ..exchange import Answer, Call, broken_off
from ..markup import CONFIDENTIAL, DECLARATION, EVALUATION, Markup
from ..nodes import Node
from .holdings import TicketHoldings
from .ledger import TicketLedger
from .model import Ticket
from .query import DTD, LIMIT, ROOT, TicketError, TicketQuery
from .ranges import RangeInfo
from .soil import soil_ticket

SINCE = "since_ticket_number"


def error_document(base_url: str, root: str, dtd: str, error: TicketError) -> str:
    """How this dialect says no, with HTTP 200."""
    return (
        f'{DECLARATION}<!DOCTYPE {root} SYSTEM "{base_url}/{dtd}">\n<{root}>\n'
        f'  <ERROR number="{error.number}">{escape(error.text)}</ERROR>\n</{root}>\n'
    )


class TicketResources:
    """Answers a call that has been let in, always with HTTP 200."""

    def __init__(
        self,
        holdings: TicketHoldings,
        ledger: TicketLedger,
        range_info: RangeInfo,
        dirt: Dirt,
        clock: PlatformClock,
        most: Optional[int],
        base_url: str,
    ) -> None:
        self._holdings = holdings
        self._ledger = ledger
        self._range_info = range_info
        self._dirt = dirt
        self._clock = clock
        self._limit = min(most or LIMIT, LIMIT)
        self._base_url = base_url

    @property
    def routes(self) -> dict[str, Callable[[Call], Answer]]:
        """What each resource of this dialect is answered by."""
        return {"ticket": self.tickets, "asset_range": self.asset_range}

    def tickets(self, call: Call) -> Answer:
        """Tickets in ascending order of their numbers; the last one is named where there are more."""
        try:
            query = TicketQuery(call.params, self._clock.now())
        except TicketError as error:
            return Answer.of(200, error_document(self._base_url, ROOT, DTD, error))
        asked = tuple(sorted(call.params.items()))
        body = self._pieces(call, query, self._clock.now())
        return Answer(200, broken_off(body) if self._dirt.breaks((call.resource, *asked)) else body)

    def asset_range(self, call: Call) -> Answer:
        """What the platform knows of the hosts with these addresses."""
        return self._range_info.answer(call, self._base_url)

    def _pieces(self, call: Call, query: TicketQuery, now_s: int) -> Iterator[bytes]:
        markup = Markup(ROOT, f"{self._base_url}/{DTD}", self._dirt)
        yield _bytes(self._opening(call, query, markup, now_s))
        found = iter(query.select(self._holdings))
        page = list(islice(found, self._limit))
        start = "  <TICKET_LIST>\n"
        for ticket in page:
            self._ledger.note(ticket)
            yield _bytes(start + markup.write(query.node(soil_ticket(ticket, self._dirt)), 2))
            start = markup.keepalive()
        rest = "  </TICKET_LIST>\n" if page else ""
        if any(True for _ in found):
            rest += f'  <TRUNCATION last="{self._last(call, page)}">Truncated after {len(page)} records</TRUNCATION>\n'
        comments = EVALUATION + CONFIDENTIAL.format(year=stamp(now_s)[:4]) if "comments" in self._dirt else ""
        yield _bytes(f"{rest}</{ROOT}>\n{comments}")

    def _last(self, call: Call, page: list[Ticket]) -> int:
        """The last ticket; with the dirt ``duplicates`` the one before, and with a loop one that was asked for."""
        if call.twist == "loop":
            return int(call.params.get(SINCE) or 1) - 1
        return page[-2 if "duplicates" in self._dirt and len(page) > 1 else -1].number

    def _opening(self, call: Call, query: TicketQuery, markup: Markup, now_s: int) -> str:
        where = tuple(Node(name.upper(), text, cdata=name == "asset_groups") for name, text in query.where.items())
        header = Node(
            "HEADER",
            children=(
                Node("USER_LOGIN", call.username),
                Node("COMPANY", "Müller & Söhne", cdata=True),
                Node("DATETIME", stamp(now_s)),
                Node("WHERE", children=where),
            ),
        )
        comment = EVALUATION if "comments" in self._dirt else ""
        doctype = f'<!DOCTYPE {ROOT} SYSTEM "{self._base_url}/{DTD}">'
        return f"{DECLARATION}{doctype}\n{comment}<{ROOT}>\n{markup.write(header, 1)}{markup.keepalive()}"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
