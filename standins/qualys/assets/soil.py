"""Dirt in assets, tags and asset groups; which one is soiled depends on its id.

``tag_space`` breaks ids, dates and names over lines, ``duplicates`` tells an asset twice in one answer, the second time
without its tags, ``no_value`` lets `count` differ from what is there: all as recorded.
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import replace

from ..dirt import Dirt
from ..nodes import Node
from .model import Asset, AssetGroup, FullTag

_BROKEN_BEFORE = ("modified", "created")
_BROKEN_WITHIN = ("agentId", "activationId")


def soil_asset(asset: Asset, dirt: Dirt) -> Asset:
    """The asset with soiled text."""
    return replace(asset, host=dirt.soil_host(asset.host), name=_soiled(asset.name, asset.id, dirt))


def soil_tag(tag: FullTag, dirt: Dirt) -> FullTag:
    """The tag with soiled text."""
    return replace(tag, name=_soiled(tag.name, tag.id, dirt))


def soil_group(group: AssetGroup, dirt: Dirt) -> AssetGroup:
    """The group with soiled text."""
    return replace(group, title=_soiled(group.title, group.id, dirt))


def _soiled(text: str, ident: int, dirt: Dirt) -> str:
    if "control_chars" in dirt and ident % 3 == 0:
        return f"{text}\x02 caf\udce9"
    if "entities" in dirt and ident % 3 == 1:
        return f"\n\t\t{html.escape(text)}\n\t"
    return text


def broken(record: Node, dirt: Dirt) -> Node:
    """The record with ids and dates broken over lines."""
    return _broken(record) if "tag_space" in dirt else record


def _broken(node: Node) -> Node:
    if node.children:
        return node._replace(children=tuple(map(_broken, node.children)))
    if node.name in _BROKEN_BEFORE:
        return node._replace(text=f"\n      {node.text}")
    if node.name in _BROKEN_WITHIN:
        start, dash, end = node.text.rpartition("-")
        return node._replace(text=f"{start}{dash}\n {end}")
    return node


def doubled(records: Iterable[Node], dirt: Dirt) -> tuple[Node, ...]:
    """The records; the last one again, without its tags."""
    found = tuple(records)
    if not found or "duplicates" not in dirt:
        return found
    children = (_without_members(child) if child.name == "tags" else child for child in found[-1].children)
    return (*found, found[-1]._replace(children=tuple(children)))


def _without_members(tags: Node) -> Node:
    return tags._replace(children=(Node("list"),))
