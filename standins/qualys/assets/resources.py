"""The asset management API, ``/qps/rest/2.0/…/am/…``, and the list of asset groups."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Callable, Optional

from ..clock import PlatformClock
from ..dirt import Dirt
from ..exchange import Answer, Call, broken_off
from ..filters import Choice as FoChoice
from ..markup import Markup
from ..nodes import Node, chosen, nodes
from ..paging import Page as FoPage
from ..paging import Record, Writer, page_limit
from ..parameters import parse
from ..web.filters import Choice, Field, least_id
from ..web.query import page
from ..web.request import ServiceError, parse_request
from ..web.response import Response, refused
from .elements import ASSET_ROWS, GROUP_ROWS, TAG_ROWS
from .filters import ASSET_FIELDS, GROUP_FILTERS, GROUP_PARAMETERS, TAG_FIELDS
from .holdings import AssetHoldings
from .ledger import AssetLedger
from .model import Asset, AssetGroup, FullTag
from .soil import broken, doubled, soil_asset, soil_group, soil_tag

ASSET_SCHEMA, TAG_SCHEMA = "2.0/am/hostasset.xsd", "2.0/am/tag.xsd"
GROUP_ROOT, GROUP_DTD = "ASSET_GROUP_LIST_OUTPUT", "asset_group_list_output.dtd"
_VERB = re.compile(r"/qps/rest/[^/]+/(search|count)/am/[^/]+/?")
_PLACES = ("limitResults", "startFromOffset", "verbose", "truncation_limit", "id_max")


class AssetResources:
    """Answers a call that has been let in; `base_url` as in the answers."""

    def __init__(
        self,
        holdings: AssetHoldings,
        ledger: AssetLedger,
        dirt: Dirt,
        clock: PlatformClock,
        most: Optional[int],
        base_url: str,
    ) -> None:
        self._holdings = holdings
        self._ledger = ledger
        self._dirt = dirt
        self._clock = clock
        self._most = most
        self._base_url = base_url

    @property
    def routes(self) -> dict[str, Callable[[Call], Answer]]:
        """What each resource is answered by."""
        return {"host_asset": self.assets, "tag": self.tags, "asset_group": self.groups}

    def assets(self, call: Call) -> Answer:
        """``search`` or ``count`` assets."""

        def node(asset: Asset) -> Node:
            found = Node("HostAsset", children=nodes(ASSET_ROWS, soil_asset(asset, self._dirt)))
            return broken(found, self._dirt)

        return self._answer(call, ASSET_SCHEMA, ASSET_FIELDS, self._holdings.assets, node, self._ledger.note)

    def tags(self, call: Call) -> Answer:
        """``search`` or ``count`` tags."""

        def node(tag: FullTag) -> Node:
            return Node("Tag", children=nodes(TAG_ROWS, soil_tag(tag, self._dirt)))

        return self._answer(call, TAG_SCHEMA, TAG_FIELDS, self._holdings.tags, node, _unheeded)

    def _answer(
        self,
        call: Call,
        schema: str,
        fields: Mapping[str, Field],
        held: Callable[[int], Iterable[Any]],
        node: Callable[[Any], Node],
        note: Callable[[Any], None],
    ) -> Answer:
        try:
            request = parse_request(call.body)
            found = filter(Choice(fields, request.criteria).keeps, held(least_id(request.criteria)))
        except ServiceError as error:
            return refused(call, self._base_url, schema, error)
        response = Response(call, self._base_url, schema, self._dirt)
        verb = _VERB.fullmatch(call.path)
        if verb and verb[1] == "count":
            return response.count(sum(1 for _ in found))
        answered = page(found, request, self._most, call.twist, node, note)
        records = doubled(answered.records, self._dirt) if schema == ASSET_SCHEMA else answered.records
        last_id = answered.last_id
        if records and not answered.has_more:
            last_id = next(child.text for child in answered.records[-1].children if child.name == "id")
        count = len(records) + 1 if "no_value" in self._dirt and records else None
        answer = response.page(replace(answered, records=records, last_id=last_id, count=count))
        return replace(answer, body=self._perhaps_cut(call, answer.body))

    def groups(self, call: Call) -> Answer:
        """``/api/<version>/fo/asset/group/``."""
        now_s = self._clock.now()
        values = parse(GROUP_PARAMETERS, call.params)
        keeps: FoChoice[AssetGroup] = FoChoice(GROUP_FILTERS, values, now_s)
        rows = chosen(GROUP_ROWS, call.version, {"ALL": "ALL" in values.get("show_attributes", ())})

        def records() -> Iterator[Record]:
            for group in filter(keeps.keeps, self._holdings.groups()):
                yield Record(group.id, Node("ASSET_GROUP", children=nodes(rows, soil_group(group, self._dirt))))

        limit = page_limit(values, self._most)
        listed = FoPage(records(), limit, overlaps="duplicates" in self._dirt, repeats=call.twist == "loop")
        markup = Markup(GROUP_ROOT, f"{self._base_url}{call.path}{GROUP_DTD}", self._dirt)
        writer = Writer(call, markup, self._base_url, now_s)
        return Answer(200, self._perhaps_cut(call, writer.listed("ASSET_GROUP_LIST", listed, _unheeded)))

    def _perhaps_cut(self, call: Call, body: Iterable[bytes]) -> Iterable[bytes]:
        """With the dirt ``cut``, a page breaks off the first time it is asked for, in whatever size."""
        asked = tuple(sorted((name, value) for name, value in call.params.items() if name not in _PLACES))
        return broken_off(body) if self._dirt.breaks((call.resource, *asked)) else body


def _unheeded(_record: Any) -> None:
    """A record that nobody counts."""
