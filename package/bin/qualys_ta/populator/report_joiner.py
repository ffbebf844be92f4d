"""A host of a report together with what the glossary says of its findings: one event for each finding.

The parts of an event are encoded once, those of a QID and of a host as well, and put together as texts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, Optional
from xml.etree.ElementTree import Element

from ..errors import BadRecord
from ..feed import Conversion, Glossary
from ..model import SEPARATOR, Converted, Events
from ..times import epoch
from .jsontext import event_text, text
from .report_record import RESULT, details, finding, host, key_of, parted

HOST, RISK, DETAILS = "HOST", "HOSTS", "VULN_DETAILS"
GENERATED, TEMPLATE = "HEADER/GENERATION_DATETIME", "HEADER/TEMPLATE"
FILE = "file"
"""Parameter of a request for a report on this server's disk: its name."""

_SHARED = "risk"


Kept = tuple[Any, ...]
"""Of a host: its number, its key, its part of the events, and for each finding its key, its time and parts."""


class ReportJoiner:
    """The `Joiner` of one report."""

    def __init__(self, conversion: Conversion, glossary: Glossary) -> None:
        self._glossary = glossary
        self._before = conversion.before
        self._number, self._file = (conversion.asked.get(name, "") for name in ("id", FILE))
        self._with_results = bool(conversion.settings["report_results"])
        self._with_details = bool(conversion.settings["report_details"])
        self._start: Optional[str] = None
        self._generated = ""

    def keep(self, elements: Sequence[Element], _owner: str) -> Optional[list[Kept]]:
        kept = []
        for element in elements:
            if element.tag == HOST:
                kept.append(self._host(element))
            elif element.tag == DETAILS:
                self._explain(element)
            elif element.tag == RISK:
                self._rate(element)
        return kept or None

    def records(self, kept: list[Kept]) -> list[Kept]:
        return kept

    def _host(self, element: Element) -> Kept:
        if self._start is None:
            self._head()
        error = element.find("ERROR")
        if error is not None:
            return (-1, (text(error) or "")[:80], "", ())
        told = host(element)
        address = str(told.get("ip", ""))
        network = str(told.get("network_id", ""))
        record = told.get("host_id")
        if not (address or told.get("dns") or isinstance(record, int)):
            return (-1, "", "", ())
        ident = record if isinstance(record, int) else _ident(f"{network} {address} {told.get('dns', '')}")
        found = tuple(self._finding(each) for each in element.iterfind("VULN_INFO_LIST/VULN_INFO") if len(each))
        return (ident, f"{_SHARED} {network} {address}", _members(told), found)

    def _finding(self, element: Element) -> tuple[str, str, str, str]:
        told = finding(element) or {}
        result = told.pop(RESULT, None)
        qid = element.find("QID")
        key = "" if qid is None else key_of(qid)
        shown = {RESULT: result} if result and self._with_results else {}
        return key, str(told.get("last_found", "")), _members(told), _members(shown)

    def converted(self, kept: Kept) -> Converted:
        """Raises BadRecord for what the platform could not report on, or what is no host."""
        record, key, of_host, found = kept
        if record < 0:
            raise BadRecord(f"a HOST with an error: {key}" if key else "a HOST without address, name and number")
        (risk,) = self._glossary.get(key) or ("",)
        start = f"{self._start}{of_host}{risk}"[1:]
        texts, times, latest = [], [], ""
        for name, seen, of_finding, result in found:
            short, long = self._glossary.get(name) or ("", "")
            texts.append(f"{{{start}{of_finding}{short}{long}{result}}}")
            times.append(epoch(seen) or epoch(self._generated))
            latest = max(latest, seen)
        return Converted(record, latest, Events(times, SEPARATOR.join(texts)))

    def _head(self) -> None:
        """What stands at the top of the report, known once the first host is."""
        self._generated = self._before(GENERATED)
        told = {
            "report_template": self._before(TEMPLATE),
            "report_id": int(self._number) if self._number.isdecimal() else None,
            "report_file": self._file,
        }
        more = {name: value for name, value in told.items() if value}
        self._start = _members({"report_generated": self._generated, **more})

    def _explain(self, element: Element) -> None:
        short, long = parted(details(element), self._with_details)
        self._glossary.put(element.get("id", "").strip(), (_members(short), _members(long)))

    def _rate(self, element: Element) -> None:
        """RISK_SCORE_PER_HOST stands before the hosts."""
        address = element.find("IP_ADDRESS")
        risk = element.find("SECURITY_RISK")
        if address is None or risk is None:
            return
        told = {"security_risk": text(risk)}
        name = f"{_SHARED} {address.get('network_id', '').strip()} {text(address) or ''}"
        self._glossary.put(name, (_members(told) if told["security_risk"] else "",))


def _members(told: dict[str, Any]) -> str:
    """The members of an object as text, each behind a comma."""
    return f",{event_text(told)[1:-1]}" if told else ""


def _ident(name: str) -> int:
    """A number of a host that the report gives none: the same in each report."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big") >> 1
