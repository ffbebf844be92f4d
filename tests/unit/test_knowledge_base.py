"""A VULN becomes an entry: one text for each column, whatever the platform leaves out or empty."""

from __future__ import annotations

import json

import pytest

from qualys_ta.errors import BadRecord
from qualys_ta.populator.knowledge_base import FEED, event
from qualys_ta.populator.knowledge_tables import COLUMNS, KEPT, SHOWN, TEXTS
from support.core import SINCE, cdata, tag, text
from support.vulns import by_column, entries, kb_answer, kb_settings, listed, row


def test_all_details_are_asked_for_whatever_the_settings() -> None:
    asked = {"action": "list", "details": "All", "show_supported_modules_info": "1"}
    assert FEED.params(kb_settings()) == FEED.params(kb_settings(log_kb_additional_fields="1")) == asked


def test_the_first_pull_is_whole_and_later_ones_look_back_30_days() -> None:
    assert FEED.since_params("") == FEED.since_params(None) == FEED.since_params("1999-01-01T00:00:00Z") == {}
    assert FEED.since_params(SINCE) == {"last_modified_after": "2023-12-02T00:00:00Z"}


@pytest.mark.parametrize("tag_name", ["PATCHABLE", "PCI_FLAG"])
@pytest.mark.parametrize(("said", "kept"), [("1", "YES"), (" 1\n", "YES"), ("0", "NO"), ("", "NO"), (None, "NO")])
def test_flags_are_yes_or_no(tag_name: str, said: object, kept: str) -> None:
    assert by_column(**{tag_name: said})[tag_name] == kept


@pytest.mark.parametrize(
    ("remote", "types", "kept"),
    [
        (tag("REMOTE", "1"), ("Unix", "SNMP"), ("YES", "Unix, SNMP")),
        (tag("REMOTE", "0"), ("\n Windows ",), ("NO", "Windows")),
        (tag("REMOTE", " 1\n"), ("", "Oracle"), ("YES", "Oracle")),
        (tag("REMOTE"), (), ("NO", "")),
        ("", (), ("NO", "")),
    ],
)
def test_how_it_is_found(remote: str, types: tuple[str, ...], kept: tuple[str, str]) -> None:
    logins = tag("AUTH_TYPE_LIST", *(tag("AUTH_TYPE", name) for name in types))
    found = by_column(tag("DISCOVERY", remote, logins))
    assert (found["DISCOVERY_REMOTE"], found["AUTHENTICATION"]) == kept
    assert by_column(tag("DISCOVERY", remote))["AUTHENTICATION"] == ""


@pytest.mark.parametrize(
    ("idents", "kept"),
    [
        (("CVE-2014-0160",), "CVE-2014-0160"),
        (("CVE-2014-0160", "CVE-2021-3", "CVE-2014-0346"), "CVE-2021-3, CVE-2014-0346, CVE-2014-0160"),
        (("CVE-2020-9999", "CVE-2020-10227"), "CVE-2020-10227, CVE-2020-9999"),
        (("CVE-1999-0001", "CVE-2001-0002", "CVE-1999-0001"), "CVE-2001-0002, CVE-1999-0001"),
        (("CAN-2003-1", "CVE-1999-0001", "x"), "CVE-1999-0001, CAN-2003-1, x"),
        (("", "\n", "CVE-2014-0160"), "CVE-2014-0160"),
        (("\n  CVE-2014-0160\n", " cve-2021-3\n"), "cve-2021-3, CVE-2014-0160"),
        (("",), ""),
        ((), ""),
    ],
)
def test_cves_are_the_newest_first_each_once_and_none_empty(idents: tuple[str, ...], kept: str) -> None:
    assert by_column(listed("CVE", *idents))["CVE"] == kept


def test_cve_without_url_and_list_without_anything() -> None:
    assert by_column(tag("CVE_LIST", tag("CVE", tag("ID", "CVE-2014-0160"))))["CVE"] == "CVE-2014-0160"
    assert by_column(tag("CVE_LIST", tag("CVE")), tag("VENDOR_REFERENCE_LIST"), tag("BUGTRAQ_LIST"))["CVE"] == ""


def test_references_keep_their_order_and_the_first_page_is_the_url() -> None:
    references = tag(
        "VENDOR_REFERENCE_LIST",
        tag("VENDOR_REFERENCE", tag("ID", "MS14-017"), tag("URL", "https://v.example/?a=1&amp;b=2")),
        tag("VENDOR_REFERENCE", tag("ID", "KB2953095"), tag("URL", "https://other.example")),
    )
    found = by_column(references, listed("BUGTRAQ", "66690", "", "1881"))
    assert found["VENDOR_REFERENCE"] == "MS14-017, KB2953095"
    assert (found["URL"], found["BUGTRAQ_IDS"]) == ("https://v.example/?a=1&b=2", "66690, 1881")


SOURCE = tag("SRC_NAME", cdata("seebug"))
EMPTY = tag("EXPLT", tag("REF", cdata("")), tag("DESC", cdata("")), tag("LINK"))


@pytest.mark.parametrize(
    ("correlation", "exploit", "malware"),
    [
        (tag("EXPLOITS", tag("EXPLT_SRC", SOURCE, tag("EXPLT_LIST", tag("EXPLT", tag("REF", "1"))))), "YES", "NO"),
        (tag("EXPLOITS", tag("EXPLT_SRC", tag("EXPLT_LIST", tag("EXPLT", tag("DESC", "x"))))), "YES", "NO"),
        (tag("EXPLOITS", tag("EXPLT_SRC", SOURCE)), "YES", "NO"),
        (tag("EXPLOITS", tag("EXPLT_SRC", tag("EXPLT_LIST", EMPTY, tag("EXPLT")))), "NO", "NO"),
        (tag("EXPLOITS"), "NO", "NO"),
        (tag("MALWARE", tag("MW_SRC", tag("MW_LIST", tag("MW_INFO", tag("MW_ID", "TROJAN_1"))))), "NO", "YES"),
        (tag("EXPLOITS", tag("EXPLT_SRC", SOURCE)) + tag("MALWARE", "\n  "), "YES", "NO"),
        ("", "NO", "NO"),
    ],
)
def test_exploits_and_malware_are_there_where_anything_is_said(correlation: str, exploit: str, malware: str) -> None:
    found = by_column(tag("CORRELATION", correlation))
    assert (found["EXPLOIT"], found["MALWARE"]) == (exploit, malware)


def test_threats_by_number_and_by_word() -> None:
    threats = tag("THREAT_INTEL", cdata("Exploit_Public"), id="2"), tag("THREAT_INTEL", cdata("No_Patch"), id="8")
    found = by_column(tag("THREAT_INTELLIGENCE", *threats, tag("THREAT_INTEL")))
    assert (found["THREAT_INTEL_IDS"], found["THREAT_INTEL_VALUES"]) == ("2, 8", "Exploit_Public, No_Patch")


def test_scores_are_kept_as_the_platform_writes_them() -> None:
    old = tag(
        "CVSS", tag("BASE", "7.5", source="service"), tag("TEMPORAL", "5.5"), tag("VECTOR_STRING", "CVSS:2.0/AV:N")
    )
    new = tag("CVSS_V3", tag("BASE", "-"), tag("TEMPORAL"))
    found = by_column(old, new)
    assert [found[f"CVSS_{name}"] for name in ("BASE", "TEMPORAL", "VECTOR_STRING")] == ["7.5", "5.5", "CVSS:2.0/AV:N"]
    assert [found[f"CVSS_V3_{name}"] for name in ("BASE", "TEMPORAL", "VECTOR_STRING")] == ["-", "", ""]


def test_short_texts_lie_on_one_line_and_hold_no_double_quotes() -> None:
    found = by_column(TITLE='\n\tQuoted "title"\r\nin\ttwo lines ', CATEGORY=' "Web" ', SUPPORTED_MODULES="VM, CA\n")
    assert (found["TITLE"], found["CATEGORY"]) == ("Quoted 'title'  in two lines", "'Web'")
    assert found["SUPPORTED_MODULES"] == "VM, CA"


TOLD = {name: f'\n <P>{name} "of it"\n\tsecond line<BR> ' for name in TEXTS}


def test_long_texts_keep_their_lines_and_are_kept_only_if_asked_for() -> None:
    kept = by_column(texts=True, **TOLD)
    assert [kept[name] for name in TEXTS] == [f"<P>{name} 'of it'\n\tsecond line<BR>" for name in TEXTS]
    assert [by_column(texts=False, **TOLD)[name] for name in TEXTS] == [""] * len(TEXTS)


def test_an_entry_that_says_its_qid_only_and_one_that_says_nothing_in_every_element() -> None:
    bare = tag("VULN", tag("QID", "7"))
    tags = ("TITLE", "CVE_LIST", "CORRELATION", "CVSS", "CVSS_V3", "DISCOVERY", "THREAT_INTELLIGENCE", *TEXTS)
    hollow = tag("VULN", tag("QID", "7"), *(f"<{name} />" for name in tags), tag("TECHNOLOGY", "new in 3.0"))
    expected = row("7", SEVERITY="", TITLE="", CATEGORY="", **dict.fromkeys(FLAGS, "NO"))
    assert entries(kb_answer(bare, hollow), log_kb_additional_fields="1") == [expected, expected]


FLAGS = ("PATCHABLE", "PCI_FLAG", "DISCOVERY_REMOTE", "EXPLOIT", "MALWARE")


@pytest.mark.parametrize("said", ["38170", "\n      38170\n    ", "38\n170"])
def test_a_qid_may_be_broken_over_lines(said: str) -> None:
    assert by_column(QID=said)["QID"] == "38170"


@pytest.mark.parametrize("said", ["", "x", "-5", "3.5", "٣", "1" * 10, None])
def test_an_entry_without_a_number_is_a_bad_record(said: object) -> None:
    with pytest.raises(BadRecord, match="a VULN whose QID is"):
        by_column(QID=said)


MODIFIED, PUBLISHED = "2024-03-02T01:00:00Z", "2004-02-03T08:00:00Z"


@pytest.mark.parametrize(
    ("modified", "published", "time"),
    [
        (MODIFIED, PUBLISHED, "1709341200"),
        ("", PUBLISHED, "1075795200"),
        ("soon", PUBLISHED, "1075795200"),
        ("", "", ""),
    ],
)
def test_an_event_happened_when_the_entry_changed_else_when_it_was_published(
    modified: str, published: str, time: str
) -> None:
    entry = row("7", LAST_SERVICE_MODIFICATION_DATETIME=modified, PUBLISHED_DATETIME=published)
    assert event(entry, with_texts=False).time == time


@pytest.mark.parametrize("with_texts", [False, True])
def test_an_event_is_one_json_object_with_the_columns_of_the_lookup(with_texts: bool) -> None:
    entry = row("7", TITLE="é \\ ' \u2028", CVE="CVE-2, CVE-1", URL="https://x", DIAGNOSIS="one\ntwo")
    told = json.loads(event(entry, with_texts).text)
    kept = dict(zip(KEPT, entry))
    assert list(told.items()) == [(name, kept[name]) for name in (COLUMNS if with_texts else SHOWN)]
    assert "\n" not in event(entry, with_texts).text


def test_text_of_any_kind_of_markup_is_the_same() -> None:
    assert by_column(tag("TITLE", cdata("a < b & c")), TITLE=None)["TITLE"] == "a < b & c"
    assert by_column(tag("TITLE", text("a < b & c")), TITLE=None)["TITLE"] == "a < b & c"
