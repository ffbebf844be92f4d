"""What one call for findings or web applications wants: the records it asks for, and the page of them it gets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Callable, Optional, TypeVar, Union

from ..dirt import Dirt
from ..nodes import Node, nodes
from ..paging import Numbered
from .elements import APP_ROWS, BARE_ROWS, VERBOSE_ROWS
from .filters import APP_FIELDS, FINDING_FIELDS, Choice, least_id
from .holdings import WebHoldings
from .model import WebApp, WebFinding
from .request import Criterion, Preferences, ServiceRequest
from .response import Page
from .soil import soil_web_finding

Record = TypeVar("Record", bound=Numbered)


def selected_findings(holdings: WebHoldings, criteria: tuple[Criterion, ...]) -> Iterator[WebFinding]:
    """The findings that meet all criteria, by their ids; ServiceError for what the platform does not take."""
    return filter(Choice(FINDING_FIELDS, criteria).keeps, holdings.findings(least_id(criteria)))


def selected_apps(holdings: WebHoldings, criteria: tuple[Criterion, ...]) -> Iterator[WebApp]:
    """The same for web applications."""
    return filter(Choice(APP_FIELDS, criteria).keeps, holdings.apps(least_id(criteria)))


def finding_node(finding: WebFinding, dirt: Dirt, *, verbose: bool) -> Node:
    """A finding as an element."""
    return Node("Finding", children=nodes(VERBOSE_ROWS if verbose else BARE_ROWS, soil_web_finding(finding, dirt)))


def app_node(app: WebApp) -> Node:
    """A web application as an element."""
    return Node("WebApp", children=nodes(APP_ROWS, app))


def page(
    records: Iterable[Record],
    request: ServiceRequest,
    most: Optional[int],
    twist: str,
    node: Callable[[Record], Node],
    note: Callable[[Record], None],
) -> Page:
    """The page of `records` that `request` gets, at most `most` of them; `note` hears of each.

    Twists: with ``loop``, the next page is said to be this one again; with ``no_last_id`` it is not said where it is.
    """
    limit = min(request.preferences.limit, most or request.preferences.limit)
    taken = list(islice(_from(records, request.preferences), limit + 1))
    found = taken[:limit]
    for record in found:
        note(record)
    last_id: Union[None, int, str] = found[-1].id if len(taken) > limit else None
    if found and twist == "loop":
        last_id = least_id(request.criteria) or found[0].id - 1
    return Page(tuple(map(node, found)), *_told(last_id, more=bool(found) and twist == "no_last_id"))


def _told(last_id: Union[None, int, str], *, more: bool) -> tuple[bool, Union[None, int, str]]:
    return (True, None) if more else (last_id is not None, last_id)


def _from(records: Iterable[Record], preferences: Preferences) -> Iterator[Record]:
    return islice(records, preferences.offset - 1, None)
