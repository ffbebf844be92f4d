"""Events of `host_assets` and `asset_tags` as they are indexed, for tests of what Splunk makes of them."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from qualys_ta.populator.asset_lists import GROUP, TAG, AssetList
from support.knowledge import epoch, event_row

ASSET, TAG_EVENT = "qualys:hostAsset", "qualys:tag"


def asset_on(number: int, on: int, kind: str = "asset", **changes: Any) -> dict[str, Any]:
    """An event of an asset that was updated on a day of September 2018; a change to None leaves a member out."""
    modified = f"2018-09-{on:02}T12:00:00Z"
    usual = {"name": f"web-{number}", "created": "2017-01-01T00:00:00Z", "modified": modified, "qwebHostId": number}
    more = {"os": "Linux", "dnsHostName": f"web-{number}.example.com", "address": f"10.0.0.{number}"}
    told = {"eventKind": kind, "id": 1000 + number, **usual, **more, "trackingMethod": "IP", **changes}
    text = json.dumps({name: value for name, value in told.items() if value is not None}, separators=(",", ":"))
    return event_row(text, sourcetype=ASSET, index="anywhere", time=epoch(modified))


def tag_row(**told: Any) -> dict[str, Any]:
    return event_row(json.dumps(told, separators=(",", ":")), sourcetype=TAG_EVENT)


def with_lists(app: Path, tags: Iterable[dict[str, str]] = (), groups: Iterable[dict[str, str]] = ()) -> Path:
    """The app with these rows in its lookups."""
    _write(app, TAG, tags)
    _write(app, GROUP, groups)
    return app


def _write(app: Path, which: AssetList, rows: Iterable[dict[str, str]]) -> None:
    with (app / "lookups" / which.table).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, which.header, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
