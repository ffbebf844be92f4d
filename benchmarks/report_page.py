"""One scan report, always the same bytes: what the figures of its conversion refer to.

``python -m benchmarks.report_page 3000 report.xml`` writes a report on 3,000 hosts with 60 findings each.
``python -m benchmarks.report_page`` measures: from the report to the event stream, against expat's bare parse of the
same bytes, and the memory that a report ten times as long takes beyond.
"""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO
from xml.parsers import expat

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "package" / "bin"))

from qualys_ta.model import knows_nothing
from qualys_ta.splunk import fields
from qualys_ta.splunk.forms import stream_form
from qualys_ta.spool import spool_path
from qualys_ta.work.conversion import Converter, Recipe

HOSTS, FINDINGS, QIDS, TRIES = 1000, 60, 8000, 3
MOST_UNITS, MOST_GROWTH_MB = 5.0, 10.0
ROOM = 1 << 40
FORM = stream_form("qualys://scan_report", "qualys:scanReport", "main", "host")
THREAT = "The remote host is missing a security update, or is configured in a way that lets an attacker in.\n<P>\n" * 3
RESULT = "Name\tInstalled Version\tRequired Version\nopenssl-libs\t1.0.2k-19.el7\t1.0.2k-25.el7_9\n"


def _finding(dice: random.Random) -> str:
    qid = dice.randrange(1, QIDS + 1)
    return (
        f'        <VULN_INFO>\n          <QID id="qid_{qid}">{qid}</QID>\n          <TYPE>Vuln</TYPE>\n'
        f"          <PORT>{dice.choice((22, 443, 8443))}</PORT>\n          <PROTOCOL>tcp</PROTOCOL>\n"
        f'          <SSL>true</SSL>\n          <RESULT format="table"><![CDATA[{RESULT}]]></RESULT>\n'
        "          <FIRST_FOUND>2024-01-02T03:04:05Z</FIRST_FOUND>\n"
        "          <LAST_FOUND>2024-05-02T03:04:05Z</LAST_FOUND>\n"
        f"          <TIMES_FOUND>{dice.randrange(1, 90)}</TIMES_FOUND>\n"
        "          <VULN_STATUS>Active</VULN_STATUS>\n          <CVSS_FINAL>5.0</CVSS_FINAL>\n        </VULN_INFO>\n"
    )


def _details(qid: int) -> str:
    return (
        f'      <VULN_DETAILS id="qid_{qid}">\n        <QID id="qid_{qid}">{qid}</QID>\n'
        f"        <TITLE><![CDATA[Vulnerability number {qid}]]></TITLE>\n        <SEVERITY>{qid % 5 + 1}</SEVERITY>\n"
        f"        <CATEGORY>RedHat</CATEGORY>\n        <THREAT><![CDATA[{THREAT}]]></THREAT>\n"
        f"        <IMPACT><![CDATA[{THREAT}]]></IMPACT>\n        <SOLUTION><![CDATA[{THREAT}]]></SOLUTION>\n"
        "        <PCI_FLAG>1</PCI_FLAG>\n        <LAST_UPDATE>2024-01-01T00:00:00Z</LAST_UPDATE>\n"
        f"        <CVE_ID_LIST>\n          <CVE_ID>\n            <ID><![CDATA[CVE-2024-{qid}]]></ID>\n"
        "            <URL><![CDATA[https://cve.example.com/]]></URL>\n          </CVE_ID>\n        </CVE_ID_LIST>\n"
        "      </VULN_DETAILS>\n"
    )


def write_page(hosts: int, out: TextIO) -> None:
    """Write the report on so many hosts; the same bytes for the same number."""
    dice = random.Random(7)
    out.write(
        '<?xml version="1.0" encoding="UTF-8" ?>\n\n<!DOCTYPE ASSET_DATA_REPORT SYSTEM "asset_data_report.dtd">\n'
        "<ASSET_DATA_REPORT>\n  <HEADER>\n    <GENERATION_DATETIME>2024-06-01T12:00:00Z</GENERATION_DATETIME>\n"
        "    <TEMPLATE><![CDATA[All]]></TEMPLATE>\n  </HEADER>\n  <RISK_SCORE_PER_HOST>\n"
    )
    out.writelines(
        f"    <HOSTS>\n      <IP_ADDRESS>{_address(number)}</IP_ADDRESS>\n      <TOTAL_VULNERABILITIES>{FINDINGS}"
        "</TOTAL_VULNERABILITIES>\n      <SECURITY_RISK>3.1</SECURITY_RISK>\n    </HOSTS>\n"
        for number in range(hosts)
    )
    out.write("  </RISK_SCORE_PER_HOST>\n  <HOST_LIST>\n")
    for number in range(hosts):
        out.write(
            f"    <HOST>\n      <IP>{_address(number)}</IP>\n      <TRACKING_METHOD>IP</TRACKING_METHOD>\n"
            f"      <DNS><![CDATA[host{number}.example.com]]></DNS>\n"
            "      <OPERATING_SYSTEM><![CDATA[Red Hat Enterprise Linux 8.8]]></OPERATING_SYSTEM>\n"
            "      <VULN_INFO_LIST>\n"
        )
        out.writelines(_finding(dice) for _ in range(FINDINGS))
        out.write("      </VULN_INFO_LIST>\n    </HOST>\n")
    out.write("  </HOST_LIST>\n  <GLOSSARY>\n    <VULN_DETAILS_LIST>\n")
    out.writelines(map(_details, range(1, QIDS + 1)))
    out.write("    </VULN_DETAILS_LIST>\n  </GLOSSARY>\n</ASSET_DATA_REPORT>\n")


def _address(number: int) -> str:
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def convert(page: Path) -> None:
    """The page's events on disk."""
    recipe = Recipe("scan_report", fields.checked("reports", {}), "", FORM)
    Converter(recipe, knows_nothing).convert(page, None, ROOM)
    spool_path(page).unlink()


def parse(page: Path) -> None:
    """The unit: expat alone, with a handler for each kind of thing."""
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda _name, _attributes: None
    parser.EndElementHandler = parser.CharacterDataHandler = lambda _told: None
    with page.open("rb") as file:
        parser.ParseFile(file)


def seconds(work: Callable[[Path], None], page: Path) -> float:
    """Of processor time; the least of some tries."""
    found = []
    for _ in range(TRIES):
        started = time.process_time()
        work(page)
        found.append(time.process_time() - started)
    return min(found)


def peak_mb(hosts: int, folder: Path) -> float:
    """The most memory that a process takes which converts such a report."""
    page = folder / "report.xml"
    with page.open("w", encoding="utf-8") as file:
        write_page(hosts, file)
    command = [sys.executable, "-m", "benchmarks.report_page", "peak", str(page)]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(run.stdout)


def measure() -> int:
    with tempfile.TemporaryDirectory() as folder:
        small, large = (peak_mb(hosts, Path(folder)) for hosts in (HOSTS, 10 * HOSTS))
        page = Path(folder, "page.xml")
        with page.open("w", encoding="utf-8") as file:
            write_page(HOSTS, file)
        unit, spooled, size = seconds(parse, page), seconds(convert, page), page.stat().st_size / 1e6
    print(f"{size:.1f} MB: bare parse {unit:.2f} s, to the event stream {spooled:.2f} s: {spooled / unit:.1f} units")
    print(f"memory: {small:.1f} MB, of a report ten times as long {large:.1f} MB")
    return 0 if spooled <= MOST_UNITS * unit and large - small <= MOST_GROWTH_MB else 1


def main() -> int:
    if sys.argv[1:2] == ["peak"]:
        convert(Path(sys.argv[2]))
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000)
        return 0
    if len(sys.argv) == 3:
        with open(sys.argv[2], "w", encoding="utf-8") as file:
            write_page(int(sys.argv[1]), file)
        return 0
    return measure()


if __name__ == "__main__":
    sys.exit(main())
