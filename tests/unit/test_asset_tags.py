"""Tags and asset groups: what a record becomes, and what is kept of it from one pull to the next."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Optional

import pytest

from qualys_ta.errors import BadRecord
from qualys_ta.model import Entry, Event, Request
from qualys_ta.populator import asset_groups
from qualys_ta.populator.asset_lists import GROUP, TAG, AssetList, entry, event
from qualys_ta.splunk.asset_store import AssetStore, lists_path
from qualys_ta.work.lists import one_list_after_the_other
from qualys_ta.work.tables import restore, write_lists
from support.assets import entry_of
from support.core import PACKAGE, leaves, tag

ROWS = {
    "id": 7, "name": 'PCI, "in"', "parentTagId": 3, "ruleType": "GROOVY", "color": "#FFFFFF",
    "created": "2023-01-01T00:00:00Z", "modified": "2024-05-02T03:04:05Z",
}  # fmt: skip


def test_a_tag_is_an_event_and_a_row() -> None:
    found = entry_of(tag("Tag", leaves({**ROWS, "ruleText": 'a "b"\nc'}), tag("children", tag("list"))))
    assert found[0] == "tag 7"
    told = event(found)
    assert told.time == "1714619045"
    assert json.loads(told.text) == {"eventKind": "tag", **ROWS, "ruleText": 'a "b"\nc'}
    assert dict(zip(TAG.columns, found[3:])) == {
        **dict.fromkeys(TAG.columns, ""),
        **{name: str(value) for name, value in ROWS.items()},
    }


GROUP_TEXTS = {"ID": 5, "TITLE": "All & more", "OWNER_USER_ID": 9, "UNIT_ID": 0, "LAST_UPDATE": "2024-05-02T03:04:05Z"}


def test_an_asset_group_is_an_event_and_a_row() -> None:
    addresses = tag("IP_SET", tag("IP", "10.0.0.1"), tag("IP_RANGE", "10.0.0.5-10.0.0.9", network_id="1001"))
    names = tag("DNS_LIST", tag("DNS", "a.example"))
    found = entry_of(tag("ASSET_GROUP", leaves(GROUP_TEXTS), addresses, names, tag("COMMENTS")))
    assert (found[0], event(found).time) == ("assetGroup 5", "1714619045")
    assert json.loads(event(found).text) == {
        "eventKind": "assetGroup",
        **GROUP_TEXTS,
        "IP_SET": [{"IP": "10.0.0.1"}, {"IP_RANGE": "10.0.0.5-10.0.0.9", "network_id": "1001"}],
        "DNS_LIST": ["a.example"],
    }
    row = dict(zip(GROUP.columns, found[3:]))
    assert (row["TITLE"], row["OWNER_ID"], row["UNIT_ID"]) == ("All & more", "9", "0")
    assert (row["IP_SET"], row["BUSINESS_IMPACT"]) == ("10.0.0.1,10.0.0.5-10.0.0.9", "")


@pytest.mark.parametrize("markup", ["<Tag/>", "<Tag><id>x</id></Tag>", "<ASSET_GROUP><ID/></ASSET_GROUP>"])
def test_what_has_no_number_is_left_out(markup: str) -> None:
    with pytest.raises(BadRecord):
        entry_of(markup)


def test_the_tables_that_ship_have_the_columns_that_are_written() -> None:
    for which in (TAG, GROUP):
        stub = PACKAGE / "lookups" / f"{which.table}.default"
        assert stub.read_text("utf-8") == ",".join(which.header) + "\n"


def a_tag(number: int, name: str) -> Entry:
    return entry(TAG, number, "", {"id": number, "name": name}, {"id": number, "name": name})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[AssetStore]:
    with closing(AssetStore(lists_path(tmp_path), "tags", "demo")) as made:
        yield made


def pulled(store: AssetStore, *entries: Entry, inputs: tuple[str, ...] = ("tags",), name: str = "tags") -> list[Event]:
    """A whole pull; what it would write."""
    store.begin()
    store.put(entries)
    sent = store.unsent(name, [each[0] for each in entries], [event(each) for each in entries])
    store.commit()
    store.complete(inputs)
    return sent


def names(store: AssetStore) -> list[tuple[str, str, str]]:
    with store.rows(TAG) as rows:
        return [(row[0], row[1], row[2]) for row in rows]


def test_only_what_is_new_or_changed_goes_out(store: AssetStore) -> None:
    assert len(pulled(store, a_tag(1, "a"), a_tag(2, "b"))) == 2
    assert pulled(store, a_tag(1, "a"), a_tag(2, "b")) == []
    (changed,) = pulled(store, a_tag(1, "a"), a_tag(2, "c"))
    assert json.loads(changed.text)["name"] == "c"
    assert len(pulled(store, a_tag(1, "a"), a_tag(2, "b"))) == 1
    store.forget_sent()
    assert len(pulled(store, a_tag(1, "a"), a_tag(2, "b"))) == 2


def test_how_many_are_new_or_changed(store: AssetStore) -> None:
    assert store.put([a_tag(1, "a"), a_tag(2, "b")]) == 2
    assert store.put([a_tag(1, "a"), a_tag(2, "c")]) == 1


def test_what_a_whole_pull_did_not_bring_is_gone(store: AssetStore) -> None:
    pulled(store, a_tag(1, "a"), a_tag(2, "b"))
    pulled(store, a_tag(2, "b"))
    assert names(store) == [("demo", "2", "b")]
    assert len(pulled(store, a_tag(1, "a"))) == 1  # it came back


def test_a_pull_that_goes_on_after_its_end_was_noted_loses_nothing(store: AssetStore, tmp_path: Path) -> None:
    """Killed before the window was closed, it reads its last page again and ends once more."""
    store.begin()
    store.put([a_tag(1, "a")])
    store.put([a_tag(2, "b")])
    store.complete(("tags",))
    with closing(AssetStore(lists_path(tmp_path), "tags", "demo")) as resumed:
        resumed.put([a_tag(2, "b")])
        resumed.complete(("tags",))
        assert [row[1] for row in names(resumed)] == ["1", "2"]


def test_inputs_do_not_disturb_each_other(store: AssetStore, tmp_path: Path) -> None:
    both = ("tags", "other")
    with closing(AssetStore(lists_path(tmp_path), "other", "second")) as other:
        pulled(store, a_tag(1, "a"), inputs=both)
        assert len(pulled(other, a_tag(1, "a"), inputs=both, name="other")) == 1
        assert names(store) == [("demo", "1", "a"), ("second", "1", "a")]
        pulled(store, a_tag(3, "c"), inputs=both)
        assert names(store) == [("demo", "3", "c"), ("second", "1", "a")]
        pulled(store, a_tag(3, "c"))  # the other input was deleted
    assert names(store) == [("demo", "3", "c")]


def test_lookups_are_written_and_written_again(store: AssetStore, tmp_path: Path) -> None:
    hostile = a_tag(1, 'a, "b"\nc\x85')
    pulled(store, hostile)
    home = tmp_path / "app"
    home.mkdir()
    assert write_lists(home, store) == (TAG.table,)
    assert table_rows(home, GROUP) == []
    (home / "lookups" / TAG.table).unlink()
    store.close()
    assert restore(tmp_path, home, {TAG.table: lists_path(tmp_path).name}) == {TAG.table: "asset_lists.db"}
    assert [(row["account"], row["id"], row["name"]) for row in table_rows(home, TAG)] == [
        ("demo", "1", 'a, "b"\nc\x85')
    ]


def table_rows(home: Path, which: AssetList) -> list[dict[str, str]]:
    with (home / "lookups" / which.table).open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        assert reader.fieldnames == list(which.header)
        return list(reader)


class _Page:
    def __init__(self, following: Optional[Request]) -> None:
        self.next = following


def test_the_second_list_follows_the_last_page_of_the_first() -> None:
    tags, more = Request("/tags", {"n": "1"}), Request("/tags", {"n": "2"})
    groups = Request("/groups", resource=asset_groups.RESOURCE.name)
    last = Request("/groups", {"id_min": "9"}, resource=asset_groups.RESOURCE.name)
    order = {id(tags): more, id(groups): last}
    asked: list[Request] = []

    def fetch(request: Request) -> _Page:
        asked.append(request)
        return _Page(order.get(id(request)))

    def following(second: Optional[Request], first: Request) -> list[Optional[Request]]:
        asked.clear()
        return [fetched.following for fetched in one_list_after_the_other(second)(fetch, first)]  # type: ignore[arg-type]

    assert following(groups, tags) == [more, groups, last, None]
    assert asked == [tags, more, groups, last]
    assert following(None, tags) == [more, None]
    assert following(groups, groups) == [last, None]  # resumed there
