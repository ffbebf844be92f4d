"""One scan report, always the same bytes: what the figures of its conversion refer to.

``python -m benchmarks.report_page 1000 report.xml`` writes a report on 1,000 hosts with 60 findings each.
"""

from __future__ import annotations

import random
import sys
from typing import TextIO

FINDINGS, QIDS, QIDS_OF_A_HOST = 60, 8000, 8
"""The glossary grows with the hosts until it holds all that there are."""

THREAT = "The remote host is missing a security update, or is configured in a way that lets an attacker in.\n<P>\n" * 3
RESULT = "Name\tInstalled Version\tRequired Version\nopenssl-libs\t1.0.2k-19.el7\t1.0.2k-25.el7_9\n"


def _finding(dice: random.Random, qids: int) -> str:
    qid = dice.randrange(1, qids + 1)
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
    dice, qids = random.Random(7), min(QIDS, hosts * QIDS_OF_A_HOST)
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
        out.writelines(_finding(dice, qids) for _ in range(FINDINGS))
        out.write("      </VULN_INFO_LIST>\n    </HOST>\n")
    out.write("  </HOST_LIST>\n  <GLOSSARY>\n    <VULN_DETAILS_LIST>\n")
    out.writelines(map(_details, range(1, qids + 1)))
    out.write("    </VULN_DETAILS_LIST>\n  </GLOSSARY>\n</ASSET_DATA_REPORT>\n")


def _address(number: int) -> str:
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


if __name__ == "__main__":
    with open(sys.argv[2], "w", encoding="utf-8", newline="\n") as page:
        write_page(int(sys.argv[1]), page)
