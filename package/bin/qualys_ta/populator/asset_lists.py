"""What tags and asset groups have in common: each pull brings all of them, they become lookups, and events where they
are new or changed.

An entry is its key (list and number), its time, the text of its event, and its row of the lookup without the account.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ..errors import BadRecord
from ..model import Entry, Event
from .jsontext import event_text

ACCOUNT = "account"
"""The first column of each lookup: ids are those of a platform."""


class AssetList(NamedTuple):
    """One list: how its entries are called in keys, its lookup, and the columns of that behind the account."""

    name: str
    table: str
    columns: tuple[str, ...]

    @property
    def header(self) -> tuple[str, ...]:
        return (ACCOUNT, *self.columns)


TAG = AssetList(
    "tag",
    "qualys_tags.csv",
    ("id", "name", "parentTagId", "ruleType", "color", "reservedType", "srcAssetGroupId", "created", "modified"),
)
GROUP = AssetList(
    "assetGroup",
    "qualys_asset_groups.csv",
    ("ID", "TITLE", "OWNER_ID", "UNIT_ID", "BUSINESS_IMPACT", "LAST_UPDATE", "IP_SET"),
)
ASSET_LISTS = (TAG, GROUP)


def number_of(what: str, told: Any) -> int:
    """Raises BadRecord for what is no number: nothing could be said about such a record."""
    if not isinstance(told, int):
        raise BadRecord(f"{what} is {str(told or '')[:40]!r}, not a number")
    return told


def entry(which: AssetList, number: int, happened: str, told: Mapping[str, Any], row: Mapping[str, Any]) -> Entry:
    """`happened`: epoch seconds as text, `told`: the object of its event."""
    text = event_text({"eventKind": which.name, **told})
    return (f"{which.name} {number}", happened, text, *(_plain(row.get(name)) for name in which.columns))


def event(found: Entry) -> Event:
    return Event(found[1], found[2])


def list_and_number(key: str) -> tuple[str, int]:
    name, _, number = key.partition(" ")
    return name, int(number)


def row(found: Entry) -> Sequence[str]:
    """Its row of the lookup, without the account."""
    return found[3:]


def _plain(told: Any) -> str:
    return "" if told is None else str(told)
