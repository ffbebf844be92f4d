"""Public recordings of host assets become events, field by field what an independent parser finds.

The recordings are not part of this repository; they lie in ../shared/samples beside a checkout, or the tests are
left out.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lxml import etree

from qualys_ta.populator.host_assets import FEED
from support.assets import ASSETS, asset_events, written
from support.core import inspected
from support.recordings import MISSING, SAMPLES, flat, leaves

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason=MISSING)


def body(name: str) -> bytes:
    return (SAMPLES / "hostasset" / name).read_bytes()


@pytest.mark.parametrize("name", ["j1_list-host-assets.xml", "j1_azure-host-assets.xml"])
def test_every_asset_is_an_event_with_all_that_is_told_of_it(name: str) -> None:
    elements = etree.fromstring(body(name)).findall("data/HostAsset")
    found = [json.loads(event.text) for event in asset_events(body(name))]
    assert len(found) == len(elements) == 2
    for told, element in zip(found, elements):
        ours = {path: text for path, text in flat(told) if path not in ("/eventKind", "/sourceInfo/sourceType")}
        assert ours.pop("/vulnCount", "0") == "0"
        assert sorted(ours.items()) == sorted(leaves(element))


def test_an_id_twice_in_one_answer_is_written_once(tmp_path: Path) -> None:
    (line,) = written(body("j1_list-host-assets.xml"), tmp_path)
    assert '"id":3043442,' in line
    assert '"name":"Cloud Agent"' in line
    assert '"agentId":"2e689bb2-53ab-4a58-be0a-a7576964f310"' in line
    assert "<time>1478644553</time>" in line


def test_bare_sources_and_clouds_say_what_they_are() -> None:
    told = [
        json.loads(event.text)
        for name in ("list", "azure")
        for event in asset_events(body(f"j1_{name}-host-assets.xml"))
    ]
    kinds = [[source["sourceType"] for source in each["sourceInfo"]] for each in told]
    assert kinds == [["AssetSource"], ["AssetSource"], ["AzureAssetSourceSimple"], ["AzureAssetSourceSimple"]]


def test_an_error_with_status_200_is_no_empty_list_of_assets() -> None:
    (entry,) = json.loads(body("j1_har_iterateHostDetailsBadId.har"))["log"]["entries"]
    judged = inspected(entry["response"]["content"]["text"].encode(), ASSETS.record)
    assert (judged.root, judged.has_records) == (FEED.resource.root, False)
    assert judged.told.texts["responseCode"] == "INVALID_REQUEST"
    assert "qwebHostId" in judged.told.texts["responseErrorDetails/errorMessage"]
