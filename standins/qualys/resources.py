"""The resources of the platform: about, session, host list and host list VM detection."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Optional

from . import detection, host_list
from .access import COOKIE, Access
from .clock import PlatformClock, stamp
from .detection import DetectionQuery
from .dirt import Dirt
from .exchange import Answer, Call, HangUp, Refusal
from .ledger import Ledger
from .markup import DECLARATION, Markup, simple_return
from .paging import Page, Record, Writer, page_limit
from .population import Population

_ABOUT = """{declaration}<!DOCTYPE ABOUT SYSTEM "{base_url}/about.dtd">
<ABOUT>
  <API-VERSION MAJOR="1" MINOR="4" />
  <WEB-VERSION>10.35.2.0-1</WEB-VERSION>
  <SCANNER-VERSION>14.6.27-1</SCANNER-VERSION>
  <VULNSIGS-VERSION>2.6.430-3</VULNSIGS-VERSION>
</ABOUT>
<!-- Generated for {username} on {now} //-->
"""


class Resources:
    """Answers a call that has been let in; raises Refusal for one it does not understand."""

    def __init__(
        self,
        population: Population,
        access: Access,
        ledger: Ledger,
        dirt: Dirt,
        clock: PlatformClock,
        page_limit_most: Optional[int],
    ) -> None:
        self._population = population
        self._access = access
        self._ledger = ledger
        self._dirt = dirt
        self._clock = clock
        self._most = page_limit_most
        self.base_url = ""

    def about(self, call: Call) -> Answer:
        """``/msp/about.php``: the versions of the platform; its comment names the caller."""
        text = _ABOUT.format(
            declaration=DECLARATION, base_url=self.base_url, username=call.username, now=stamp(self._clock.now())
        )
        return Answer.of(200, text)

    def session(self, call: Call) -> Answer:
        """``/api/2.0/fo/session/``: login gives a cookie, logout ends it."""
        action = call.params.get("action", "")
        if not action:
            raise Refusal(1903, "Missing required parameter(s): action")
        if action == "login":
            token = self._access.login(call)
            cookie = ("Set-Cookie", f"{COOKIE}={token}; path=/api; secure")
            return Answer.of(200, self._said("Logged in"), headers=(cookie,))
        if action == "logout":
            self._access.logout(call.headers)
            return Answer.of(200, self._said("Logged out"))
        raise Refusal(1905, f"parameter action has invalid value: {action} (must be one of: login, logout)")

    def hosts(self, call: Call) -> Answer:
        """``/api/<version>/fo/asset/host/``, Basic, All or bare ids."""
        query = host_list.HostListQuery(call.params, call.version, self._clock.now())
        page = self._page(call, query.records(self._population, self._dirt), query.values)
        writer = self._writer(call, host_list.ROOT, host_list.DTD)
        write = writer.ids if query.bare_ids else writer.hosts
        return Answer(200, self._perhaps_cut(call, write(page, lambda _record: None)))

    def detections(self, call: Call) -> Answer:
        """``/api/<version>/fo/asset/host/vm/detection/``."""
        query = DetectionQuery(call.params, call.version, self._clock.now())
        page = self._page(call, query.records(self._population, self._dirt), query.values)
        writer = self._writer(call, detection.ROOT, detection.DTD)
        return Answer(200, self._perhaps_cut(call, writer.hosts(page, self._ledger.note)))

    def _said(self, text: str) -> str:
        return simple_return(self.base_url, self._clock.now(), None, text)

    def _page(self, call: Call, records: Iterator[Record], values: Mapping[str, Any]) -> Page:
        limit = page_limit(values, self._most)
        return Page(records, limit, overlaps="duplicates" in self._dirt, repeats=call.twist == "loop")

    def _writer(self, call: Call, root: str, dtd: str) -> Writer:
        markup = Markup(root, f"{self.base_url}{call.path}{dtd}", self._dirt)
        return Writer(call, markup, self.base_url, self._clock.now())

    def _perhaps_cut(self, call: Call, body: Iterator[bytes]) -> Iterable[bytes]:
        """With the dirt ``cut``, a page breaks off the first time it is asked for."""
        return _broken_off(body) if self._dirt.breaks(tuple(sorted(call.params.items()))) else body


def _broken_off(body: Iterator[bytes]) -> Iterator[bytes]:
    yield next(body)
    piece = next(body, b"")
    yield piece[: len(piece) // 2]
    raise HangUp
