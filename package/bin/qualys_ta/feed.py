"""The declaration of a metric, and what it is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, Optional

from .model import Knowledge, knows_nothing

if TYPE_CHECKING:  # a tick that is not due must not load the XML library
    from xml.etree.ElementTree import Element


@dataclass(frozen=True)
class Resource:
    """One list of the classic API: where it is, and what its answers look like.

    `name` is what its pages on disk are called. `path` holds ``{version}``, filled from the setting `version_setting`
    of the tab *API*.
    `root` is the only root element that is data, `record` the path of one record below it (``*`` at its end: whatever
    stands in that list).
    `params_setting` names the setting that holds a person's own parameters, where there is one.
    """

    name: str
    path: str
    version_setting: str
    root: str
    record: tuple[str, ...]
    params_setting: str = ""


@dataclass(frozen=True)
class Conversion:
    """What a converter may know besides the record: settings of the metric's tab, start of the window, knowledge."""

    settings: Mapping[str, Any]
    since: str = ""
    knowledge: Knowledge = knows_nothing


EVENTS, KNOWLEDGE = "events", "knowledge"
"""What becomes of a metric's records: events at once, or entries of a knowledge base that is kept."""


@dataclass(frozen=True)
class Feed:
    """The declaration of one metric: what to ask, what the answer looks like, what a record becomes.

    `settings` names its tab. `params(settings)` are the request's parameters but for the window, which `since_params`
    adds. `converter` makes the function of one pull that turns a record into what `output` says: a `Converter`, or
    Element -> Entry. `keeps_lines(settings)`: whether line feeds within a value matter to it. `of_hosts`: its records
    are hosts, so those that the platform no longer holds can be told.
    """

    name: str
    sourcetype: str
    settings: str
    resource: Resource
    params: Callable[[Mapping[str, Any]], dict[str, str]]
    since_params: Callable[[Optional[str]], dict[str, str]]
    converter: Callable[[Conversion], Callable[[Element], Any]]
    is_full: Callable[[Mapping[str, Any]], bool] = lambda _settings: False
    keeps_lines: Callable[[Mapping[str, Any]], bool] = lambda _settings: True
    output: str = EVENTS
    of_hosts: bool = False
