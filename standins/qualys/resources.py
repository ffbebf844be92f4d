"""The resources of the platform: about, session, lists of hosts, detections, vulnerabilities, policies and posture."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Optional

from . import detection, host_list, knowledge_base
from .access import COOKIE, Access
from .clock import PlatformClock, stamp
from .compliance import (
    Compliance,
    ComplianceLedger,
    PolicyQuery,
    PostureQuery,
    PostureWriter,
    policy_query,
    posture_query,
)
from .compliance.model import Policy, Posture
from .detection import DetectionQuery
from .dirt import Dirt
from .exchange import Answer, Call, Refusal, broken_off
from .knowledge_base import KnowledgeBase, KnowledgeLedger, KnowledgeQuery
from .ledger import Ledger
from .markup import DECLARATION, Markup, simple_return
from .named import Named
from .paging import DEFAULT_LIMIT, Listed, Page, Record, Writer, page_limit
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


_SIZES = ("truncation_limit", "id_max")
"""Parameters that say how much a page is to hold, not which page it is."""


@dataclass(frozen=True)
class Holdings:
    """What the platform holds, and what it notes of what it serves; `without` as in `Plan`."""

    population: Population
    ledger: Ledger
    knowledge: KnowledgeBase
    knowledge_ledger: KnowledgeLedger
    compliance: Compliance
    compliance_ledger: ComplianceLedger
    named: Named
    dirt: Dirt
    clock: PlatformClock
    without: Container[str] = ()


class Resources:
    """Answers a call that has been let in; raises Refusal for one it does not understand."""

    def __init__(self, holdings: Holdings, access: Access, page_limit_most: Optional[int]) -> None:
        self._holdings = holdings
        self._access = access
        self._clock = holdings.clock
        self._dirt = holdings.dirt
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
        held = self._holdings
        query = host_list.HostListQuery(call.params, call.version, self._clock.now(), held.named, held.without)
        page = self._page(call, query.records(held.population, self._dirt), query.values)
        writer = self._writer(call, host_list.ROOT, host_list.DTD)
        body = writer.ids(page, _unheeded) if query.bare_ids else writer.listed("HOST_LIST", page, _unheeded)
        return Answer(200, self._perhaps_cut(call, body))

    def detections(self, call: Call) -> Answer:
        """``/api/<version>/fo/asset/host/vm/detection/``."""
        held = self._holdings
        query = DetectionQuery(call.params, call.version, self._clock.now(), held.named, held.without)
        page = self._page(call, query.records(held.population, self._dirt), query.values)
        writer = self._writer(call, detection.ROOT, detection.DTD)
        return Answer(200, self._perhaps_cut(call, writer.listed("HOST_LIST", page, held.ledger.note)))

    def knowledge(self, call: Call) -> Answer:
        """``/api/<version>/fo/knowledge_base/vuln/``: all entries asked for in one answer, or their bare QIDs."""
        held = self._holdings
        query = KnowledgeQuery(call.params, call.version, self._clock.now())
        page = Page(query.records(held.knowledge, self._dirt), limit=0)
        writer = self._writer(call, knowledge_base.ROOT, knowledge_base.DTD)
        if query.bare_ids:
            body = writer.ids(page, _unheeded)
        else:
            body = writer.listed("VULN_LIST", page, held.knowledge_ledger.note)
        return Answer(200, self._perhaps_cut(call, body))

    def policies(self, call: Call) -> Answer:
        """``/api/<version>/fo/compliance/policy/``, Basic, All or bare ids."""
        query = PolicyQuery(call.params, call.version, self._clock.now())
        records = query.records(self._holdings.compliance, self._dirt)
        page = self._page(call, records, query.values, policy_query.LIMIT)
        writer = self._writer(call, policy_query.ROOT, policy_query.DTD)
        body = writer.ids(page, _unheeded) if query.bare_ids else writer.listed("POLICY_LIST", page, _unheeded)
        return Answer(200, self._perhaps_cut(call, body))

    def postures(self, call: Call) -> Answer:
        """``/api/<version>/fo/compliance/posture/info/``: of one policy page by page, or of several at once."""
        held = self._holdings
        now_s = self._clock.now()
        query = PostureQuery(call.params, call.version, now_s, ignoring=call.twist == "ignore_filters")
        policies = held.compliance.policies(query.policies)
        markup = self._markup(call, posture_query.ROOT, posture_query.DTD)
        writer = PostureWriter(
            query,
            Writer(call, markup, self.base_url, now_s),
            markup,
            held.population,
            self._dirt,
            held.compliance_ledger.note,
        )

        def postures(policy: Policy) -> Iterator[Posture]:
            return query.select(held.compliance, policy, self._dirt)

        def page(policy: Policy) -> Page[Posture]:
            return self._page(call, postures(policy), query.values, posture_query.LIMIT)

        if query.is_of_several:
            return Answer(200, self._perhaps_cut(call, writer.several(policies, postures, self._clock)))
        return Answer(200, self._perhaps_cut(call, writer.single(policies, page)))

    def _said(self, text: str) -> str:
        return simple_return(self.base_url, self._clock.now(), None, text)

    def _page(
        self, call: Call, records: Iterator[Listed], values: Mapping[str, Any], usual: int = DEFAULT_LIMIT
    ) -> Page[Listed]:
        limit = page_limit(values, self._most, usual)
        return Page(records, limit, overlaps="duplicates" in self._dirt, repeats=call.twist == "loop")

    def _writer(self, call: Call, root: str, dtd: str) -> Writer:
        return Writer(call, self._markup(call, root, dtd), self.base_url, self._clock.now())

    def _markup(self, call: Call, root: str, dtd: str) -> Markup:
        return Markup(root, f"{self.base_url}{call.path}{dtd}", self._dirt)

    def _perhaps_cut(self, call: Call, body: Iterator[bytes]) -> Iterable[bytes]:
        """With the dirt ``cut``, a page breaks off the first time it is asked for, in whatever size."""
        asked = tuple(sorted((name, value) for name, value in call.params.items() if name not in _SIZES))
        return broken_off(body) if self._dirt.breaks((call.resource, *asked)) else body


def _unheeded(_record: Record) -> None:
    """A record that nobody counts."""
