"""One answer of remediation tickets, always the same bytes: what the figures of its conversion refer to.

``python -m benchmarks.ticket_page 20000 page.xml`` writes 20,000 tickets with their history and vulnerability.
"""

from __future__ import annotations

import random
import sys
from typing import TextIO

HEAD = """<?xml version="1.0" encoding="UTF-8" ?>
<!DOCTYPE REMEDIATION_TICKETS SYSTEM "https://qualysapi.qualys.com/ticket_list_output.dtd">
<REMEDIATION_TICKETS>
  <HEADER>
    <USER_LOGIN>acme_ab1</USER_LOGIN>
    <COMPANY><![CDATA[Acme & Co.]]></COMPANY>
    <DATETIME>2026-11-20T10:00:00Z</DATETIME>
    <WHERE>
      <SINCE_TICKET_NUMBER>1</SINCE_TICKET_NUMBER>
    </WHERE>
  </HEADER>
  <TICKET_LIST>
"""
TAIL = """  </TICKET_LIST>
</REMEDIATION_TICKETS>
"""
TICKET = """    <TICKET>
      <NUMBER>{number}</NUMBER>
      <CREATION_DATETIME>2025-09-10T18:48:38Z</CREATION_DATETIME>
      <DUE_DATETIME>2026-10-15T18:48:38Z</DUE_DATETIME>
      <CURRENT_STATE>{state}</CURRENT_STATE>
      <INVALID>0</INVALID>
      <ASSIGNEE>
        <NAME><![CDATA[Ada "the admin" Brown]]></NAME>
        <EMAIL><![CDATA[ada@example.com]]></EMAIL>
        <LOGIN>acme_ab1</LOGIN>
      </ASSIGNEE>
      <DETECTION>
        <IP>10.0.{high}.{low}</IP>
        <DNSNAME><![CDATA[host{host}.corp.example.com]]></DNSNAME>
        <NBHNAME><![CDATA[HOST{host}]]></NBHNAME>
        <PORT>443</PORT>
        <SERVICE>http over ssl</SERVICE>
        <PROTOCOL>tcp</PROTOCOL>
        <SSL>1</SSL>
      </DETECTION>
      <STATS>
        <FIRST_FOUND_DATETIME>2025-09-10T18:48:38Z</FIRST_FOUND_DATETIME>
        <LAST_FOUND_DATETIME>2026-11-{day:02}T00:00:00Z</LAST_FOUND_DATETIME>
        <LAST_SCAN_DATETIME>2026-11-{day:02}T00:00:00Z</LAST_SCAN_DATETIME>
        <TIMES_FOUND>{times}</TIMES_FOUND>
        <TIMES_NOT_FOUND></TIMES_NOT_FOUND>
        <LAST_OPEN_DATETIME>2025-09-10T18:48:38Z</LAST_OPEN_DATETIME>
      </STATS>
      <HISTORY_LIST>
{changes}        <HISTORY>
          <DATETIME>2025-09-10T18:48:38Z</DATETIME>
          <ACTOR>acme_ab1</ACTOR>
          <STATE>
            <NEW>OPEN</NEW>
          </STATE>
          <ADDED_ASSIGNEE>
            <NAME><![CDATA[Ada "the admin" Brown]]></NAME>
            <EMAIL><![CDATA[ada@example.com]]></EMAIL>
            <LOGIN>acme_ab1</LOGIN>
          </ADDED_ASSIGNEE>
          <SCAN>
            <REF>scan/1757530118.{number}</REF>
            <DATETIME>2025-09-10T17:58:38Z</DATETIME>
          </SCAN>
          <RULE><![CDATA[Default Policy]]></RULE>
        </HISTORY>
      </HISTORY_LIST>
      <VULNINFO>
        <TITLE><![CDATA[OpenSSL before {times} on host {host} lets an attacker in]]></TITLE>
        <TYPE>VULN</TYPE>
        <QID>{qid}</QID>
        <SEVERITY>{severity}</SEVERITY>
        <STANDARD_SEVERITY>3</STANDARD_SEVERITY>
        <CVE_ID_LIST>
          <CVE_ID><![CDATA[CVE-2025-{qid}]]></CVE_ID>
        </CVE_ID_LIST>
      </VULNINFO>
    </TICKET>
"""
CHANGE = """        <HISTORY>
          <DATETIME>2026-{month:02}-15T18:48:38Z</DATETIME>
          <ACTOR>SYSTEM</ACTOR>
          <STATE>
            <OLD>{old}</OLD>
            <NEW>{new}</NEW>
          </STATE>
          <SCAN>
            <REF>scan/1757962118.{number}</REF>
            <DATETIME>2026-{month:02}-15T17:58:38Z</DATETIME>
          </SCAN>
        </HISTORY>
"""
STATES = ("OPEN", "RESOLVED", "CLOSED", "OPEN")
FIRST_NUMBER = 100_000


def _ticket(dice: random.Random, number: int) -> str:
    steps = dice.randrange(len(STATES))
    changes = (
        CHANGE.format(month=step + 1, old=STATES[step], new=STATES[step + 1], number=number)
        for step in reversed(range(steps))
    )
    host = number // 20
    return TICKET.format(
        number=FIRST_NUMBER + number,
        state=STATES[steps],
        changes="".join(changes),
        host=host,
        high=host >> 8 & 255,
        low=host & 255,
        day=dice.randint(1, 19),
        times=dice.randint(1, 400),
        qid=38_000 + dice.randrange(6000),
        severity=dice.randint(1, 5),
    )


def write_page(tickets: int, out: TextIO) -> None:
    """Write an answer of so many tickets; the same bytes for the same number."""
    dice = random.Random(7)
    out.write(HEAD)
    out.writelines(_ticket(dice, number) for number in range(tickets))
    out.write(TAIL)


if __name__ == "__main__":
    with open(sys.argv[2], "w", encoding="utf-8", newline="\n") as page:
        write_page(int(sys.argv[1]), page)
