"""The knowledge base as tables: the columns that are kept, and the three CSV lookups made of them.

`qualys_kb.csv` has the columns and the order of the vendor's add-on 1.10.8. Splunk's calculated fields cannot see what
a lookup brings, so what the CIM needs is worked out here, into the slim `qualys_kb_cim.csv`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache, partial
from operator import itemgetter
from typing import Callable

from ..model import Entry, Table

TEXTS = ("DIAGNOSIS", "CONSEQUENCE", "SOLUTION")
COLUMNS = (
    *("QID", "SEVERITY", "VULN_TYPE", "PATCHABLE", "PCI_FLAG", "TITLE", "CATEGORY"),
    *("PUBLISHED_DATETIME", "LAST_SERVICE_MODIFICATION_DATETIME"),
    *("AUTHENTICATION", "DISCOVERY_REMOTE", "SUPPORTED_MODULES"),
    *("CVSS_BASE", "CVSS_TEMPORAL", "CVSS_VECTOR_STRING"),
    *("CVSS_V3_BASE", "CVSS_V3_TEMPORAL", "CVSS_V3_VECTOR_STRING"),
    *("CVE", "VENDOR_REFERENCE", "THREAT_INTEL_IDS", "THREAT_INTEL_VALUES", "BUGTRAQ_IDS"),
    *("EXPLOIT", "MALWARE"),
    *TEXTS,
)
"""What people see, in the order of the CSV; the texts by option."""

SHOWN = COLUMNS[: -len(TEXTS)]
KEPT = (*SHOWN, "URL", *TEXTS)
"""What the store holds of a QID. URL is the vendor's page on it."""

LIST_SEPARATOR = ", "

CIM_COLUMNS = (
    *("QID", "signature", "category", "severity_id", "severity", "vendor_severity", "cvss"),
    *("bugtraq", "mskb", "msft", "url", "xref"),
)
CVE_COLUMNS = ("QID", "cve")

_SEVERITIES = {
    "1": ("informational", "Minimal"),
    "2": ("low", "Medium"),
    "3": ("medium", "Serious"),
    "4": ("high", "Critical"),
    "5": ("critical", "Urgent"),
}
"""Qualys' severity -> the CIM's, and Qualys' word for it; the same as in qualys_severity.csv."""

_MSKB = re.compile(r"KB\d+", re.ASCII)
_MSFT = re.compile(r"MS\d\d-\d+", re.ASCII)
_SCORE = re.compile(r"\d{1,2}(?:\.\d+)?", re.ASCII)


def fetched(with_texts: bool) -> tuple[str, ...]:
    """The columns of the entries that the tables are made of."""
    return KEPT if with_texts else (*SHOWN, "URL")


def tables(with_texts: bool) -> dict[str, Table]:
    """File name -> table."""
    columns = fetched(with_texts)
    header = tuple(name for name in columns if name != "URL")
    return {
        "qualys_kb.csv": Table(header, partial(map, _picker(columns, header))),
        "qualys_kb_cim.csv": Table(CIM_COLUMNS, partial(map, _cim_row)),
        "qualys_kb_cve.csv": Table(CVE_COLUMNS, _cve_rows),
    }


def _picker(columns: tuple[str, ...], wanted: tuple[str, ...]) -> Callable[[Entry], Entry]:
    return itemgetter(*map(columns.index, wanted))


_for_cim = _picker(
    KEPT,
    (
        *("QID", "TITLE", "CATEGORY", "SEVERITY", "CVSS_V3_BASE", "CVSS_BASE"),
        *("BUGTRAQ_IDS", "VENDOR_REFERENCE", "URL"),
    ),
)
_for_cve = _picker(KEPT, ("QID", "CVE"))


def _cim_row(entry: Entry) -> Entry:
    qid, title, category, severity_id, cvss3, cvss2, bugtraq, references, url = _for_cim(entry)
    severity, word = _SEVERITIES.get(severity_id, ("", ""))
    ids = references.split(LIST_SEPARATOR) if references else ()
    return (
        *(qid, title or f"QID {qid}", category, severity_id, severity, word, best_score(cvss3, cvss2), bugtraq),
        LIST_SEPARATOR.join([known for known in ids if _MSKB.fullmatch(known)]),
        LIST_SEPARATOR.join([known for known in ids if _MSFT.fullmatch(known)]),
        url,
        references,
    )


@lru_cache(maxsize=4096)
def best_score(*scores: str) -> str:
    """The first that says something: the platform writes ``-`` and 0 for "no score". "" where none is a number."""
    numbers = [score for score in scores if _SCORE.fullmatch(score)]
    return next((number for number in numbers if float(number)), numbers[0] if numbers else "")


def _cve_rows(entries: Iterable[Entry]) -> Iterator[Entry]:
    for qid, cves in map(_for_cve, entries):
        for cve in cves.split(LIST_SEPARATOR) if cves else ():
            yield qid, cve
