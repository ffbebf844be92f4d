"""The three lookups: columns, scores, references, and a row for each CVE."""

from __future__ import annotations

import pytest

from qualys_ta.populator.knowledge_tables import CVE_COLUMNS, KEPT, TEXTS, fetched, tables
from support.vulns import row, table_rows

VENDORS = (
    *("QID", "SEVERITY", "VULN_TYPE", "PATCHABLE", "PCI_FLAG", "TITLE", "CATEGORY", "PUBLISHED_DATETIME"),
    *("LAST_SERVICE_MODIFICATION_DATETIME", "AUTHENTICATION", "DISCOVERY_REMOTE", "SUPPORTED_MODULES"),
    *("CVSS_BASE", "CVSS_TEMPORAL", "CVSS_VECTOR_STRING"),
    *("CVSS_V3_BASE", "CVSS_V3_TEMPORAL", "CVSS_V3_VECTOR_STRING"),
    *("CVE", "VENDOR_REFERENCE", "THREAT_INTEL_IDS", "THREAT_INTEL_VALUES", "BUGTRAQ_IDS"),
)
"""Columns and order of the vendor's add-on 1.10.8; searches that people have name them."""
CIM, CVES = "qualys_kb_cim.csv", "qualys_kb_cve.csv"


def cim(**columns: str) -> dict[str, str]:
    (found,) = table_rows(CIM, [row("7", **columns)])
    return found


def test_columns_are_the_vendors_with_ours_behind_and_the_texts_last() -> None:
    assert tables(with_texts=False)["qualys_kb.csv"].header == (*VENDORS, "EXPLOIT", "MALWARE")
    assert tables(with_texts=True)["qualys_kb.csv"].header == (*VENDORS, "EXPLOIT", "MALWARE", *TEXTS)


@pytest.mark.parametrize("with_texts", [False, True])
def test_every_column_holds_what_the_store_holds_under_its_name(with_texts: bool) -> None:
    entry = row("7", **{column: f"<{column}>" for column in KEPT if column != "QID"})
    (found,) = table_rows("qualys_kb.csv", [entry], with_texts)
    assert found == {column: "7" if column == "QID" else f"<{column}>" for column in found}


def test_the_slim_tables_are_the_same_with_and_without_texts() -> None:
    entries = [row("7", CVE="CVE-2, CVE-1", CVSS_BASE="5", URL="u", DIAGNOSIS="d"), row("8")]
    for name in (CIM, CVES):
        assert table_rows(name, entries, with_texts=True) == table_rows(name, entries)
        assert tables(with_texts=True)[name].header == tables(with_texts=False)[name].header
    assert set(fetched(with_texts=False)) == set(KEPT) - set(TEXTS)


@pytest.mark.parametrize(
    ("cvss3", "cvss2", "chosen"),
    [
        ("9.8", "7.5", "9.8"),
        ("", "7.5", "7.5"),
        ("-", "7.5", "7.5"),
        ("0", "7.5", "7.5"),
        ("0.0", "7.5", "7.5"),
        ("9.8", "-", "9.8"),
        ("10", "0", "10"),
        ("0", "0.0", "0"),
        ("0", "-", "0"),
        ("-", "0", "0"),
        ("-", "-", ""),
        ("", "", ""),
        ("N/A", "٣", ""),
        ("high", "4.3", "4.3"),
        ("nan", "inf", ""),
        ("1e9", "-1", ""),
    ],
)
def test_the_score_is_version_3_first_and_a_number_that_says_something(cvss3: str, cvss2: str, chosen: str) -> None:
    assert cim(CVSS_V3_BASE=cvss3, CVSS_BASE=cvss2)["cvss"] == chosen


@pytest.mark.parametrize(
    ("references", "mskb", "msft"),
    [
        ("", "", ""),
        ("MS14-017, KB2953095", "KB2953095", "MS14-017"),
        ("KB1, MS08-067, KB2, MS09-001", "KB1, KB2", "MS08-067, MS09-001"),
        ("RHSA-2014:0376, KBase 5, MS-DEFCON, xKB5, MS14", "", ""),
    ],
)
def test_microsofts_numbers_have_columns_of_their_own(references: str, mskb: str, msft: str) -> None:
    found = cim(VENDOR_REFERENCE=references, BUGTRAQ_IDS="66690", URL="https://v.example")
    assert (found["mskb"], found["msft"], found["xref"]) == (mskb, msft, references)
    assert (found["bugtraq"], found["url"]) == ("66690", "https://v.example")


def test_an_entry_without_a_title_is_called_by_its_qid() -> None:
    assert (cim(TITLE="")["signature"], cim(TITLE="Heartbleed")["signature"]) == ("QID 7", "Heartbleed")


SEVERITIES = {
    "1": ("informational", "Minimal"),
    "2": ("low", "Medium"),
    "3": ("medium", "Serious"),
    "4": ("high", "Critical"),
    "5": ("critical", "Urgent"),
    "6": ("", ""),
    "": ("", ""),
}


@pytest.mark.parametrize("severity", SEVERITIES)
def test_severity_in_the_words_of_the_cim_and_of_the_vendor(severity: str) -> None:
    found = cim(SEVERITY=severity)
    assert found["severity_id"] == severity
    assert (found["severity"], found["vendor_severity"]) == SEVERITIES[severity]


def test_a_row_for_each_cve_and_none_for_an_entry_without() -> None:
    entries = [row("1", CVE="CVE-2, CVE-1"), row("2"), row("3", CVE="CVE-2")]
    found = [tuple(found.values()) for found in table_rows(CVES, entries)]
    assert found == [("1", "CVE-2"), ("1", "CVE-1"), ("3", "CVE-2")]
    assert CVE_COLUMNS == ("QID", "cve")
