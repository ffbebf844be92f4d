"""Assets: what a HostAsset becomes, whatever the platform sends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Optional
from xml.etree.ElementTree import Element, fromstring

import pytest

from qualys_ta.errors import BadRecord, ConfigError
from qualys_ta.populator.asset_filter import TAG_IDS, WANTED, ids_of, tag_params, tags
from qualys_ta.populator.host_assets import params, since_params
from support.assets import (
    MODIFIED,
    asset,
    asset_settings,
    assets_converted,
    listed,
    members,
    service_answer,
    told,
    written,
)
from support.core import leaves, tag

PORTS = listed("openPort", *members("HostAssetOpenPort", {"port": 22, "protocol": "TCP", "serviceName": "ssh"}))
SOFTWARE = listed(
    "software", *members("HostAssetSoftware", {"name": "a", "version": "1"}, {"name": 'b "x"', "version": ""})
)
TAGS = listed("tags", *members("TagSimple", {"id": 7, "name": "DMZ"}, {"id": 8, "name": 'PCI, "in"'}))
APART = {"log_asset_ports": "1", "log_asset_software": "1", "log_asset_tags": "1"}


def test_an_asset_is_one_event_with_its_lists() -> None:
    (found,) = told(TAGS, PORTS, SOFTWARE)
    assert found["eventKind"] == "asset"
    assert found["tags"] == [{"id": 7, "name": "DMZ"}, {"id": 8, "name": 'PCI, "in"'}]
    assert found["openPort"] == [{"port": 22, "protocol": "TCP", "serviceName": "ssh"}]
    assert found["software"] == [{"name": "a", "version": "1"}, {"name": 'b "x"'}]


def test_parts_of_an_asset_become_events_of_their_own() -> None:
    whole, *parts = told(TAGS, PORTS, SOFTWARE, chosen=APART)
    assert (whole["openPortCount"], whole["softwareCount"], len(whole["tags"])) == (1, 2, 2)
    assert not {"openPort", "software"} & whole.keys()
    assert [part["eventKind"] for part in parts] == ["openPort", "software", "software", "assetTag", "assetTag"]
    for part in parts:
        assert (part["id"], part["name"], part["modified"]) == (3043442, "web-1", MODIFIED)
        assert (part["qwebHostId"], part["address"]) == (12688456922, "10.0.0.1")
    assert parts[0]["openPort"]["port"] == 22
    assert parts[2]["software"] == {"name": 'b "x"'}
    assert parts[4]["assetTag"] == {"id": 8, "name": 'PCI, "in"'}


def test_an_empty_list_is_one_and_a_list_that_is_not_told_is_none() -> None:
    (found,) = told(listed("software"), tag("tags", tag("list")))
    assert (found["software"], found["tags"]) == ([], [])
    assert "openPort" not in found
    assert told(listed("openPort"), chosen=APART) == [{**told()[0], "openPortCount": 0}]


def test_of_findings_only_their_number_is_told() -> None:
    (found,) = told(listed("vuln", *members("HostAssetVuln", {"qid": 1}, {"qid": 2})))
    assert found["vulnCount"] == 2
    assert "vuln" not in found


@pytest.mark.parametrize(
    ("markup", "count"),
    [
        (tag("vuln"), None),
        (tag("vuln", " \n "), None),
        (tag("vuln", tag("list")), 0),
        (tag("vuln", tag("list", tag("HostAssetVuln"), tag("HostAssetVuln", tag("qid", " "), tag("ssl")))), 0),
        (tag("vuln", tag("list", tag("HostAssetVuln", tag("qid"), tag("ssl", "true")), "\n")), 1),
        (tag("vuln", tag("list", tag("HostAssetVuln", tag("more", tag("qid", "1"))), tag("HostAssetVuln", "1"))), 2),
        (tag("vuln", tag("list", tag("HostAssetVuln", tag("list")), tag("HostAssetVuln", "a", tag("qid")))), 1),
        (tag("vuln", tag("qid", "1"), tag("ssl", "true")), 0),
    ],
)
def test_findings_count_that_say_anything(markup: str, count: Optional[int]) -> None:
    (found,) = told(markup)
    assert found.get("vulnCount") == count
    assert "vuln" not in found


def test_members_of_any_kind_become_events() -> None:
    """Whatever stands in them, even what looks like the end of one."""
    odd = ['"},{"', r',"\u001e",', "a\u2028b"]
    ports = listed("openPort", tag("Port", "22"), tag("Port"), tag("Port", tag("list", tag("a", "1"), tag("a", "2"))))
    _whole, *parts = told(ports, listed("software", *members("X", *({"name": text} for text in odd))), chosen=APART)
    assert [part["openPort"] for part in parts[:2]] == ["22", ["1", "2"]]
    assert [part["software"]["name"] for part in parts[2:]] == odd


def test_long_lists_come_last() -> None:
    """Splunk looks at the first 5,000 bytes of JSON alone."""
    (found,) = told(SOFTWARE, PORTS, tag("isDockerHost", "true"), listed("networkInterface"))
    assert list(found)[-4:] == ["isDockerHost", "networkInterface", "openPort", "software"]
    assert found["isDockerHost"] is True


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("modified", "\n      2020-08-05T19:00:23Z", "2020-08-05T19:00:23Z"),
        ("name", "two\n        words", "two words"),
        ("model", "a  b", "a  b"),
        ("dnsHostName", "ip-10-97-5-\n 247.example", "ip-10-97-5-247.example"),
        ("qwebHostId", "126884\n 56922", 12688456922),
        ("totalMemory", "9007199254740993", 9007199254740993),
        ("totalMemory", "007", "007"),
        ("totalMemory", "9" * 19, "9" * 19),
        ("totalMemory", "2 GB", "2GB"),
        ("isDockerHost", "maybe", "maybe"),
        ("inventedTomorrow", "x", "x"),
    ],
)
def test_values_are_mended(name: str, text: str, expected: object) -> None:
    (found,) = told(**{name: text})
    assert found[name] == expected


def test_what_the_platform_invents_is_passed_on() -> None:
    (found,) = told(listed("gadget", tag("Gadget", tag("size", "3"), tag("kind", "x"))), tag("one", tag("two", "2")))
    assert found["gadget"] == [{"size": 3, "kind": "x"}]
    assert found["one"] == {"two": "2"}


def test_sources_say_what_they_are() -> None:
    cloud = tag("Ec2AssetSourceSimple", leaves({"assetId": 5, "instanceId": "i-1", "monitoringEnabled": "false"}))
    (found,) = told(listed("sourceInfo", tag("AssetSource"), cloud))
    ec2 = {"sourceType": "Ec2AssetSourceSimple", "assetId": 5, "instanceId": "i-1", "monitoringEnabled": False}
    assert found["sourceInfo"] == [{"sourceType": "AssetSource"}, ec2]


def test_an_event_is_one_line_of_ascii() -> None:
    ((event,),) = (
        each.events for each in assets_converted(service_answer(asset(name='a"\u2028\u0085é\nb', os="x\ty")))
    )
    assert event.text.isascii()
    assert len(event.text.splitlines()) == 1
    assert json.loads(event.text)["name"] == 'a"\u2028\u0085é b'
    assert event.time == "1714619045"


@pytest.mark.parametrize(("modified", "time"), [(None, "1672531200"), ("soon", "1672531200"), ("", "1672531200")])
def test_without_a_time_of_its_own_it_bears_that_of_its_creation(modified: object, time: str) -> None:
    (found,) = assets_converted(service_answer(asset(modified=modified)))
    assert (found.moment, found.events[0].time) == ("", time)


@pytest.mark.parametrize("ident", ["", "abc", "-1", "1.0", None])
def test_an_asset_without_a_number_is_left_out(ident: object) -> None:
    with pytest.raises(BadRecord, match="HostAsset"):
        assets_converted(service_answer(asset(id=ident)))


def test_an_asset_that_comes_twice_in_an_answer_is_written_once(tmp_path: Path) -> None:
    """The first counts, and pages that are read again count anew."""
    body = service_answer(asset(TAGS), asset(listed("tags")), asset(id=3043443))
    for _ in range(2):
        lines = written(body, tmp_path, log_asset_tags="1")
        assert [line.count("DMZ") for line in lines] == [1, 1, 0, 0]


def test_what_is_asked() -> None:
    assert params(asset_settings()) == {"limitResults": "100"}
    assert params(asset_settings(asset_page_size="7", asset_tag_filter="12\n 5 \n12")) == {
        "limitResults": "7",
        TAG_IDS: "12,5",
    }
    assert since_params(MODIFIED) == {"updated GREATER": MODIFIED}
    assert since_params("") == {}


def test_names_of_tags_are_asked_for_by_id() -> None:
    assert tag_params(asset_settings(asset_tag_filter="Prod\n\n5, DMZ")) == {WANTED: "Prod\n5, DMZ"}
    held = [_tag(1, "Prod"), _tag(2, "5, DMZ"), _tag(3, "Prod"), _tag(4, "77")]
    assert ids_of("Prod\n5, DMZ", held) == "1,3,2"
    assert ids_of("Prod\n77\n78", held) == "1,3,77,78", "a number is an id, whatever stands beside it"
    with pytest.raises(ConfigError, match="'prod'"):
        ids_of("prod", held)


def _tag(ident: int, name: str) -> Element:
    return fromstring(tag("Tag", leaves({"id": ident, "name": name})))


def test_a_name_that_cannot_be_one_is_refused() -> None:
    with pytest.raises(ConfigError, match="no name of a tag"):
        tags("a\tb")
