"""A storm: an add-on that is struck again and again while its platform changes, and what is left of it in the end.

`Storm(site, lanes).weather(draw(seed))` returns what is wrong, and nothing where ledger = index: all that the platform
holds arrived as it is, nothing else did, at most one page came twice for each blow, nothing was left lying about.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qualys_ta.model import Shard
from qualys_ta.splunk import state
from standins.qualys.limits import Allowance
from support import e2e
from support.e2e import Site
from support.e2e_knowledge import KNOWLEDGE_BASE, KnowledgeSite
from support.lanes import Lane, lanes, survivors
from support.page import choose
from support.storm_changes import change_feeds, judges
from support.storm_feeds import TICKETS_PER_PAGE, list_of
from support.storm_ledger import History, repeats
from support.storm_plan import Change, Plan, StartPlan, Tick
from support.storm_run import Calls, Struck, is_spent

HOSTS, ENTRIES = 20, 120
PLATFORM = {"hosts": HOSTS, "findings": 12, "knowledge_entries": ENTRIES, "tickets_per_page": TICKETS_PER_PAGE}
BEGIN = "2026-03-01T12:00:00Z"
CALM = {
    "api": {"max_retries": "2", "retry_interval_seconds": "1", "api_timeout": "60", "temp_quota_mb": "2048"},
    "vm": {"num_threads": "2"},
    "pc": {"num_threads_for_pc": "2"},
    "was": {"num_threads_for_was": "1"},
}
METRICS = {"second": "host_detection"}
"""Input -> its metric, where that is not its name."""
MOST_CALM_TICKS = 6
A_DAY_LATER_S = 90_000
FILLED = 970_000
GONE_WITHIN_S = 10.0
LIMITS = Allowance(rate=1_000_000_000, concurrency=6)
OTHER = {"name": "other", "username": "acme_ab2", "password": "Secret-2"}


@contextmanager
def storm(folder: Path) -> Iterator[Storm]:
    """A site that is used for one storm after the other."""
    users = {"acme_ab1": "Secret-1", OTHER["username"]: OTHER["password"]}
    with (
        e2e.site(folder, **PLATFORM, users=users, allowance=LIMITS) as site,
        lanes(site, 2) as two,
    ):
        account = {**site.account, **OTHER}
        site.splunk.post(e2e.REST.format("account"), **account)
        site.saved = folder / "storm"
        shutil.copytree(site.splunk.app_home / "local", site.saved)
        yield Storm(site, two)


class Storm:
    """`struck` counts what really happened, over all storms."""

    def __init__(self, site: Site, two: list[Lane]) -> None:
        self.site = site
        self.struck: Counter[str] = Counter()
        self._lanes = two
        site.fresh()
        assert site.tick().returncode == 0, site.splunk.log()
        self._params = {name: text for name, text in site.calls[-1].params.items() if name in _asked(site)}

    def weather(self, plan: Plan) -> list[str]:
        """What is wrong after this storm."""
        self.begin(plan)
        for tick in plan.ticks:
            self._tick(tick)
        return [*self._calm_down(), *self._wrong()]

    def begin(self, plan: Plan) -> None:
        """All as good as new, the platform as the storm finds it."""
        site = self.site
        site.fresh()
        site.qualys.clock.set(BEGIN)
        site.qualys.requests = self._calls = Calls()
        site.calls_before = 0
        self._plan, self._starts, self._raw = plan, [], {name: [] for name in plan.names}
        self._lock = threading.RLock()
        self._history = History(site.qualys, self._params)
        self._populate(plan)
        site.qualys.dirt.set(plan.dirt)
        self._history.note(site.qualys.population.ids)
        self._feeds = judges(site, plan)
        choose(site, "vm", detection_truncation_limit=str(plan.per_page))
        choose(site, "kb", is_index_knowledgebase="1")
        for tab, values in plan.settings.items():
            choose(site, tab, **values)
        self._write_inputs(plan)

    def _populate(self, plan: Plan) -> None:
        """Hosts with close ids, for parts of the hosts some with ids far away, which belong to another part."""
        qualys, more = self.site.qualys, plan.hosts - HOSTS
        if plan.inputs == "shards":
            qualys.remove_hosts(qualys.add_hosts(600)[: -max(more, 8)])
        elif more > 0:
            qualys.add_hosts(more)

    def _write_inputs(self, plan: Plan) -> None:
        first = {"shard": "1/2"} if plan.inputs == "shards" else {}
        second = {"shards": {"shard": "2/2", "account": "demo"}, "accounts": {"account": "other"}}.get(plan.inputs, {})
        special = {"host_detection": first, "second": second}
        for name in self._raw:
            told = {"metric": METRICS.get(name, name), "account": "demo", "duration": "1h", "disabled": "0"}
            confs, app = self.site.splunk.splunkd.confs, self.site.splunk.app_home.name
            confs.write("inputs", app, f"qualys://{name}", {**told, **special.get(name, {})})

    # What happens.

    def _tick(self, tick: Tick) -> None:
        site = self.site
        for tab, values in tick.settings.items():
            choose(site, tab, **values)
        site.qualys.clock.advance(tick.advance_s)
        site.qualys.faults.set(tick.faults)
        filler = self._fill() if tick.small_quota else []
        self._calls.expect({change.call: lambda change=change: self._change(change) for change in tick.changes})
        self._run(tick.starts)
        self._calls.expect({})
        for path in filler:
            path.unlink()
        for call in self._calls:
            named = list_of(call.path)
            self.struck[f"{named}:{call.fault}" if named else call.fault] += bool(call.fault)
            for history in self._feeds.values():
                history.heard(named, call.fault)
        self._calls.clear()

    def _fill(self) -> list[Path]:
        """A quota that one page fits into, perhaps."""
        choose(self.site, "api", temp_quota_mb="1")
        found = []
        for name in self._raw:
            path = self.site.tmp / METRICS.get(name, name) / name / "old.xml.errored"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(bytes(FILLED))
            found.append(path)
        return found

    def _run(self, starts: tuple[StartPlan, ...], **puppet: object) -> list[int]:
        """Start them all, asked by a person where they are not due for `puppet`; returns the exit codes."""
        if not puppet:
            for name in self._raw:
                state.ask(self.site.checkpoints, name, state.RUN_NOW)
        struck = [Struck(self.site, lane, start, self._calls, puppet) for lane, start in zip(self._lanes, starts)]
        for one in struck:
            one.start()
        for one in struck:
            one.join()
        for one in sorted(struck, key=lambda one: one.ended):
            self._starts.append(one)
            self._raw[one.plan.name] += one.raw
            self.struck[one.fate] += 1
        return [one.returncode for one in struck]

    def start(self, start: StartPlan) -> Struck:
        """One start, waited for."""
        self._run((start,))
        return self._starts[-1]

    def state(self, name: str) -> state.State:
        return state.read(state.state_path(self.site.checkpoints, name))

    def _change(self, change: Change) -> None:
        """Called in the middle of a pull, by the thread that is about to answer."""
        with self._lock:
            self.site.qualys.clock.advance(2)
            change_feeds(self.site.qualys, self._feeds, self._history, change)

    def _calm_down(self) -> list[str]:
        """The platform is in order, and nobody strikes: all inputs end soon, and the next day finds nothing to mend."""
        for tab, values in CALM.items():
            choose(self.site, tab, **values)
        self.site.qualys.faults.set()
        starts = tuple(StartPlan(name) for name in self._raw)
        for _ in range(MOST_CALM_TICKS):
            self.site.qualys.clock.advance(600)
            if not any(self._run(starts)):
                break
        else:
            return [f"not quiet after {MOST_CALM_TICKS} starts: {self._states()}"]
        self.site.qualys.clock.advance(A_DAY_LATER_S)
        codes = self._run(starts, clock=A_DAY_LATER_S)
        return [f"the last start failed: {codes} {self._states()}"] if any(codes) else []

    def _states(self) -> list[str]:
        found = [self.state(name) for name in self._raw]
        return [f"{each.outcome} {each.message}" for each in found]

    # What came of it.

    def _wrong(self) -> list[str]:
        found = [f"{name}: {line}" for name in self._raw for line in self._of_input(name)]
        if KNOWLEDGE_BASE in self._raw:
            found += KnowledgeSite.of(self.site).differences()
        log = self.site.splunk.log()
        found += [line for line in log.splitlines() if "Unforeseen" in line or "Traceback" in line]
        found += [f"standard error: {one.stderr}" for one in self._starts if "Traceback" in one.stderr]
        found += [f"the stream is not XML: {one.stream_error}" for one in self._starts if one.stream_error]
        return [*found, *self._left()]

    def _of_input(self, name: str) -> Iterator[str]:
        blows = sum(one.is_struck for one in self._starts if one.plan.name == name)
        known = self.state(name)
        opened = [key for key, checkpoint in known.checkpoints.items() if checkpoint.open]
        if known.outcome != state.CLOSED or opened:
            yield f"the window stays open: {known.outcome} {known.message}"
        if name in self._feeds:
            starts = sum(one.plan.name == name for one in self._starts)
            yield from self._feeds[name].faults(self._raw[name], blows, starts)
            return
        most = ENTRIES + 20 if name == KNOWLEDGE_BASE else self._plan.per_page * self._history.most_events
        # A host at the end of one page and the start of the next comes twice where another run reads the next.
        shared = len(self._starts) * self._history.most_events if "duplicates" in self._plan.dirt else 0
        if repeats(self._raw[name]) > most * blows + shared:
            yield f"{repeats(self._raw[name])} events came again, for {blows} blows and {most} events in a page"
        if name != KNOWLEDGE_BASE:
            number = 2 if name == "second" else 1
            owns = Shard(number, 2).owns if self._plan.inputs == "shards" else Shard().owns
            yield from self._history.faults(self._raw[name], owns, self._plan.per_page * blows)

    def _left(self) -> Iterator[str]:
        kept = {"known_hosts.db", "asset_lists.db", "knowledge_base.demo.db", "knowledge_base.other.db"}
        kept |= {f"{name}{end}" for name in self._raw for end in e2e.ENDINGS}
        files = [*self.site.tmp.rglob("*"), *self.site.checkpoints.iterdir()]
        for path in files:
            if path.is_file() and path.name not in kept and path.suffix != ".errored" and not is_spent(path):
                yield f"left: {path}"
        pids = [one.pid for one in self._starts]
        deadline = time.monotonic() + GONE_WITHIN_S
        while (found := survivors(pids)) and time.monotonic() < deadline:
            time.sleep(0.05)
        yield from (f"still there: {command}" for command in found)


def _asked(site: Site) -> set[str]:
    """The parameters that say which hosts and findings are wanted, and what of them."""
    return set(site.calls[-1].params) - {"vm_processed_after", "id_min", "id_max", "truncation_limit"}
