"""``/api/<version>/fo/qid/search_list/dynamic/`` and ``…/static/``: lists of QIDs, listed, made, changed, deleted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Callable

from ..clock import PlatformClock, stamp
from ..dirt import Dirt
from ..exchange import Answer, Call, Refusal
from ..markup import Markup, simple_return
from ..nodes import Node
from ..paging import Page, Record, Writer
from ..parameters import parse
from .criteria import ANSWERS, CHANGE, CREATION, CRITERIA, DELETION, LISTING, OPTIONS, checked
from .holdings import SearchLists
from .model import SearchList

_KINDS = {True: "DYNAMIC", False: "STATIC"}


class SearchListResources:
    """Answers a call that has been let in; raises Refusal for one that the platform does not take."""

    def __init__(self, lists: SearchLists, dirt: Dirt, clock: PlatformClock, base_url: str) -> None:
        self._lists = lists
        self._dirt = dirt
        self._clock = clock
        self._base_url = base_url

    @property
    def routes(self) -> dict[str, Callable[[Call], Answer]]:
        return {"search_list": self.dynamic, "static_search_list": lambda call: self._listed(call, dynamic=False)}

    def dynamic(self, call: Call) -> Answer:
        """``list``, or with POST ``create``, ``update`` and ``delete``."""
        verbs = {"create": self._create, "update": self._update, "delete": self._delete}
        action = call.params.get("action", "")
        if action in verbs:
            if call.method != "POST":
                raise Refusal(1908, f"Request method ({call.method}) is incompatible with specified parameters.")
            return verbs[action](call)
        if action and action != "list":
            raise Refusal(
                1905, f"parameter action has invalid value: {action} (must be one of: create, delete, list, update)"
            )
        return self._listed(call, dynamic=True)

    def _create(self, call: Call) -> Answer:
        values = parse(CREATION, call.params)
        if not values.get("title"):
            raise Refusal(1903, "Missing required parameter(s): title")
        criteria = _criteria(call.params, values)
        if not any(name in CRITERIA for name in criteria):
            raise Refusal(1922, f"Please specify at least one of the following parameters: {', '.join(CRITERIA)}")
        own = _own(values)
        made = self._lists.create(str(own.pop("title")), call.username, criteria, **own)
        return self._done("New search list created successfully", made.id)

    def _update(self, call: Call) -> Answer:
        values = parse(CHANGE, call.params)
        ident = _ident(values)
        self._lists.update(ident, _criteria(call.params, values), **_own(values))
        return self._done("search list updated successfully", ident)

    def _delete(self, call: Call) -> Answer:
        ident = _ident(parse(DELETION, call.params))
        self._lists.delete(ident)
        return self._done("search list deleted successfully", ident)

    def _done(self, text: str, ident: int) -> Answer:
        return Answer.of(200, simple_return(self._base_url, self._clock.now(), None, text, (("ID", str(ident)),)))

    def _listed(self, call: Call, *, dynamic: bool) -> Answer:
        values = parse(LISTING, call.params)
        kind = _KINDS[dynamic]
        root = f"{kind}_SEARCH_LIST_OUTPUT"
        markup = Markup(root, f"{self._base_url}{call.path}{root.lower()}.dtd", self._dirt)
        writer = Writer(call, markup, self._base_url, self._clock.now())
        page = Page(self._records(values, kind, dynamic=dynamic), limit=0)
        return Answer(200, writer.listed(f"{kind}_LISTS", page, lambda _record: None))

    def _records(self, values: Mapping[str, Any], kind: str, *, dynamic: bool) -> Iterator[Record]:
        for each in self._lists.all(dynamic=dynamic):
            if "ids" not in values or each.id in values["ids"]:
                qids = self._lists.qids(each) if values.get("show_qids") else frozenset()
                yield Record(each.id, Node(f"{kind}_LIST", children=_elements(each, qids)))


def _elements(each: SearchList, qids: frozenset[int]) -> tuple[Node, ...]:
    criteria = tuple(Node(ANSWERS.get(name, name.upper()), text, cdata=True) for name, text in each.criteria.items())
    return (
        Node("ID", str(each.id)),
        Node("TITLE", each.title, cdata=True),
        Node("GLOBAL", "Yes" if each.is_global else "No"),
        Node("OWNER", f"Ann ({each.owner})", cdata=True),
        Node("CREATED", stamp(each.created_at)),
        Node("MODIFIED_BY", f"Ann ({each.owner})", cdata=True),
        Node("MODIFIED", stamp(each.modified_at)),
        *((Node("QIDS", children=tuple(Node("QID", str(qid)) for qid in sorted(qids))),) if qids else ()),
        *((Node("CRITERIA", children=criteria),) if criteria else ()),
        *((Node("COMMENTS", each.comments, cdata=True),) if each.comments else ()),
    )


def _criteria(params: Mapping[str, str], values: Mapping[str, Any]) -> dict[str, str]:
    """Those of a call, as they were typed."""
    checked(values)
    return {name: params[name] for name in values if name in CRITERIA or name in OPTIONS}


def _own(values: Mapping[str, Any]) -> dict[str, Any]:
    """What a list has beside its criteria, under the names of `SearchList`."""
    names = {"title": "title", "global": "is_global", "comments": "comments"}
    return {ours: values[name] for name, ours in names.items() if name in values}


def _ident(values: Mapping[str, Any]) -> int:
    if "id" not in values:
        raise Refusal(1903, "Missing required parameter(s): id")
    return int(values["id"])
