"""The Qualys stand-in as a whole: build it, enter it, pull from it, ask its ledger."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Optional

from standins.tls import Authority

from .access import Access
from .assets import AssetHoldings, AssetLedger, AssetRecipe, AssetResources
from .clock import Moment, PlatformClock
from .compliance import Compliance, ComplianceLedger, ComplianceRecipe
from .control import CONTROL_PATH, Control
from .dirt import Dirt
from .dispatch import NAMELESS, Dispatcher
from .exchange import Call
from .fault_answers import Scene
from .faults import WEB_RESOURCES, FaultPlan
from .gateway import FimHoldings, FimLedger, FimRecipe, GatewayResources, Tokens
from .gateway import spoken as spoken_json
from .knowledge_base import KnowledgeBase, KnowledgeLedger
from .ledger import Ledger
from .limits import Allowance, Limits
from .named import Named
from .plan import Plan
from .population import Population, Recipe
from .reports import ReportDocument, ReportHoldings, ReportLedger, ReportResources
from .resources import Holdings, Resources
from .search_lists import SearchListResources, SearchLists
from .server import HttpsServer, Line, Request
from .tickets import RangeInfo, TicketHoldings, TicketLedger, TicketRecipe, TicketResources
from .web import WebHoldings, WebLedger, WebRecipe, WebResources, spoken

QPS_PATH, FIM_PATH = "/qps/", "/fim/"


@dataclass(frozen=True)
class Received:
    """One request that came in; `fault` is what struck it, `headers` have names in small letters.

    `params` of a ServiceRequest are its preferences and filters: ``limitResults``, ``id GREATER``; those of a JSON
    object its members as texts.
    """

    method: str
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    status: int
    fault: str = ""


class QualysStandin:
    """A Qualys platform on loopback, a context manager; `chosen` of it is what `Plan` tells."""

    def __init__(self, folder: Path, **chosen: Any) -> None:
        plan = Plan(**chosen)
        self.faults, self.dirt, self.clock = FaultPlan(plan.faults), Dirt(plan.dirt), PlatformClock()
        self.username, self.password = next(iter(plan.known_users.items()))
        self.requests: list[Received] = []
        self.limits, self.web_limits, self.gateway_limits = (Limits(plan.allowance or Allowance()) for _ in range(3))
        self._hold_hosts(plan)
        self._hold_policies(plan)
        self._hold_web(plan)
        self._hold_tickets(plan)
        self._hold_files(plan)
        self.authority = Authority.create(folder)
        self._stopping = threading.Event()
        self._server = HttpsServer(self._context(plan), self._serve, self.clock.now, plan.port)
        self.url = self._server.url
        self._reports = ReportResources(
            ReportDocument(self.population, self.knowledge, self.dirt),
            plan.report_looks,
            self.dirt,
            self.clock,
            self.url,
        )
        self._control, self._dispatcher = Control(self), self._dispatch(plan)

    def _hold_hosts(self, plan: Plan) -> None:
        recipe = Recipe(plan.seed, plan.findings, plan.starts_at, plan.results_bytes)
        self.population = Population(recipe, plan.hosts, self.clock)
        self.knowledge = KnowledgeBase(plan.knowledge_entries, self.clock)
        self.knowledge_ledger = KnowledgeLedger(self.knowledge, self.clock, self.dirt)
        self.assets = AssetHoldings(AssetRecipe(plan.seed, plan.starts_at), self.population, self.clock)
        self.asset_ledger = AssetLedger(self.assets, self.dirt)
        self.search_lists = SearchLists(self.knowledge, self.clock, plan.starts_at)
        self._named = Named(self.search_lists, self.assets.groups)
        self.ledger = Ledger(self.population, self.clock, self.dirt, self._named, plan.without)

    def _hold_policies(self, plan: Plan) -> None:
        recipe = ComplianceRecipe(plan.seed, plan.policies, plan.controls, plan.starts_at)
        self.compliance = Compliance(recipe, self.population, self.clock)
        self.compliance_ledger = ComplianceLedger(self.compliance, self.clock, self.dirt)

    def _hold_web(self, plan: Plan) -> None:
        self.web = WebHoldings(WebRecipe(plan.seed, plan.web_apps, plan.web_findings, plan.starts_at), self.clock)
        self.web_ledger = WebLedger(self.web, self.dirt)

    def _hold_tickets(self, plan: Plan) -> None:
        self.tickets = TicketHoldings(
            TicketRecipe(plan.seed, plan.tickets, plan.starts_at), self.population, self.clock
        )
        self.ticket_ledger = TicketLedger(self.tickets, self.clock, self.dirt)
        self.range_info = RangeInfo(self.population, self.clock, self.dirt)

    def _hold_files(self, plan: Plan) -> None:
        recipe = FimRecipe(plan.seed, plan.fim_events, plan.fim_ignored_events, plan.fim_incidents, plan.starts_at)
        self.fim = FimHoldings(recipe, self.clock)
        self.fim_ledger = FimLedger(self.fim)
        self.tokens = Tokens(plan.known_users, self.clock)

    @property
    def reports(self) -> ReportHoldings:
        """What was launched, and what templates there are."""
        return self._reports.holdings

    @property
    def report_document(self) -> ReportDocument:
        """Writes reports."""
        return self._reports.document

    @property
    def report_ledger(self) -> ReportLedger:
        return self._reports.ledger

    @property
    def ca(self) -> str:
        """The path of the authority's certificate, as PEM."""
        return self.authority.ca_path

    def _context(self, plan: Plan) -> ssl.SSLContext:
        context = self.authority.server_context(kind=plan.certificate)
        if plan.require_client_cert:
            self.authority.require_client(context)
        return context

    def _dispatch(self, plan: Plan) -> Dispatcher:
        access = Access(plan.known_users)
        resources = Resources(self._holdings(plan), access, plan.page_limit)
        resources.base_url = self.url
        served = {
            "about": resources.about,
            "session": resources.session,
            "host": resources.hosts,
            "detection": resources.detections,
            "knowledge": resources.knowledge,
            "policy": resources.policies,
            "posture": resources.postures,
            **WebResources(self.web, self.web_ledger, self.dirt, plan.page_limit, self.url).routes,
            **TicketResources(
                self.tickets,
                self.ticket_ledger,
                self.range_info,
                self.dirt,
                self.clock,
                plan.tickets_per_page,
                self.url,
            ).routes,
            **self._reports.routes,
            **AssetResources(self.assets, self.asset_ledger, self.dirt, self.clock, plan.page_limit, self.url).routes,
            **SearchListResources(self.search_lists, self.dirt, self.clock, self.url).routes,
            **GatewayResources(self.fim, self.fim_ledger, self.tokens, self.clock, plan.page_limit).routes,
        }
        limits = (self.limits, self.web_limits, self.gateway_limits)
        nameless = (*NAMELESS, *WEB_RESOURCES) if plan.web_unnamed else NAMELESS
        return Dispatcher(served, access, self.tokens, limits, self.faults, self._scene, plan.gone_versions, nameless)

    def _holdings(self, plan: Plan) -> Holdings:
        return Holdings(
            self.population,
            self.ledger,
            self.knowledge,
            self.knowledge_ledger,
            self.compliance,
            self.compliance_ledger,
            self._named,
            self.dirt,
            self.clock,
            plan.without,
        )

    def __enter__(self) -> QualysStandin:
        self.start()
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Begins to serve."""
        self._server.start()

    def stop(self) -> None:
        """Ends all connections, stalled ones too."""
        self._stopping.set()
        self._server.stop()

    def touch(self, host_ids: Optional[Iterable[int]] = None, *, changes: bool = True) -> tuple[int, ...]:
        """The hosts (all if None) are processed again at platform time; with `changes`, the first vulnerability of
        each and about a third of the others move on in status, and a new one appears. Returns their ids."""
        return self.population.touch(host_ids, changes=changes)

    def add_hosts(self, count: int) -> tuple[int, ...]:
        """`count` more hosts, processed now; their ids, above all others."""
        return self.population.add(count)

    def remove_hosts(self, host_ids: Iterable[int]) -> None:
        """The hosts are purged from the platform."""
        self.population.remove(host_ids)

    def modify_entries(self, qids: Iterable[int], at: Optional[Moment] = None) -> tuple[int, ...]:
        """The service changes title and severity of these entries of the knowledge base, at platform time or `at`."""
        return self.knowledge.modify(qids, at)

    def publish_entries(
        self, qids: Iterable[int] = (), *, new: int = 0, at: Optional[Moment] = None
    ) -> tuple[int, ...]:
        """Entries appear in the knowledge base, at platform time or `at`: for `qids`, and for `new` QIDs that nobody
        has seen. Returns the QIDs that were not known before."""
        return self.knowledge.publish(qids, new=new, at=at)

    def evaluate_policies(self, policy_ids: Optional[Iterable[int]] = None, *, changes: bool = True) -> tuple[int, ...]:
        """The policies (None: all that are active and were evaluated before) are evaluated at platform time; with
        `changes`, the posture of their first control and about a third of the other changes. Returns their ids."""
        return self.compliance.evaluate(policy_ids, changes=changes)

    def modify_policies(
        self, policy_ids: Optional[Iterable[int]] = None, *, hosts: int = 1, controls: int = 0
    ) -> tuple[int, ...]:
        """Somebody changes the policies (None: all) at platform time: so many hosts and controls leave them, and their
        posture with them. Returns their ids."""
        return self.compliance.modify(policy_ids, hosts=hosts, controls=controls)

    def add_policies(self, count: int) -> tuple[int, ...]:
        """`count` more policies, created and evaluated now; their ids, above all others."""
        return self.compliance.add(count)

    def remove_policies(self, policy_ids: Iterable[int]) -> None:
        """The policies are deleted."""
        self.compliance.remove(policy_ids)

    def _scene(self) -> Scene:
        return Scene(self.url, self.clock.now(), self.limits, self._stopping.wait)

    def _serve(self, request: Request, line: Line) -> None:
        if request.path.startswith(CONTROL_PATH):
            line.send(self._control.answer(request))
            return
        is_json = request.path.startswith(FIM_PATH)
        as_form = spoken(request.body) if request.path.startswith(QPS_PATH) else request.params
        params = spoken_json(request.body) if is_json else as_form
        call = Call(request.method, request.path, params, request.headers, body=request.body)
        with self._dispatcher.handle(call) as outcome:
            self.requests.append(
                Received(call.method, call.path, call.params, call.headers, outcome.answer.status, outcome.fault)
            )
            line.send(outcome.answer)
