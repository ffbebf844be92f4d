"""The declaration of a metric, and what it is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Callable, Optional, Protocol

from .model import Converted, Event, Knowledge, knows_nothing

if TYPE_CHECKING:  # a tick that is not due must not load the XML library
    from xml.etree.ElementTree import Element

FO, QPS, MSP, GATEWAY, LOCAL = "fo", "qps", "msp", "gateway", "local"
"""The dialects of the platform: ``/api/…/fo/``, ``/qps/rest/…``, ``/msp/*.php``, and all that its gateway serves; and
answers that somebody put on this server's disk. See the modules of these names in `api`."""

XML, JSON = "xml", "json"
"""What answers are written in."""


def _not_told() -> str:
    return ""


def _no_text(_path: str) -> str:
    return ""


@dataclass(frozen=True)
class Conversion:
    """What a converter may know besides the record: settings of the metric's tab, start of the window, knowledge, the
    parameters of the request that was answered, the input's start date, and which groups came whole, made of what.
    `told_at`: the platform's time in the answer, of a resource that is `timed`. `before`: a text that stands before the
    records of the answer, by its path below the root; of a resource with a glossary. `beside`: what was asked for
    beside the records of the page, see `Feed.beside`; of a resource that is `timed`."""

    settings: Mapping[str, Any]
    since: str = ""
    knowledge: Knowledge = knows_nothing
    asked: Mapping[str, str] = field(default_factory=dict)
    start: str = ""
    whole: Mapping[int, str] = field(default_factory=dict)
    told_at: Callable[[], str] = _not_told
    before: Callable[[str], str] = _no_text
    beside: Mapping[str, Any] = field(default_factory=dict)


class Glossary(Protocol):
    """What an answer says once of what many of its records name. In bounded memory: what is more waits on disk."""

    def put(self, key: str, values: tuple[str, ...]) -> None: ...

    def get(self, key: str) -> Optional[tuple[str, ...]]: ...


class Joiner(Protocol):
    """Converts the records of one answer whose glossary comes after them.

    `keep` takes all elements in document order, those of one list that came together; `owner` is the ID of the element
    that the resource calls so. It puts what belongs to the glossary there and returns what is to be kept of the others,
    as plain data (None: nothing), which comes back to `records` at the end of the answer.
    """

    def keep(self, elements: Sequence[Element], owner: str) -> Any: ...

    def records(self, kept: Any) -> Iterable[Any]:
        """What `converted` takes, one after the other."""

    def converted(self, record: Any) -> Converted:
        """Raises BadRecord for a record that cannot be mapped."""


def _only_read(_conversion: Conversion) -> Callable[[Any], Any]:
    raise NotImplementedError("nothing is made of these records")


def _no_glossary(_conversion: Conversion, _glossary: Glossary) -> Joiner:
    raise NotImplementedError("this answer has no glossary")


@dataclass(frozen=True)
class Resource:
    """One list of the API: where it is, what its answers look like, and what a record becomes.

    `name` is what its pages on disk are called. `path` holds ``{version}``, filled from the setting `version_setting`
    of the tab *API*; "" for a list that knows no versions. `dialect` says how it is asked.
    `root` is the only root element that is data, `record` the path of one record below it (``*`` at its end: whatever
    stands in that list). `owner`: the path of elements that lists of records stand in, where there are several.
    `glossary`: the path of an element after the records, whose lists explain them.
    `params_setting` names the setting that holds a person's own parameters, where there is one.
    `converter` makes the function of one pull that turns a record into what the feed's `output` says: Element ->
    Converted, or Element -> Entry; where there is a glossary, `joiner` is used instead. `sourcetype`: "" is the feed's.
    `timed`: its records are judged by the time of their answer.
    `once`: an answer has been seen to hold a record twice; the first counts. `of_request`: its records are told with
    what the request was about, see `Conversion.asked`.
    `form`: what its answers are written in. In JSON a record is a dict; `record` is the name that their list stands
    under, empty where the answer is the list; `root` is `jsonpage.LIST`; `cursor` is the name under which a record says
    where the page behind it starts.
    `lists`: the paths of other records, which `Joiner.keep` gets, too.
    `acts`: it has the platform do something, which is answered by a text without a code. `patient`: temporary failures
    are waited out by who asks; else they are told at once. `needs` says what the account must be allowed.
    `may_be_gone`: it belongs to a record of another list, and is empty where the platform says that there is no such
    record any more.
    """

    name: str
    path: str
    version_setting: str
    root: str
    record: tuple[str, ...]
    params_setting: str = ""
    dialect: str = FO
    sourcetype: str = ""
    form: str = XML
    cursor: str = ""
    owner: tuple[str, ...] = ()
    glossary: tuple[str, ...] = ()
    timed: bool = False
    once: bool = False
    of_request: bool = False
    lists: tuple[tuple[str, ...], ...] = ()
    acts: bool = False
    patient: bool = True
    needs: str = ""
    may_be_gone: bool = False
    converter: Callable[[Conversion], Callable[[Any], Any]] = _only_read
    joiner: Callable[[Conversion, Glossary], Joiner] = _no_glossary


EVENTS, KNOWLEDGE, LISTS = "events", "knowledge", "lists"
"""What becomes of a metric's records: events at once, entries of a knowledge base that is kept, or entries of lists
that are pulled whole."""

OVERLAP = timedelta(minutes=10)
"""How far a pull reaches back behind the platform's time at the start of the one before."""

Summary = Callable[[int, Mapping[str, int]], Optional[Event]]
"""(group, how many of its records are of which category) -> what is told of it at the end of a pull."""


@dataclass(frozen=True)
class Feed:
    """The declaration of one metric: what to ask, what the answer looks like, what a record becomes.

    `settings` names its tab. `resource` is the list that a pull begins with, `others` are those that follow from it.
    `params(settings)` are the parameters of its first request but for the window, which `since_params` adds; where more
    than that changes, `ranged(params, since, now)` makes the parameters of a new window. `now` is this server's time,
    which must never narrow what is asked for.
    `keeps_lines(settings)`: whether line feeds within a value matter. `of_hosts`: its records are hosts, so those that
    the platform no longer holds can be told. `overlap(settings)`: how late a record may become visible.
    `threads_setting` names the setting of parallel downloads. `summary` makes of the `tally` of all records of a group,
    this pull's and earlier ones', an event; where `counted(settings)` has changed since, everything comes again.
    `course` names the module in `work` that says how the requests of a pull follow from each other, where that is more
    than page by page; `made_of(settings)` is what they depend on beside the first of them. `steps` names that module
    where each request depends on what came of the one before, and must not be sent earlier. `beside` names the module
    in `work` that asks, before a page is converted, for more than its records say. `start(settings, now)`:
    where the first pull starts, where that is not the input's start date. `timeout_setting` names the setting of the
    API's time-out, where the tab has one of its own. `chosen` names the settings that go to the platform as parameters
    of the same names. `same(event)`: what of an event counts where a record that was told of is read again; all of it
    where this is not given.
    """

    name: str
    sourcetype: str
    settings: str
    resource: Resource
    params: Callable[[Mapping[str, Any]], dict[str, str]]
    since_params: Callable[[Optional[str]], dict[str, str]] = lambda _since: {}
    ranged: Optional[Callable[[Mapping[str, str], str, float], dict[str, str]]] = None
    others: tuple[Resource, ...] = ()
    is_full: Callable[[Mapping[str, Any]], bool] = lambda _settings: False
    keeps_lines: Callable[[Mapping[str, Any]], bool] = lambda _settings: True
    overlap: Callable[[Mapping[str, Any]], timedelta] = lambda _settings: OVERLAP
    threads_setting: str = "num_threads"
    summary: Optional[Summary] = None
    counted: Callable[[Mapping[str, Any]], str] = lambda _settings: ""
    course: str = ""
    steps: str = ""
    beside: str = ""
    made_of: Callable[[Mapping[str, Any]], str] = lambda _settings: ""
    start: Optional[Callable[[Mapping[str, Any], float], str]] = None
    timeout_setting: str = ""
    chosen: tuple[str, ...] = ()
    same: Optional[Callable[[bytes], bytes]] = None
    output: str = EVENTS
    of_hosts: bool = False

    def first_params(self, params: Mapping[str, str], since: str, now: float) -> dict[str, str]:
        """The parameters of a window's first request."""
        return self.ranged(params, since, now) if self.ranged else {**params, **self.since_params(since)}

    def resource_named(self, name: str) -> Resource:
        """One of its lists; "" is the first."""
        return next((other for other in self.others if other.name == name), self.resource)
