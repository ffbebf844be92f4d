"""Search lists of the Qualys stand-in: made, listed, changed, deleted, and heeded by the detections."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

import pytest

from standins.qualys import QualysStandin
from support.qualys import DETECTION, HOST_LIST, Client, Reply, pulled

DYNAMIC, STATIC = (f"/api/2.0/fo/qid/search_list/{kind}/" for kind in ("dynamic", "static"))
WHITEPAPER = {
    "title": "JIRA Integration Dynamic Ticket Criteria",
    "global": "1",
    "comments": "JIRA Integration",
    "confirmed_severities": "4,5",
    "patch_available": "1",
}


@pytest.fixture(scope="module")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QualysStandin]:
    with QualysStandin(tmp_path_factory.mktemp("qualys"), hosts=40, findings=12, seed=7) as running:
        yield running


@pytest.fixture
def client(standin: QualysStandin) -> Iterator[Client]:
    standin.search_lists.restore()
    with Client(standin) as connected:
        yield connected


def act(client: Client, action: str, **params: str) -> Reply:
    return client.call(DYNAMIC, {"action": action, **params})


def made(reply: Reply) -> str:
    """The ID that a SIMPLE_RETURN names."""
    assert (reply.status, reply.code) == (200, "")
    assert reply.xml.findtext("RESPONSE/ITEM_LIST/ITEM/KEY") == "ID"
    return str(reply.xml.findtext("RESPONSE/ITEM_LIST/ITEM/VALUE"))


def listed(client: Client, path: str = DYNAMIC, **params: str) -> dict[str, Element]:
    """Title -> the list."""
    found = client.call(path, {"action": "list", **params}).xml.iterfind("RESPONSE/*/*")
    return {str(each.findtext("TITLE")): each for each in found}


def qids_in(found: Element) -> set[int]:
    return {int(qid.text or "") for qid in found.iterfind("QIDS/QID")}


def test_the_list_of_the_whitepaper(standin: QualysStandin, client: Client) -> None:
    number = made(act(client, "create", **WHITEPAPER))
    found = listed(client, show_qids="1")[WHITEPAPER["title"]]
    told = {name: found.findtext(name) for name in ("ID", "GLOBAL", "COMMENTS")}
    assert told == {"ID": number, "GLOBAL": "Yes", "COMMENTS": "JIRA Integration"}
    assert {each.tag: each.text for each in found.iterfind("CRITERIA/*")} == {
        "CONFIRMED_SEVERITY": "4,5",
        "PATCH_AVAILABLE": "1",
    }
    expected = {
        entry.qid
        for entry in standin.knowledge.entries()
        if entry.patchable and entry.severity >= 4 and entry.type.startswith("Vulnerability")
    }
    assert qids_in(found) == expected
    assert expected


def test_what_changes_and_what_goes(client: Client) -> None:
    number = made(act(client, "create", **WHITEPAPER))
    assert made(act(client, "update", id=number, title="Renamed", potential_severities="5")) == number
    found = listed(client)["Renamed"]
    assert {each.tag for each in found.iterfind("CRITERIA/*")} == {
        "CONFIRMED_SEVERITY",
        "POTENTIAL_SEVERITY",
        "PATCH_AVAILABLE",
    }
    assert made(act(client, "delete", id=number)) == number
    assert "Renamed" not in listed(client)


def test_lists_by_id_and_static_ones(client: Client) -> None:
    dynamic, static = listed(client), listed(client, STATIC, show_qids="1")
    assert (len(dynamic), len(static)) == (2, 2)
    assert all(qids_in(found) and found.find("CRITERIA") is None for found in static.values())
    assert not qids_in(next(iter(dynamic.values())))
    one = next(iter(dynamic))
    assert list(listed(client, ids=str(dynamic[one].findtext("ID")))) == [one]
    assert client.call(DYNAMIC, {"action": "list", "ids": "5"}).xml.find("RESPONSE/DYNAMIC_LISTS") is None


@pytest.mark.parametrize(
    ("params", "code", "words"),
    [
        ({}, "1903", "action"),
        ({"action": "make"}, "1905", "action"),
        ({"action": "create", "patch_available": "1"}, "1903", "title"),
        ({"action": "create", "title": "x"}, "1922", "confirmed_severities"),
        ({"action": "create", "title": "x", "color": "red"}, "1901", "color"),
        ({"action": "create", "title": "x", "patch_available": "yes"}, "1905", "patch_available"),
        ({"action": "create", "title": "ü", "patch_available": "1"}, "1905", "ASCII"),
        ({"action": "create", "title": "x" * 257, "patch_available": "1"}, "1905", "256"),
        ({"action": "create", "title": "Urgent & patchable", "patch_available": "1"}, "1905", "exists"),
        ({"action": "create", "title": "x", "cvss_base": "7"}, "1903", "cvss_base_operand"),
        ({"action": "update", "title": "x"}, "1903", "id"),
        ({"action": "update", "id": "381202", "title": "x"}, "1905", "no dynamic search list"),
        ({"action": "delete", "id": "1"}, "1905", "no dynamic search list"),
    ],
)
def test_what_is_refused(client: Client, params: dict[str, str], code: str, words: str) -> None:
    reply = client.call(DYNAMIC, params)
    assert (reply.status, reply.code) == (400, code)
    assert words in reply.text


def test_nothing_is_changed_by_a_get(client: Client) -> None:
    reply = client.call(DYNAMIC, {"action": "delete", "id": "381200"}, method="GET")
    assert (reply.status, reply.code) == (400, "1908")
    assert len(listed(client)) == 2


def test_detections_heed_search_lists(standin: QualysStandin, client: Client) -> None:
    first, second = (standin.search_lists.by_title(title) for title in ("Urgent & patchable", "Accepted risks"))
    assert first
    assert second
    wanted, unwanted = standin.search_lists.qids(first), standin.search_lists.qids(second)

    def qids(**params: str) -> set[int]:
        found = pulled(client.pages(show_igs="1", **params)).values()
        return {int(finding["QID"]) for host in found for finding in host.findings.values()}

    everything = qids()
    assert qids(include_search_list_titles=first.title) == everything & wanted
    assert qids(include_search_list_ids=str(first.id)) == everything & wanted
    assert qids(exclude_search_list_titles=second.title) == everything - unwanted
    both = qids(include_search_list_ids=f"{first.id},{second.id}", exclude_search_list_ids=str(first.id))
    assert both == everything & (unwanted - wanted)
    assert len({len(everything), len(everything & wanted), len(everything - unwanted), len(both)}) == 4


@pytest.mark.parametrize(
    ("params", "code", "words"),
    [
        ({"include_search_list_titles": "Urgent"}, "1905", "search list not found"),
        ({"exclude_search_list_ids": "7"}, "1905", "search list not found"),
        ({"include_search_list_ids": "Urgent"}, "1905", "not a positive integer"),
        ({"include_search_list_ids": "381200", "include_search_list_titles": "x"}, "1904", "only one"),
        ({"ag_titles": "Nobody's"}, "1905", "asset group not found"),
        ({"ag_titles": "All of site 400", "ag_ids": "400"}, "1904", "only one"),
    ],
)
def test_what_does_not_exist_is_refused(client: Client, params: dict[str, str], code: str, words: str) -> None:
    paths = (DETECTION, HOST_LIST) if "ag_titles" in params else (DETECTION,)
    for path in paths:
        reply = client.call(path, {"action": "list", **params})
        assert (reply.status, reply.code) == (400, code)
        assert words in reply.text


def test_a_tag_is_looked_for_by_what_the_call_says(standin: QualysStandin) -> None:
    tag = next(tag for host in standin.population.hosts() for tag in host.tags)
    asked = {"show_igs": "1", "use_tags": "1"}
    by_name = standin.ledger.expected({**asked, "tag_set_by": "name", "tag_set_include": tag.name})
    assert by_name.keys() == standin.ledger.expected({**asked, "tag_set_include": str(tag.id)}).keys()
    assert by_name
    assert not standin.ledger.expected({**asked, "tag_set_by": "name", "tag_set_include": str(tag.id)})
    assert not standin.ledger.expected({**asked, "tag_set_include": tag.name})
