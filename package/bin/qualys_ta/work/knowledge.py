"""The metric whose records are kept: the knowledge base, and the lookups made of it."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..chains import Fetched, Pages, one_by_one
from ..feed import Conversion
from ..job import Job
from ..model import Entry, Event, Window
from ..output import KnowledgeOutput, Output
from ..populator import knowledge_base, knowledge_tables
from ..splunk import owner
from ..splunk.knowledge_store import KnowledgeStore, store_path
from ..splunk.lookups import lost
from .paging import Reader
from .tables import NONE, SLIM, TEXTS, write_knowledge


@dataclass
class KnowledgeWork:
    """`made_of` tells a store apart that was filled without the texts, or lost since: it is fetched anew."""

    job: Job
    store: KnowledgeStore
    lookups: Mapping[str, str] = field(default_factory=dict)

    @property
    def made_of(self) -> str:
        return self._made_of(self._with_texts)

    @property
    def _with_texts(self) -> bool:
        return bool(self.job.settings.metric["log_kb_additional_fields"])

    def forget(self, whole: bool) -> None:  # noqa: ARG002 - entries stand for themselves
        self.store.forget_sent(self.job.stanza.name)

    def since(self, checkpoint: str, _start_date: str) -> str:
        """A start date does not count here: part of a knowledge base serves nobody, so the first pull is whole."""
        return checkpoint if self.is_complete else ""

    @property
    def is_complete(self) -> bool:
        """Whether the store holds all that is wanted, perhaps more."""
        return self.store.made_of() in (self.made_of, self._made_of(with_texts=True))

    def _made_of(self, with_texts: bool) -> str:
        return f"{self.store.identity} {TEXTS if with_texts else SLIM}"

    def output(self, since: str) -> Output:
        job = self.job
        return KnowledgeOutput(
            name=job.stanza.name,
            convert=job.feed.resource.converter(Conversion(job.settings.metric, since)),
            event=self._event,
            with_events=job.settings.metric["is_index_knowledgebase"],
            sink=job.sink,
            store=self.store,
            publish=self._complete,
            log=job.log,
        )

    def conversion(self, _since: str) -> None:
        """Records are read from the page: they become rows, not events."""

    def estimate(self, _reader: Reader, _since: str, _first: Fetched) -> str:
        """It is one page of a known size."""
        return ""

    def pages(self, _reader: Reader, _window: Window) -> Pages:
        """The knowledge base is one answer."""
        return one_by_one

    def finish(self) -> str:
        """Nothing follows a closed window."""
        return ""

    def publish(self) -> None:
        """Write the lookups, where this input is to and anything changed since they were written."""
        what = self._wanted()
        source = store_path(self.job.folder, self.job.settings.account.name).name
        # not another account's, and no kill came before the note
        ours = what == NONE or set(self.lookups.values()) == {source}
        if ours and self.store.is_published(what) and not lost(self.job.app_home, self.lookups):
            return
        names = write_knowledge(self.job.app_home, self.store, what)
        self.lookups = dict.fromkeys(names, source)
        self.job.log.info(f"Lookups written: {', '.join(names) or 'none, as the tab Knowledge Base says'}.")

    def _wanted(self) -> str:
        if not self.job.settings.metric["kb_lookups"]:
            return NONE
        return TEXTS if self._with_texts else SLIM

    def _complete(self) -> None:
        self.store.complete(self.made_of)
        self.publish()

    def _event(self, entry: Entry) -> Event:
        return knowledge_base.event(entry, self._with_texts)


def open_work(job: Job, stack: contextlib.ExitStack) -> KnowledgeWork:
    """Raises ConfigError for a second owner of what this input fills."""
    account, settings = job.settings.account, job.settings.metric
    owner.refuse_second(job.stanza.name, job.stanza.params, _earlier(job), settings["kb_lookups"])
    path = store_path(job.folder, account.name)
    source = hashlib.sha256(f"{account.api_server}\n{account.username}".encode()).hexdigest()
    store = stack.enter_context(contextlib.closing(KnowledgeStore(path, knowledge_tables.KEPT, source)))
    work = KnowledgeWork(job, store, job.lookups)
    if work.is_complete:
        work.publish()  # what an earlier run could not write, before it costs another download
    return work


def _earlier(job: Job) -> owner.Inputs:
    """The enabled inputs that come before this one: of several owners the first works, whoever made them."""
    return {
        name: params
        for name, params in job.inputs().items()
        if name < job.stanza.name and params["disabled"].lower() not in ("1", "true")
    }
