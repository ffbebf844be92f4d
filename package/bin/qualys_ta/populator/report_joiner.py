"""A host of a report together with what the glossary says of its findings: one event for each finding.

The parts of an event are encoded once, those of a QID and of a host as well, and put together as texts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import repeat
from typing import Optional
from xml.etree.ElementTree import Element

from ..errors import BadRecord
from ..feed import Conversion, Glossary
from ..model import SEPARATOR as RECORDS
from ..model import Converted, Events
from ..times import epoch
from .jsontext import LONGEST, text
from .keyvalue import SEPARATOR
from .report_record import PARTS, FindingReader, details, host, members

HOST, RISK, DETAILS = "HOST", "HOSTS", "VULN_DETAILS"
GENERATED, TEMPLATE = "HEADER/GENERATION_DATETIME", "HEADER/TEMPLATE"
FILE = "file"
"""Parameter of a request for a report on this server's disk: its name."""

_SHARED = "risk"

Kept = tuple[int, str, str, str, list[str], str]
"""Of a host: its number, its key, its part of the events, when it was seen last; of its findings: their times, and what
a `FindingReader` told of them, joined by `SEPARATOR`."""

_UNKNOWN = ("",)
_NO_FINDINGS: tuple[str, list[str], str] = ("", [], "")


class ReportJoiner:
    """The `Joiner` of one report."""

    def __init__(self, conversion: Conversion, glossary: Glossary) -> None:
        self._glossary = glossary
        self._before = conversion.before
        self._number, self._file = (conversion.asked.get(name, "") for name in ("id", FILE))
        self._with_results = bool(conversion.settings["report_results"])
        self._with_details = bool(conversion.settings["report_details"])
        self._start: Optional[str] = None
        self._otherwise = ""
        self._reader = FindingReader()

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
            return (-1, (text(error) or "")[:80], "", *_NO_FINDINGS)
        told = host(element)
        address = str(told.get("ip", ""))
        network = str(told.get("network_id", ""))
        record = told.get("host_id")
        if not (address or told.get("dns") or isinstance(record, int)):
            return (-1, "", "", *_NO_FINDINGS)
        ident = record if isinstance(record, int) else _ident(f"{network} {address} {told.get('dns', '')}")
        return (ident, f"{_SHARED} {network} {address}", members(told), *self._findings(element))

    def _findings(self, element: Element) -> tuple[str, list[str], str]:
        """What is kept of the findings of a host."""
        found = [each for several in element.findall("VULN_INFO_LIST") for each in several.findall("VULN_INFO")]
        last, told = self._reader.read(filter(len, found))  # those that say something
        moments = {seen: (seen or "").strip() for seen in set(last)}
        times = {seen: epoch(moment) or self._otherwise for seen, moment in moments.items()}
        return max(moments.values(), default=""), [times[seen] for seen in last], SEPARATOR.join(told)

    def converted(self, kept: Kept) -> Converted:
        """Raises BadRecord for what the platform could not report on, what is no host, or could not be held."""
        record, key, of_host, latest, times, joined = kept
        if record < 0:
            raise BadRecord(f"a HOST with an error: {key}" if key else "a HOST without address, name and number")
        if not times:
            return Converted(record, latest, Events())
        explained = self._glossary.get
        (risk,) = explained(key) or _UNKNOWN
        start = "{" + f"{self._start}{of_host}{risk}"[1:]
        told = joined.split(SEPARATOR)
        known = [(explained(key) or _UNKNOWN)[0] for key in told[::PARTS]]
        if sum(map(len, known)) + len(start) * len(known) > LONGEST:
            raise BadRecord(f"a HOST whose findings are longer than {LONGEST} characters with what explains them")
        results = told[2::PARTS] if self._with_results else repeat("")
        texts = [f"{start}{own}{what}{result}}}" for own, what, result in zip(told[1::PARTS], known, results)]
        return Converted(record, latest, Events(times, RECORDS.join(texts)))

    def _head(self) -> None:
        """What stands at the top of the report, known once the first host is."""
        generated = self._before(GENERATED)
        self._otherwise = epoch(generated)
        told = {
            "report_template": self._before(TEMPLATE),
            "report_id": int(self._number) if self._number.isdecimal() else None,
            "report_file": self._file,
        }
        more = {name: value for name, value in told.items() if value}
        self._start = members({"report_generated": generated, **more})

    def _explain(self, element: Element) -> None:
        told = details(element, self._with_details)
        self._glossary.put(element.get("id", "").strip(), (members(told),))

    def _rate(self, element: Element) -> None:
        """RISK_SCORE_PER_HOST stands before the hosts."""
        address = element.find("IP_ADDRESS")
        risk = element.find("SECURITY_RISK")
        if address is None or risk is None:
            return
        told = {"security_risk": text(risk)}
        name = f"{_SHARED} {address.get('network_id', '').strip()} {text(address) or ''}"
        self._glossary.put(name, (members(told) if told["security_risk"] else "",))


def _ident(name: str) -> int:
    """A number of a host that the report gives none: the same in each report."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big") >> 1
