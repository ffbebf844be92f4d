"""The asset management API of the Qualys stand-in, and its list of asset groups."""

from __future__ import annotations

import contextlib
import http.client
import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from lxml import etree

from standins.qualys import QualysStandin
from standins.qualys.dirt import KINDS as DIRT
from standins.qualys.faults import KINDS
from support.qualys import Client, paths
from support.recordings import MISSING, SAMPLES, exchanges
from support.web import ask, ids, pages, refusal

ASSETS = "/qps/rest/2.0/search/am/hostasset"
TAGS = "/qps/rest/2.0/search/am/tag"
GROUPS = "/api/2.0/fo/asset/group/"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QualysStandin]:
    with QualysStandin(tmp_path_factory.mktemp("qualys"), hosts=12, findings=3) as standin:
        yield standin


@pytest.fixture
def standin(running: QualysStandin) -> QualysStandin:
    """The same for all, as it was at first."""
    running.faults.set()
    running.dirt.set(())
    running.assets.restore()
    running.population.restore()
    return running


def pulled(client: Client, params: Mapping[str, str]) -> dict[int, dict[str, str]]:
    """Asset id -> what all pages say of it; of one that comes twice, the first."""
    found: dict[int, dict[str, str]] = {}
    for root in pages(client, params, ASSETS):
        for each in root.findall("data/HostAsset"):
            found.setdefault(int(each.findtext("id", "")), paths(each))
    return found


def held(standin: QualysStandin, params: Mapping[str, str]) -> dict[int, dict[str, str]]:
    return {ident: dict(asset.elements) for ident, asset in standin.asset_ledger.expected(params).items()}


@pytest.mark.parametrize("limit", ["1", "5", "100"])
def test_a_pull_brings_what_the_ledger_says(standin: QualysStandin, client: Client, limit: str) -> None:
    assert pulled(client, {"limitResults": limit}) == held(standin, {})
    assert standin.asset_ledger.served.keys() == standin.asset_ledger.expected().keys()


def test_assets_are_of_the_hosts_there_are(standin: QualysStandin) -> None:
    found = standin.asset_ledger.expected()
    assert tuple(asset.host_id for asset in found.values()) == standin.population.ids
    assert list(found) == sorted(found)
    assert {asset.software for asset in found.values()} >= {0, 1500}


@pytest.mark.parametrize(
    "criteria",
    [
        {"id GREATER": "16506460"},
        {"qwebHostId LESSER": "6506490"},
        {"updated GREATER": "2025-10-15T00:00:00Z"},
        {"created LESSER": "2024-01-01"},
        {"tagId IN": "7650001,7650003"},
        {"tagName EQUALS": 'PCI, "in scope"'},
        {"os CONTAINS": "Windows"},
        {"trackingMethod NOT EQUALS": "IP"},
        {"port EQUALS": "443"},
        {"installedSoftware CONTAINS": "Straßen"},
        {"netbiosName CONTAINS": "HOST"},
    ],
    ids=lambda criteria: "&".join(criteria),
)
def test_criteria_choose_as_the_ledger_says(standin: QualysStandin, client: Client, criteria: dict[str, str]) -> None:
    found = pulled(client, {"limitResults": "5", **criteria})
    assert found == held(standin, criteria)
    assert 0 < len(found) < 12
    counted = ask(client, criteria, ASSETS.replace("search", "count")).xml
    assert counted.findtext("count") == str(len(found))


@pytest.mark.parametrize(
    ("criterion", "value"),
    [("tagName IN", "a"), ("updated CONTAINS", "2025"), ("vendor EQUALS", "x"), ("updated GREATER", "now")],
)
def test_wrong_criteria_are_refused(standin: QualysStandin, client: Client, criterion: str, value: str) -> None:
    code, message, _ = refusal(ask(client, {criterion: value}, ASSETS))
    assert (code, message.partition(":")[0]) == ("INVALID_REQUEST", "Criteria")


def test_what_is_processed_again_is_updated(standin: QualysStandin, client: Client) -> None:
    standin.clock.set("2025-12-01T00:00:00Z")
    touched = standin.touch(standin.population.ids[:2])
    found = pulled(client, {"updated GREATER": "2025-11-15T00:00:00Z"})
    assert {int(each["qwebHostId"]) for each in found.values()} == set(touched)


def test_the_last_page_tells_a_last_id_too(standin: QualysStandin, client: Client) -> None:
    root = ask(client, {"limitResults": "100"}, ASSETS).xml
    assert root.findtext("hasMoreRecords") == "false"
    assert root.findtext("lastId") == str(ids(ask(client, {"limitResults": "100"}, ASSETS))[-1])


@pytest.mark.parametrize("kind", [*DIRT, "all"])
def test_dirt_still_describes_the_same_assets(tmp_path: Path, kind: str) -> None:
    with QualysStandin(tmp_path, hosts=6, findings=2, dirt=kind) as standin, Client(standin) as client:
        if kind in ("cut", "all"):
            with pytest.raises(http.client.IncompleteRead):
                ask(client, {}, ASSETS)
        found, expected = pulled(client, {"limitResults": "100"}), held(standin, {})
        assert {ident: _mended(each) for ident, each in found.items()} == {
            ident: _mended(each) for ident, each in expected.items()
        }


def _mended(elements: Mapping[str, str]) -> dict[str, str]:
    return {path: "".join(text.split()) for path, text in elements.items()}


def test_the_quirks_of_the_recordings(standin: QualysStandin, client: Client) -> None:
    standin.dirt.set(["duplicates", "tag_space", "no_value"])
    root = ask(client, {"limitResults": "3"}, ASSETS).xml
    found = root.findall("data/HostAsset")
    assert found[-1].findtext("id") == found[-2].findtext("id")
    assert found[-1].find("tags/list/*") is None
    assert root.findtext("count") != str(len(found))
    assert found[0].findtext("modified", "").startswith("\n")


@pytest.mark.parametrize("path", [ASSETS, TAGS])
@pytest.mark.parametrize("kind", ["invalid_request", "invalid_credentials", "no_permission"])
def test_refusals_come_with_200(standin: QualysStandin, client: Client, kind: str, path: str) -> None:
    standin.faults.set(f"{'tag' if path == TAGS else 'host_asset'}:{kind}")
    assert refusal(ask(client, {}, path))[0] in ("INVALID_REQUEST", "INVALID_CREDENTIALS", "UNAUTHORIZED")
    assert ask(client, {}, path).xml.findtext("responseCode") == "SUCCESS"


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("stall", "slow", "loop", "foreign_next")])
@pytest.mark.parametrize("resource", ["host_asset", "tag", "asset_group"])
def test_every_fault_strikes_once(standin: QualysStandin, kind: str, resource: str) -> None:
    def call(client: Client) -> tuple[int, bytes]:
        if resource == "asset_group":
            reply = client.call(GROUPS, body="action=list")
        else:
            reply = ask(client, {}, TAGS if resource == "tag" else ASSETS)
        return reply.status, reply.body

    with Client(standin) as client:
        true = call(client)
    standin.faults.set(f"{resource}:{kind}")
    with Client(standin) as client, contextlib.suppress(OSError, http.client.HTTPException):
        assert call(client) != true
    with Client(standin) as client:
        assert call(client)[0] == 200


def groups(client: Client, **params: str) -> Iterator[ET.Element]:
    query = {"action": "list", **params}
    while True:
        root = client.call(GROUPS, query).xml
        yield from root.iterfind("RESPONSE/ASSET_GROUP_LIST/ASSET_GROUP")
        url = root.findtext("RESPONSE/WARNING/URL", "")
        if not url:
            return
        query["id_min"] = url.partition("id_min=")[2].partition("&")[0]


def test_tags_and_groups_are_what_the_ledger_says(standin: QualysStandin, client: Client) -> None:
    tags = [each for root in pages(client, {"limitResults": "4"}, TAGS) for each in root.findall("data/Tag")]
    assert {int(each.findtext("id", "")): paths(each) for each in tags} == standin.asset_ledger.tags()
    found = groups(client, show_attributes="ALL", truncation_limit="7")
    assert {int(each.findtext("ID", "")): paths(each) for each in found} == standin.asset_ledger.groups()
    assert {int(each.findtext("ID", "")) for each in groups(client, ids="401-403")} == {401, 402, 403}


def test_tags_and_groups_change(standin: QualysStandin, client: Client) -> None:
    def post(**settings: object) -> dict[str, list[int]]:
        reply = client.call("/_standin/assets", headers={"Authorization": ""}, body=json.dumps(settings))
        assert reply.status == 200, reply.text
        return dict(json.loads(reply.body))

    tags, held_groups = standin.asset_ledger.tags(), standin.asset_ledger.groups()
    first, second = list(tags)[:2]
    (added,) = post(rename_tags=[first], remove_tags=[second], add_tags=1, change_groups=[400])["added"]
    after = standin.asset_ledger.tags()
    assert after.keys() == tags.keys() - {second} | {added}
    assert after[first] != tags[first]
    assert standin.asset_ledger.groups()[400] != held_groups[400]
    counts = json.loads(client.call("/_standin/assets", {"expected": "1"}, method="GET").body)
    assert (counts["assets"], counts["tags"], len(counts["expected"])) == (12, len(after), 12)


@pytest.mark.skipif(not SAMPLES.is_dir(), reason=MISSING)
def test_elements_and_refusals_are_those_of_the_recordings(standin: QualysStandin, client: Client) -> None:
    standin.dirt.set(())
    ours = {path for each in ask(client, {"limitResults": "100"}, ASSETS).xml.iter("HostAsset") for path in _tags(each)}
    for name in ("j1_list-host-assets.xml", "j1_azure-host-assets.xml"):
        for each in etree.parse(str(SAMPLES / "hostasset" / name)).iter("HostAsset"):
            unknown = {path for path in _tags(each) if path not in ours and "AzureAsset" not in path}
            assert unknown <= {"agentInfo/location"}
    (entry,) = exchanges("hostasset/j1_har_iterateHostDetailsBadId.har")
    recorded = ET.fromstring(entry["response"]["content"]["text"])
    reply = ask(client, {"limitResults": "1", "qwebHostId IN": "abc123"}, ASSETS)
    assert [each.text for each in reply.xml.iter()][1:] == [each.text for each in recorded.iter()][1:]


def _tags(element: ET.Element, above: str = "") -> Iterator[str]:
    for child in element:
        path = f"{above}{child.tag}"
        yield path
        yield from _tags(child, f"{path}/")
