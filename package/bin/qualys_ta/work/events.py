"""A metric whose records become events; for host detections also the hosts that are gone."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Optional

from ..ahead import Ahead
from ..chains import Course, Fetched, Pages
from ..errors import ConfigError, TaError
from ..feed import Resource
from ..job import Job
from ..model import Knowledge, Request, Window, knows_nothing
from ..output import EventOutput, Output
from ..populator import host_list
from ..splunk.forms import form_of
from ..splunk.hosts import KnownHosts, hosts_path
from ..splunk.knowledge_store import KnowledgeReader, store_path
from ..splunk.lookups import read_table
from ..splunk.seen import SeenEvents, seen_path
from ..splunk.tallies import Tallies, tallies_path
from ..spool import Convert
from .children import DOOR, Children
from .conversion import Converter, Recipe
from .first_pull import FirstPull, listing_params, sample
from .gone import GoneHosts
from .paging import Lister, Reader
from .tables import write_gone


def _no_reader(_resource: Resource) -> Lister:
    raise NotImplementedError("nothing is asked before there are pages")


@dataclass
class EventWork:
    """What a metric of events needs beside its job, each only where its feed asks for it."""

    job: Job
    seen: SeenEvents
    hosts: Optional[KnownHosts]
    tallies: Optional[Tallies]
    knowledge: Knowledge
    store: str
    stack: contextlib.ExitStack
    lookups: Mapping[str, str] = field(default_factory=dict)
    stop_converting: Callable[[], None] = lambda: None
    course: Course = field(default_factory=Course)
    reader: Reader = _no_reader
    amiss: list[str] = field(default_factory=list)

    @property
    def _whole(self) -> Mapping[int, str]:
        return self.tallies.whole if self.tallies else {}

    @property
    def made_of(self) -> str:
        return self.job.feed.made_of(self.job.settings.metric)

    def forget(self, whole: bool) -> None:
        """Counts stay, unless everything comes again."""
        self.seen.forget()
        if self.job.feed.steps:
            self._module(self.job.feed.steps).forget(self.job)
        if whole and self.tallies:
            self.tallies.forget()

    def since(self, checkpoint: str, start_date: str) -> str:
        """From the start date, too, where what is counted has changed: a summary of half of it would be wrong."""
        feed = self.job.feed
        first = feed.start(self.job.settings.metric, time.time()) if feed.start else start_date
        if self.tallies is None:
            return checkpoint or first
        self.tallies.open_window()
        counted, before = feed.counted(self.job.settings.metric), self.tallies.made_of()
        if not checkpoint or before is None or counted == before:
            return checkpoint or first
        self.tallies.forget()
        self.job.log.warning("What summaries count was changed: everything is pulled again, from the start date on.")
        return first

    def output(self, _since: str) -> Output:
        job = self.job
        counted = job.feed.counted(job.settings.metric)
        return EventOutput(
            job.shard.owns, job.sink, self.seen, self.hosts, job.log, self.tallies, self._begins, counted
        )

    def _begins(self, request: Request) -> Mapping[int, str]:
        return self.course.begins(request)

    def conversion(self, since: str) -> Convert:
        job = self.job
        whole = {str(group): made_of for group, made_of in self._whole.items()}
        start = str(job.params["start_date"])
        recipe = Recipe(job.feed.name, dict(job.settings.metric), since, job.form, self.store, start, whole)
        children = Children(
            recipe=recipe,
            here=Converter(recipe, self.knowledge),
            door=job.app_home / "bin" / DOOR,
            count=job.settings.api["conversion_workers"],
            log=job.log,
        )
        self.stack.callback(children.close)
        self.stop_converting = children.close
        return self._with_more(children.convert)

    def _with_more(self, convert: Convert) -> Convert:
        """What is asked for beside the records of a page, its conversion asks for; by then there is a reader."""
        name = self.job.feed.beside
        if not name:
            return convert
        asking: Convert = self._module(name).beside(self.job, convert, lambda resource: self.reader(resource))
        return asking

    def estimate(self, reader: Reader, since: str, first: Fetched) -> str:
        """What the host list and the first page say; nothing of a single page, or of what is not about hosts."""
        job = self.job
        if first.following is None or not job.feed.of_hosts:
            return ""
        lister = reader(host_list.RESOURCE)
        size = FirstPull(
            listing=lister.first(listing_params(job.feed.params(job.settings.metric), since)),
            fetch=lister.fetch,
            limits=job.limits,
            parts=job.shard.count,
            log=job.log,
        )
        return size.told(sample(first.page, form_of(job.form)), first.following)

    def pages(self, reader: Reader, window: Window) -> Pages:
        """Side by side and ahead of the one that is written."""
        job = self.job
        self.reader = reader
        if job.feed.steps:
            steps: Pages = self._module(job.feed.steps).pages(job, reader, self.stack, self.amiss)
            return steps
        busy = int(job.settings.metric.get(job.feed.threads_setting, 1)) + int(job.settings.api["conversion_workers"])
        gate = reader(job.feed.resource).gate

        def end() -> None:
            gate.close()
            self.stop_converting()

        self.course = self._course(reader, window)
        return Ahead(busy, busy, self.course, end)

    def _course(self, reader: Reader, window: Window) -> Course:
        name = self.job.feed.course
        if not name:
            return Course()
        course: Course = self._module(name).course(self.job, reader, window, self._whole)
        return course

    def _module(self, name: str) -> Any:
        return import_module(f".{name}", __package__)

    def finish(self) -> str:
        """Tell of gone hosts, once a day. The window is closed by now, so a failure is a warning, and tried again."""
        if self.hosts is None or not self.job.settings.metric["log_gone_hosts"]:
            return " ".join(self.amiss[:3])
        job, now = self.job, time.time()
        client = job.client(host_list.RESOURCE)
        gone = GoneHosts(
            first=client.first(host_list.PARAMS),
            fetch=client.fetch,
            hosts=self.hosts,
            owns=job.shard.owns,
            sink=job.sink,
            publish=self._publish,
            log=job.log,
        )
        try:
            if gone.is_due(now):
                self.hosts.adopt(job.settings.accounts)
                gone.tell(now)
            elif self.hosts.some_are_back:
                self._publish()
        except (TaError, OSError, sqlite3.Error) as error:
            job.log.warning(f"Gone hosts could not be told; the next run tries again. {error}")
        return ""

    def _publish(self) -> None:
        if self.hosts:
            written = write_gone(self.job.app_home, self.hosts)
            self.lookups = dict.fromkeys(written, hosts_path(self.job.folder).name)


def open_work(job: Job, stack: contextlib.ExitStack) -> EventWork:
    path = seen_path(job.folder, job.stanza.name)
    seen = stack.enter_context(contextlib.closing(SeenEvents(path, job.key, job.feed.same)))
    hosts = _hosts(job, stack) if job.feed.of_hosts else None
    tallies = _tallies(job, stack)
    knowledge = _knowledge(job, stack)
    store = "" if knowledge is knows_nothing else str(_store(job))
    return EventWork(job, seen, hosts, tallies, knowledge, store, stack, job.lookups)


def _tallies(job: Job, stack: contextlib.ExitStack) -> Optional[Tallies]:
    if job.feed.summary is None:
        return None
    path = tallies_path(job.folder, job.stanza.name)
    return stack.enter_context(contextlib.closing(Tallies(path, job.key, job.feed.summary)))


def _store(job: Job) -> Path:
    return store_path(job.folder, job.settings.account.name)


def _hosts(job: Job, stack: contextlib.ExitStack) -> KnownHosts:
    """The known hosts. A store that is new takes over what the lookup says: hosts that are gone must stay so."""
    hosts = KnownHosts(hosts_path(job.folder), job.settings.account.name, str(job.shard))
    stack.callback(hosts.close)
    if hosts.is_new():
        gone = list(host_list.gone_rows(read_table(job.app_home, host_list.GONE_TABLE)))
        hosts.take_over(gone)
        if gone:
            job.log.warning(
                f"The store of known hosts ({hosts_path(job.folder).name}) is new; {len(gone)} gone hosts were taken "
                f"over from {host_list.GONE_TABLE}. Hosts that went meanwhile are noticed only if they come again."
            )
    forgotten = hosts.live_on(job.settings.account.api_server)
    if forgotten:
        job.log.warning(
            f"The account lives on another platform now: {forgotten} known hosts of the one before are not compared "
            "any more. Their findings stay as they were."
        )
    return hosts


def _knowledge(job: Job, stack: contextlib.ExitStack) -> Knowledge:
    """The account's knowledge base, where findings are to be enriched and there is one."""
    if not job.settings.metric.get("enrich_detections"):
        return knows_nothing
    try:
        reader = KnowledgeReader(_store(job), job.log)
    except ConfigError as error:
        job.log.warning(
            f"Findings are not enriched: {error} Enable an input of the metric knowledge_base here (on a forwarder "
            "with the lookups switched off on the tab Knowledge Base), or switch the enrichment off on the tab VM."
        )
        return knows_nothing
    return stack.enter_context(contextlib.closing(reader)).entry
