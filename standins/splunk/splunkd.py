"""splunkd itself: what the management API, the scheduler and the pages share."""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Optional

from standins.splunk import resources
from standins.splunk.app_knowledge import AppKnowledge
from standins.splunk.breaking import Breakers
from standins.splunk.conf import ANY_APP, DEFAULT, SYSTEM, ConfFiles, Stanza
from standins.splunk.daemon_log import DaemonLog
from standins.splunk.eai import Resource
from standins.splunk.errors import StandinError
from standins.splunk.external import external_handlers
from standins.splunk.indexing import Indexer
from standins.splunk.inputs import InputKinds, InputSchemes, ModularInputs
from standins.splunk.internal_index import internal_events
from standins.splunk.kvstore import Collections, Documents
from standins.splunk.layout import Layout
from standins.splunk.passwords import Passwords
from standins.splunk.run import Run
from standins.splunk.scheduler import Scheduler
from standins.splunk.scripts import Scripts, Session
from standins.splunk.search_jobs import SearchJobs
from standins.splunk.searching import Searching
from standins.splunk.sessions import ADMIN, SYSTEM_USER, Sessions
from standins.splunk.store import EventRow, EventStore, RunRecord


@dataclass(frozen=True)
class Identity:
    """What kind of Splunk this is."""

    python: str = sys.executable
    roles: tuple[str, ...] = ("indexer", "search_head")
    info: Mapping[str, Any] = field(default_factory=dict)
    """Overrides of server/info: version, isFree, instance_type, product_type …"""
    admin_password: str = "stand-in"


class Splunkd:
    """Holds the state of one Splunk home; serves nothing by itself."""

    def __init__(self, layout: Layout, identity: Identity) -> None:
        self.layout = layout
        self.identity = identity
        self.confs = ConfFiles(layout.etc)
        self.scripts = Scripts(layout, identity.python)
        self.log = DaemonLog(layout.logs / "splunkd.log")
        self.store = EventStore(layout.database / "events.sqlite")
        self.knowledge = AppKnowledge(layout.app)
        self.searching = Searching(self.store, self.knowledge, layout.logs, self.internal_events)
        self.sessions = Sessions(identity.admin_password)
        self._documents = Documents(self.confs, layout.database / "kvstore.sqlite")
        self._passwords = Passwords(self.confs, layout.secret_path.read_text("ascii"))
        self._address: Optional[tuple[str, str]] = None
        self._runs: list[Run] = []
        self._scheduler: Optional[Scheduler] = None

    def listening(self, server_uri: str, ca: str) -> None:
        """The management API is reachable there from now on; it is noted in web.conf, where scripts look it up."""
        self._address = server_uri, ca
        self.confs.write("web", SYSTEM, "settings", {"mgmtHostPort": server_uri.partition("://")[2]})

    def session(self) -> Session:
        """What a script is told to reach splunkd with, a fresh key each."""
        if self._address is None:
            raise RuntimeError("the management API does not listen yet")
        server_uri, ca = self._address
        return Session(server_uri, self.sessions.issue(SYSTEM_USER), ca)

    def introspect(self) -> None:
        """Asks every kind of input for its scheme, as splunkd does at its start; a script that fails is logged."""
        for kind in self.scripts.kinds():
            try:
                self.scripts.scheme(kind)
            except StandinError as error:
                self.log.write("ERROR", "ModularInputs", f"Unable to initialize modular input {kind}: {error.message}")

    def internal_events(self) -> list[EventRow]:
        """The lines of the add-on's log as rows of the index _internal; KnowledgeError for props it cannot read."""
        host = self.confs.value("inputs", DEFAULT, "host")
        return internal_events(self.layout.logs, self.knowledge.current(), host)

    def resource(self, segments: Sequence[str]) -> tuple[Resource, int]:
        """The collection the path begins with, the longest if several do, and how many segments name it."""
        collections = self._collections()
        if segments[:1] == ["configs"] and "".join(segments[1:2]).startswith("conf-"):
            return resources.ConfStanzas(self.confs, segments[1][len("conf-") :]), 2
        for depth in range(len(segments), 0, -1):
            found = collections.get("/".join(segments[:depth]))
            if found is not None:
                return found, depth
        raise StandinError(404, "Not Found")

    def _collections(self) -> dict[str, Resource]:
        confs, scripts, app = self.confs, self.scripts, self.layout.app_name
        capabilities = {"capabilities": list(resources.CAPABILITIES)}
        return {
            "apps/local": resources.Apps(confs, app),
            "authentication/current-context": resources.Facts("context", resources.current_user(ADMIN)),
            "authorization/capabilities": resources.Facts("capabilities", capabilities),
            "data/indexes": resources.Indexes(confs, lambda: self.store.counts("index")),
            "data/inputs": InputKinds(scripts),
            "data/modular-inputs": InputSchemes(scripts),
            "properties": resources.Properties(confs),
            "search/jobs": SearchJobs(confs, app),
            "search/v2/jobs": SearchJobs(confs, app),
            "server/info": resources.Facts("server-info", self._server_info()),
            "server/roles": resources.Facts("result", {"role_list": list(self.identity.roles)}),
            "storage/collections/config": Collections(confs),
            "storage/collections/data": self._documents,
            "storage/passwords": self._passwords,
            **{f"data/inputs/{kind}": self.modular_inputs(kind) for kind in scripts.kinds()},
            **external_handlers(confs, scripts, self.session, self.log),
        }

    def modular_inputs(self, kind: str) -> ModularInputs:
        """The collection data/inputs/<kind>; StandinError 404 for a kind the add-on does not bring."""
        if kind not in self.scripts.kinds():
            raise StandinError(404, f"There is no input of kind {kind}")
        return ModularInputs(self.confs, self.scripts, kind, self.session, self.changed)

    def inputs(self) -> list[Stanza]:
        """Every modular input stanza, enabled or not."""
        kinds = tuple(f"{kind}://" for kind in self.scripts.kinds())
        stanzas = self.confs.stanzas("inputs", ANY_APP).values()
        return [stanza for stanza in stanzas if kinds and stanza.name.startswith(kinds)]

    def start(
        self, stanza_name: str, python: Optional[str] = None, environment: Optional[Mapping[str, str]] = None
    ) -> Run:
        """One process of this stanza, enabled or not; StandinError 404 if there is no such stanza."""
        stanza = self.confs.stanza("inputs", ANY_APP, stanza_name)
        kind = stanza_name.partition("://")[0]
        stdin = self.scripts.configuration(kind, stanza_name, _parameters(stanza), self.session())
        command = [python or self.scripts.python, str(self.scripts.path(kind))]
        run = Run(
            stanza_name, command, stdin, self.scripts.environment(environment), self._indexer(), self.log, self._ended
        )
        self._runs = [known for known in self._runs if known.poll() is None] + [run]
        return run

    def schedule(self, period_s: float) -> None:
        """From now on every enabled stanza is started each `period_s` seconds."""
        self._scheduler = Scheduler(self._enabled, self.start, period_s)

    def changed(self, stanza_name: str) -> None:
        """A stanza was saved: what runs of it is stopped, and if it is enabled it starts anew."""
        for run in self._runs:
            if run.stanza == stanza_name and run.poll() is None:
                threading.Thread(target=run.stop, daemon=True).start()
        if self._scheduler is not None:
            self._scheduler.restart(stanza_name)

    def close(self) -> None:
        """Stops the scheduler and every process, as `splunk stop` does."""
        if self._scheduler is not None:
            self._scheduler.stop()
        for run in self._runs:
            if run.poll() is None:
                run.stop()
        self._documents.close()
        self.store.close()

    def _enabled(self) -> list[str]:
        return [stanza.name for stanza in self.inputs() if not stanza.disabled]

    def _indexer(self) -> Indexer:
        confs = self.confs
        return Indexer(
            self.store,
            Breakers(confs.stanzas("props", ANY_APP)),
            frozenset(confs.stanzas("indexes", ANY_APP)),
            {stanza.name: {key: stanza.settings.get(key, "") for key in ("index", "host")} for stanza in self.inputs()},
            lambda complaint: self.log.write("WARN", "IndexProcessor", complaint),
        )

    def _ended(self, run: RunRecord) -> None:
        self.store.add_run(run)
        outcome = f"{run.stanza} exited with code {run.returncode} after {run.seconds:.1f} s, {run.events} events"
        self.log.write("INFO", "ExecProcessor", outcome)

    def _server_info(self) -> dict[str, Any]:
        return resources.server_info(list(self.identity.roles), self.identity.info)


def _parameters(stanza: Stanza) -> dict[str, str]:
    # What splunkd starts is enabled; a test may start what is not.
    return {**stanza.settings, "disabled": "0"}
