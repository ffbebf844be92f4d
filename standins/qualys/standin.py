"""The Qualys stand-in as a whole: build it, enter it, pull from it, ask its ledger."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Optional, Union

from standins.tls import Authority

from .access import Access
from .assets import AssetHoldings, AssetLedger, AssetRecipe, AssetResources
from .clock import Moment, PlatformClock, seconds
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
from .population import Population, Recipe
from .reports import ReportDocument, ReportHoldings, ReportLedger, ReportResources
from .resources import Holdings, Resources
from .search_lists import SearchListResources, SearchLists
from .server import HttpsServer, Line, Request
from .tickets import RangeInfo, TicketHoldings, TicketLedger, TicketRecipe, TicketResources
from .web import WebHoldings, WebLedger, WebRecipe, WebResources, spoken

EPOCH = "2025-11-01T00:00:00Z"
QPS_PATH, FIM_PATH = "/qps/", "/fim/"
DEFAULT_USERS: Mapping[str, str] = {"acme_ab1": 'Pä$$w0rd "€" <&>:%+\\'}


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
    """A Qualys platform on loopback, a context manager.

    `hosts` × `findings` are drawn from `seed`; the hosts were last processed in the 30 days before `epoch`.
    `knowledge_entries`: of how many QIDs the knowledge base speaks, those of findings first (there are 407 of them).
    `policies` × `controls` judge about 70 of a hundred hosts; of six policies one was never evaluated, one is empty.
    `results_bytes` makes RESULTS at least that long. `page_limit` caps what a call may ask for. `users` maps names to
    passwords; `username` and `password` are the first of them. `certificate`: good, expired, wrong_name, unknown_ca.
    `gone_versions`: API versions that were removed. `without`: elements of hosts and findings that this subscription
    does not get; which of the optional ones come depends on what is switched on for a customer.
    `web_apps` × `web_findings`: web applications and the findings of each, but for each fifth, which was never scanned.
    `tickets`: remediation tickets, each eighth in the same state at first; an answer holds `tickets_per_page` at most,
    for which there is no parameter of the call.
    `fim_events`, `fim_ignored_events`, `fim_incidents`: what file integrity monitoring saw. Its gateway is at the same
    address.
    `report_looks`: how often somebody looks until a report is finished.
    `web_unnamed`: the web application API takes calls without X-Requested-With, as a public client makes them.
    """

    def __init__(
        self,
        folder: Path,
        *,
        hosts: int = 20,
        findings: int = 10,
        seed: int = 1,
        faults: Union[str, Iterable[str]] = (),
        dirt: Union[str, Iterable[str]] = (),
        users: Optional[Mapping[str, str]] = None,
        require_client_cert: bool = False,
        certificate: str = "good",
        page_limit: Optional[int] = None,
        results_bytes: int = 0,
        epoch: Moment = EPOCH,
        allowance: Optional[Allowance] = None,
        gone_versions: tuple[str, ...] = (),
        port: int = 0,
        knowledge_entries: int = 600,
        policies: int = 6,
        controls: int = 8,
        without: Container[str] = (),
        web_apps: int = 6,
        web_findings: int = 8,
        web_unnamed: bool = False,
        tickets: int = 24,
        fim_events: int = 40,
        fim_ignored_events: int = 12,
        fim_incidents: int = 8,
        tickets_per_page: Optional[int] = None,
        report_looks: int = 2,
    ) -> None:
        self.faults = FaultPlan(faults)
        self.dirt = Dirt(dirt)
        known = dict(users or DEFAULT_USERS)
        self.username, self.password = next(iter(known.items()))
        self.authority = Authority.create(folder)
        self.clock = PlatformClock()
        self.requests: list[Received] = []
        self.population = Population(Recipe(seed, findings, seconds(epoch), results_bytes), hosts, self.clock)
        self.knowledge = KnowledgeBase(knowledge_entries, self.clock)
        self.search_lists = SearchLists(self.knowledge, self.clock, seconds(epoch))
        self._named = Named(self.search_lists, lambda: self.assets.groups())
        self.ledger = Ledger(self.population, self.clock, self.dirt, self._named, without)
        self.knowledge_ledger = KnowledgeLedger(self.knowledge, self.clock, self.dirt)
        self.compliance = Compliance(
            ComplianceRecipe(seed, policies, controls, seconds(epoch)), self.population, self.clock
        )
        self.compliance_ledger = ComplianceLedger(self.compliance, self.clock, self.dirt)
        self.web = WebHoldings(WebRecipe(seed, web_apps, web_findings, seconds(epoch)), self.clock)
        self.web_ledger = WebLedger(self.web, self.dirt)
        self.tickets = TicketHoldings(TicketRecipe(seed, tickets, seconds(epoch)), self.population, self.clock)
        self.ticket_ledger = TicketLedger(self.tickets, self.clock, self.dirt)
        self.range_info = RangeInfo(self.population, self.clock, self.dirt)
        self.assets = AssetHoldings(AssetRecipe(seed, seconds(epoch)), self.population, self.clock)
        self.asset_ledger = AssetLedger(self.assets, self.dirt)
        fim = FimRecipe(seed, fim_events, fim_ignored_events, fim_incidents, seconds(epoch))
        self.fim = FimHoldings(fim, self.clock)
        self.fim_ledger = FimLedger(self.fim)
        self.tokens = Tokens(known, self.clock)
        self.limits, self.web_limits, self.gateway_limits = (Limits(allowance or Allowance()) for _ in range(3))
        self._stopping = threading.Event()
        access = Access(known)
        resources = Resources(self._holdings(without), access, page_limit)
        context = self._context(certificate, require_client_cert)
        self._server = HttpsServer(context, self._serve, self.clock.now, port)
        self.url = resources.base_url = self._server.url
        self._web = WebResources(self.web, self.web_ledger, self.dirt, page_limit, self.url)
        self._assets = AssetResources(self.assets, self.asset_ledger, self.dirt, self.clock, page_limit, self.url)
        self._tickets = TicketResources(
            self.tickets, self.ticket_ledger, self.range_info, self.dirt, self.clock, tickets_per_page, self.url
        )
        self._gateway = GatewayResources(self.fim, self.fim_ledger, self.tokens, self.clock, page_limit)
        self._reports = ReportResources(
            ReportDocument(self.population, self.knowledge, self.dirt), report_looks, self.dirt, self.clock, self.url
        )
        self._nameless = (*NAMELESS, *WEB_RESOURCES) if web_unnamed else NAMELESS
        self._control, self._dispatcher = Control(self), self._dispatch(resources, access, gone_versions)

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

    def _context(self, certificate: str, require_client_cert: bool) -> ssl.SSLContext:
        context = self.authority.server_context(kind=certificate)
        if require_client_cert:
            self.authority.require_client(context)
        return context

    def _holdings(self, without: Container[str]) -> Holdings:
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
            without,
        )

    def _dispatch(self, resources: Resources, access: Access, gone_versions: tuple[str, ...]) -> Dispatcher:
        served = {
            "about": resources.about,
            "session": resources.session,
            "host": resources.hosts,
            "detection": resources.detections,
            "knowledge": resources.knowledge,
            "policy": resources.policies,
            "posture": resources.postures,
            **self._web.routes,
            **self._tickets.routes,
            **self._reports.routes,
            **self._assets.routes,
            **SearchListResources(self.search_lists, self.dirt, self.clock, self.url).routes,
            **self._gateway.routes,
        }
        limits = (self.limits, self.web_limits, self.gateway_limits)
        tokens, scene = self.tokens, self._scene
        return Dispatcher(served, access, tokens, limits, self.faults, scene, gone_versions, self._nameless)

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
