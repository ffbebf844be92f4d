"""One page of compliance posture, always the same bytes for the same size: what figures about its conversion refer to.

``python -m benchmarks.posture_page 60000 page.xml`` writes 74,782,506 bytes: a policy of 200 controls on 300 hosts, all
details included, on one page. With ``basic`` behind it: 40,608,139 bytes of basic details.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable
from typing import TextIO

HEAD = """<?xml version="1.0" encoding="UTF-8" ?>
<!DOCTYPE POSTURE_INFO_LIST_OUTPUT SYSTEM "https://qualysapi.qualys.com/api/2.0/fo/compliance/posture/info/posture_info_list_output.dtd">
<POSTURE_INFO_LIST_OUTPUT>
  <RESPONSE>
    <DATETIME>2026-11-20T10:00:00Z</DATETIME>
    <INFO_LIST>
"""
TAIL = """    </GLOSSARY>
  </RESPONSE>
</POSTURE_INFO_LIST_OUTPUT>
"""
CONTROLS = 200
FIRST_ID, FIRST_HOST, FIRST_CONTROL = 7_000_000, 100_000, 1_041
TECHNOLOGIES = {80: "Red Hat Enterprise Linux 8.x", 221: "Windows 2019 Server"}
INFO = """      <INFO>
        <ID>{id}</ID>
        <HOST_ID>{host}</HOST_ID>
        <CONTROL_ID>{control}</CONTROL_ID>
        <TECHNOLOGY_ID>{technology}</TECHNOLOGY_ID>
        <INSTANCE>{instance}</INSTANCE>
        <STATUS>{status}</STATUS>
{remediation}        <POSTURE_MODIFIED_DATE>2026-11-19T02:47:26Z</POSTURE_MODIFIED_DATE>
        <EVALUATION_DATE>2026-11-20T02:47:26Z</EVALUATION_DATE>
        <PREVIOUS_STATUS>{previous}</PREVIOUS_STATUS>
        <FIRST_FAIL_DATE>2025-04-10T23:36:56Z</FIRST_FAIL_DATE>
        <LAST_FAIL_DATE>2026-11-19T02:43:34Z</LAST_FAIL_DATE>
        <FIRST_PASS_DATE>2025-04-12T23:36:56Z</FIRST_PASS_DATE>
        <LAST_PASS_DATE>2026-11-18T02:43:34Z</LAST_PASS_DATE>
{cause}{evidence}      </INFO>
"""
REMEDIATION = """        <REMEDIATION><![CDATA[Set the value in the file /etc/security/policy{control}.conf:

minlen = 14
Then restart the service "auditd".]]></REMEDIATION>
"""
CAUSE = """        <CAUSE_OF_FAILURE>
          <MISSING logic="OR">
            <V><![CDATA[minlen = 14]]></V>
          </MISSING>
        </CAUSE_OF_FAILURE>
"""
EVIDENCE = """        <EVIDENCE>
          <BOOLEAN_EXPR><![CDATA[( :dp_{point} >= #fv_{point} ) or ( :dp_{point} eq $tp_{point} )]]></BOOLEAN_EXPR>
          <DPV_LIST>
            <DPV lastUpdated="2026-11-19T02:43:34Z">
              <LABEL>:dp_{point}</LABEL>
              <V><![CDATA[{found}]]></V>
              <TM_REF>@tm_{point}</TM_REF>
            </DPV>
          </DPV_LIST>
        </EVIDENCE>
"""
HOST = """        <HOST>
          <ID>{id}</ID>
          <IP>10.0.{high}.{low}</IP>
          <TRACKING_METHOD>IP</TRACKING_METHOD>
          <DNS><![CDATA[host{n}.corp.example.com]]></DNS>
          <NETBIOS><![CDATA[HOST{n}]]></NETBIOS>
          <OS><![CDATA[{os}]]></OS>
        </HOST>
"""
CONTROL = """        <CONTROL>
          <ID>{id}</ID>
          <STATEMENT><![CDATA[Status of the 'Minimum length {n}' setting (/etc/security/policy{id}.conf)]]></STATEMENT>
          <REFERENCE><![CDATA[CIS 5.{n}, NIST AC-{n}]]></REFERENCE>
          <CRITICALITY>
            <LABEL>SERIOUS</LABEL>
            <VALUE>3</VALUE>
          </CRITICALITY>
{rationales}        </CONTROL>
"""
RATIONALE = """            <RATIONALE>
              <TECHNOLOGY_ID>{technology}</TECHNOLOGY_ID>
              <TEXT><![CDATA[The setting {n} decides how much work a guess takes. A short value lets an attacker who has
the hashes try all of them; a long one makes that too dear. It should be set as the needs of the business are.]]></TEXT>
            </RATIONALE>
"""
TECHNOLOGY = """        <TECHNOLOGY>
          <ID>{id}</ID>
          <NAME><![CDATA[{name}]]></NAME>
        </TECHNOLOGY>
"""
LABELS = (
    (
        "DPD",
        "<DPD><LABEL>:dp_{n}</LABEL><ID>{n}</ID><NAME>custom.{n}</NAME><DESC><![CDATA[The value of {n}]]></DESC></DPD>",
    ),
    ("TP", "<TP><LABEL>$tp_{n}</LABEL><V><![CDATA[{n}]]></V></TP>"),
    ("FV", "<FV><LABEL>#fv_{n}</LABEL><V><![CDATA[14]]></V></FV>"),
    ("TM", "<TM><LABEL>@tm_{n}</LABEL><PAIR><K>161803399999999</K><V><![CDATA[Setting not found]]></V></PAIR></TM>"),
)


def _listed(name: str, elements: Iterable[str]) -> str:
    return f"      <{name}_LIST>\n{''.join(elements)}      </{name}_LIST>\n"


def _info(dice: random.Random, number: int, with_details: bool) -> str:
    place = number % CONTROLS
    status = dice.choice(("Passed", "Passed", "Passed", "Failed", "Failed", "Error"))
    host = FIRST_HOST + number // CONTROLS
    failed = with_details and status == "Failed"
    return INFO.format(
        id=FIRST_ID + number,
        host=host,
        control=FIRST_CONTROL + place,
        technology=list(TECHNOLOGIES)[host % 2],
        instance="os" if place % 3 else "",
        status=status,
        previous=dice.choice(("Passed", "Failed")),
        remediation=REMEDIATION.format(control=FIRST_CONTROL + place) if with_details else "",
        cause=CAUSE if failed else "",
        evidence=EVIDENCE.format(point=place, found=dice.choice(("14", "8", "161803399999999")))
        if with_details
        else "",
    )


def _glossary(hosts: int, with_details: bool) -> Iterable[str]:
    yield "    <GLOSSARY>\n"
    systems = list(TECHNOLOGIES.values())
    yield _listed(
        "HOST",
        (
            HOST.format(id=FIRST_HOST + n, n=n, high=n >> 8 & 255, low=n & 255, os=systems[(FIRST_HOST + n) % 2])
            for n in range(hosts)
        ),
    )
    yield _listed("CONTROL", (_control(n) for n in range(CONTROLS)))
    yield _listed("TECHNOLOGY", (TECHNOLOGY.format(id=number, name=name) for number, name in TECHNOLOGIES.items()))
    if with_details:
        for name, element in LABELS:
            yield _listed(name, (f"        {element.format(n=n)}\n" for n in range(CONTROLS)))


def _control(n: int) -> str:
    rationales = "".join(RATIONALE.format(technology=technology, n=n) for technology in TECHNOLOGIES)
    listed = f"          <RATIONALE_LIST>\n{rationales}          </RATIONALE_LIST>\n"
    return CONTROL.format(id=FIRST_CONTROL + n, n=n, rationales=listed)


def write_page(records: int, out: TextIO, with_details: bool = True) -> None:
    """Write a page of so many records; the same bytes for the same numbers."""
    dice = random.Random(7)
    out.write(HEAD)
    out.writelines(_info(dice, number, with_details) for number in range(records))
    out.write("    </INFO_LIST>\n")
    out.writelines(_glossary(-(-records // CONTROLS), with_details))
    out.write(TAIL)


if __name__ == "__main__":
    with open(sys.argv[2], "w", encoding="utf-8", newline="\n") as page:
        write_page(int(sys.argv[1]), page, with_details=sys.argv[3:] != ["basic"])
