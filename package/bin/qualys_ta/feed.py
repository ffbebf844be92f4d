"""The declaration of a metric, and what it is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Callable, Optional, Protocol

from .model import Converted, Event, Knowledge, knows_nothing

if TYPE_CHECKING:  # a tick that is not due must not load the XML library
    from xml.etree.ElementTree import Element

FO, QPS = "fo", "qps"
"""The dialects of the platform: ``/api/…/fo/`` and ``/qps/rest/…``, see the modules of these names in `api`."""


@dataclass(frozen=True)
class Conversion:
    """What a converter may know besides the record: settings of the metric's tab, start of the window, knowledge, the
    parameters of the request that was answered, the input's start date, and which groups came whole, made of what."""

    settings: Mapping[str, Any]
    since: str = ""
    knowledge: Knowledge = knows_nothing
    asked: Mapping[str, str] = field(default_factory=dict)
    start: str = ""
    whole: Mapping[int, str] = field(default_factory=dict)


class Glossary(Protocol):
    """What an answer says once of what many of its records name. In bounded memory: what is more waits on disk."""

    def put(self, key: str, values: tuple[str, ...]) -> None: ...

    def get(self, key: str) -> Optional[tuple[str, ...]]: ...


Kept = tuple[Any, ...]
"""A record in plain texts, numbers and tuples of them, so that it can wait on disk."""


class Joiner(Protocol):
    """Converts the records of one answer whose glossary comes after them.

    `keep` takes all elements in document order, those of one list that came together; `owner` is the ID of the element
    that the resource calls so. It puts what belongs to the glossary there and returns what is to be kept of the others,
    as plain data, which comes back to `records` at the end of the answer.
    """

    def keep(self, elements: Sequence[Element], owner: str) -> Optional[Kept]: ...

    def records(self, kept: Kept) -> Iterable[Any]:
        """What `converted` takes, one after the other."""

    def converted(self, record: Any) -> Converted:
        """Raises BadRecord for a record that cannot be mapped."""


def _only_read(_conversion: Conversion) -> Callable[[Element], Any]:
    raise NotImplementedError("nothing is made of these records")


def _no_glossary(_conversion: Conversion, _glossary: Glossary) -> Joiner:
    raise NotImplementedError("this answer has no glossary")


@dataclass(frozen=True)
class Resource:
    """One list of the API: where it is, what its answers look like, and what a record becomes.

    `name` is what its pages on disk are called. `path` holds ``{version}``, filled from the setting `version_setting`
    of the tab *API*. `dialect` says how it is asked.
    `root` is the only root element that is data, `record` the path of one record below it (``*`` at its end: whatever
    stands in that list). `owner`: the path of elements that lists of records stand in, where there are several.
    `glossary`: the path of an element after the records, whose lists explain them.
    `params_setting` names the setting that holds a person's own parameters, where there is one.
    `converter` makes the function of one pull that turns a record into what the feed's `output` says: Element ->
    Converted, or Element -> Entry; where there is a glossary, `joiner` is used instead. `sourcetype`: "" is the feed's.
    """

    name: str
    path: str
    version_setting: str
    root: str
    record: tuple[str, ...]
    params_setting: str = ""
    dialect: str = FO
    sourcetype: str = ""
    owner: tuple[str, ...] = ()
    glossary: tuple[str, ...] = ()
    converter: Callable[[Conversion], Callable[[Element], Any]] = _only_read
    joiner: Callable[[Conversion, Glossary], Joiner] = _no_glossary


EVENTS, KNOWLEDGE = "events", "knowledge"
"""What becomes of a metric's records: events at once, or entries of a knowledge base that is kept."""

OVERLAP = timedelta(minutes=10)
"""How far a pull reaches back behind the platform's time at the start of the one before."""

Summary = Callable[[int, Mapping[str, int]], Optional[Event]]
"""(group, how many of its records are of which category) -> what is told of it at the end of a pull."""


@dataclass(frozen=True)
class Feed:
    """The declaration of one metric: what to ask, what the answer looks like, what a record becomes.

    `settings` names its tab. `resource` is the list that a pull begins with, `others` are those that follow from it.
    `params(settings)` are the parameters of its first request but for the window, which `since_params` adds.
    `keeps_lines(settings)`: whether line feeds within a value matter. `of_hosts`: its records are hosts, so those that
    the platform no longer holds can be told. `overlap(settings)`: how late a record may become visible.
    `threads_setting` names the setting of parallel downloads. `summary` makes of the `tally` of all records of a group,
    this pull's and earlier ones', an event; where `counted(settings)` has changed since, everything comes again.
    `course` names the module in `work` that says how the requests of a pull follow from each other, where that is more
    than page by page; `made_of(settings)` is what they depend on beside the first of them.
    """

    name: str
    sourcetype: str
    settings: str
    resource: Resource
    params: Callable[[Mapping[str, Any]], dict[str, str]]
    since_params: Callable[[Optional[str]], dict[str, str]]
    others: tuple[Resource, ...] = ()
    is_full: Callable[[Mapping[str, Any]], bool] = lambda _settings: False
    keeps_lines: Callable[[Mapping[str, Any]], bool] = lambda _settings: True
    overlap: Callable[[Mapping[str, Any]], timedelta] = lambda _settings: OVERLAP
    threads_setting: str = "num_threads"
    summary: Optional[Summary] = None
    counted: Callable[[Mapping[str, Any]], str] = lambda _settings: ""
    course: str = ""
    made_of: Callable[[Mapping[str, Any]], str] = lambda _settings: ""
    output: str = EVENTS
    of_hosts: bool = False

    def resource_named(self, name: str) -> Resource:
        """One of its lists; "" is the first."""
        return next((other for other in self.others if other.name == name), self.resource)
