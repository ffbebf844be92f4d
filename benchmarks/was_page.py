"""One page of web application findings, always the same bytes: what their conversion figures refer to.

``python -m benchmarks.was_page 20000 page.xml`` writes 20,000 findings with all details, as the platform sends them.
"""

from __future__ import annotations

import random
import sys
from base64 import b64encode
from typing import TextIO

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<ServiceResponse xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="https://qualysapi.qualys.com/qps/xsd/3.0/was/finding.xsd">
  <responseCode>SUCCESS</responseCode>
  <count>{findings}</count>
  <hasMoreRecords>false</hasMoreRecords>
  <data>
"""
TAIL = """  </data>
</ServiceResponse>
"""
FINDING = """    <Finding>
      <id>{id}</id>
      <uniqueId>{unique}</uniqueId>
      <qid>{qid}</qid>
      <name><![CDATA[{name}]]></name>
      <type>{kind}</type>
      <potential>false</potential>
      <findingType>QUALYS</findingType>
{details}      <severity>{severity}</severity>
{where}      <firstDetectedDate>2025-04-10T23:36:56Z</firstDetectedDate>
      <lastDetectedDate>2026-11-{day:02}T02:43:34Z</lastDetectedDate>
      <lastTestedDate>2026-11-{day:02}T02:47:26Z</lastTestedDate>
{counted}      <webApp>
        <id>{webapp}</id>
        <name><![CDATA[Web application {webapp}]]></name>
        <url><![CDATA[https://app{webapp}.corp.example.com/]]></url>
        <tags>
          <count>1</count>
          <list>
            <Tag>
              <id>7</id>
              <name><![CDATA[Prod & "DMZ"]]></name>
            </Tag>
          </list>
        </tags>
      </webApp>
{ignored}    </Finding>
"""
DETAILS = """      <group>XSS</group>
      <cwe>
        <count>1</count>
        <list>
          <long>{cwe}</long>
        </list>
      </cwe>
      <owasp>
        <count>1</count>
        <list>
          <OWASP>
            <name>Injection</name>
            <url>https://owasp.example/Top10/A03</url>
            <code>3</code>
          </OWASP>
        </list>
      </owasp>
      <resultList>
        <count>1</count>
        <list>
          <Result>
            <authentication>false</authentication>
            <ajax>false</ajax>
            <payloads>
              <count>1</count>
              <list>
                <PayloadInstance>
                  <payload><![CDATA[q={qid}%22'><qss%20a=X{id}>]]></payload>
                  <request>
                    <method><![CDATA[GET]]></method>
                    <link><![CDATA[https://app{webapp}.corp.example.com/search?q={qid}]]></link>
                    <headers><![CDATA[Referer: https://app{webapp}.corp.example.com/]]></headers>
                  </request>
                  <response><![CDATA[{response}]]></response>
                  <payloadResponce>
                    <offset>17</offset>
                    <length>25</length>
                  </payloadResponce>
                </PayloadInstance>
              </list>
            </payloads>
          </Result>
        </list>
      </resultList>
"""
WHERE = """      <url><![CDATA[https://app{webapp}.corp.example.com/search?q={qid}&page={day}]]></url>
      <status>{status}</status>
"""
COUNTED = "      <timesDetected>{times}</timesDetected>\n"
IGNORED = "      <isIgnored>false</isIgnored>\n"
KINDS = ("VULNERABILITY", "VULNERABILITY", "SENSITIVE_CONTENT", "INFORMATION_GATHERED")
STATUSES = ("NEW", "ACTIVE", "FIXED", "REOPENED")
NAMES = (
    "Reflected Cross-Site Scripting (XSS) Vulnerabilities",
    "Clickjacking - Framable Page",
    "Missing header: Referrer-Policy",
    "In-scope JavaScript Libraries Detected",
)
ANSWER = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + '<p class="hit">No results for X.</p>\n' * 8


def _finding(dice: random.Random, number: int) -> str:
    kind = dice.choice(KINDS)
    found = {
        "id": 1_000_000 + number,
        "unique": f"{dice.getrandbits(128):032x}",
        "qid": 150_000 + dice.randrange(600),
        "name": dice.choice(NAMES),
        "kind": kind,
        "severity": dice.randint(1, 5),
        "day": dice.randint(1, 19),
        "webapp": 9_000 + number // 200,
        "cwe": dice.randint(16, 900),
        "status": dice.choice(STATUSES),
        "times": dice.randint(1, 400),
        "response": b64encode(f"{ANSWER}{number}".encode()).decode(),
    }
    is_open = kind != KINDS[-1]
    parts = {"details": DETAILS, "where": WHERE, "counted": COUNTED, "ignored": IGNORED}
    told = {name: part.format(**found) if is_open else "" for name, part in parts.items()}
    return FINDING.format(**found, **told)


def write_page(findings: int, out: TextIO) -> None:
    """Write the page of so many findings; the same bytes for the same number."""
    dice = random.Random(7)
    out.write(HEAD.format(findings=findings))
    out.writelines(_finding(dice, number) for number in range(findings))
    out.write(TAIL)


if __name__ == "__main__":
    with open(sys.argv[2], "w", encoding="utf-8", newline="\n") as page:
        write_page(int(sys.argv[1]), page)
