"""One host-detection page, always the same bytes: what every conversion figure refers to.

``python -m benchmarks.hld_page 2000 50 page.xml`` writes 102,067,186 bytes (2,000 hosts of 50 findings).
"""

from __future__ import annotations

import random
import sys
from typing import TextIO

HEAD = """<?xml version="1.0" encoding="UTF-8" ?>
<!DOCTYPE HOST_LIST_VM_DETECTION_OUTPUT SYSTEM "https://qualysapi.qualys.com/api/5.0/fo/asset/host/vm/detection/dtd/output.dtd">
<HOST_LIST_VM_DETECTION_OUTPUT>
  <RESPONSE>
    <DATETIME>2026-11-20T10:00:00Z</DATETIME>
    <HOST_LIST>
"""
TAIL = """    </HOST_LIST>
  </RESPONSE>
</HOST_LIST_VM_DETECTION_OUTPUT>
"""
HOST = (
    ("ID", "{id}"),
    ("ASSET_ID", "{asset}"),
    ("IP", "10.{a}.{b}.{c}"),
    ("TRACKING_METHOD", "IP"),
    ("NETWORK_ID", "0"),
    ("OS", "<![CDATA[Ubuntu Linux 22.04.{minor}]]>"),
    ("DNS", "<![CDATA[host{n}.corp.example.com]]>"),
    (
        "DNS_DATA",
        "<HOSTNAME><![CDATA[host{n}]]></HOSTNAME><DOMAIN><![CDATA[corp.example.com]]></DOMAIN>"
        "<FQDN><![CDATA[host{n}.corp.example.com]]></FQDN>",
    ),
    ("NETBIOS", "<![CDATA[HOST{n}]]>"),
    ("LAST_SCAN_DATETIME", "2026-11-19T02:47:26Z"),
    ("LAST_VM_SCANNED_DATE", "2026-11-19T02:43:34Z"),
    ("LAST_VM_SCANNED_DURATION", "371"),
    ("TAGS", '<TAG><TAG_ID><![CDATA[1]]></TAG_ID><NAME><![CDATA[Prod & "DMZ"]]></NAME></TAG>'),
)
DETECTION = (
    ("UNIQUE_VULN_ID", "{uid}"),
    ("QID", "{qid}"),
    ("TYPE", "{type}"),
    ("SEVERITY", "{severity}"),
    ("PORT", "443"),
    ("PROTOCOL", "tcp"),
    ("SSL", "1"),
    (
        "RESULTS",
        "<![CDATA[Package\tInstalled Version\tRequired Version\nopenssl\t1.1.1f-1ubuntu2.{k}\t1.1.1f-1ubuntu2.20\n]]>",
    ),
    ("STATUS", "{status}"),
    ("FIRST_FOUND_DATETIME", "2025-04-10T23:36:56Z"),
    ("LAST_FOUND_DATETIME", "2026-11-19T02:43:34Z"),
    ("QDS", "{qds}"),
    ("TIMES_FOUND", "438"),
    ("LAST_TEST_DATETIME", "2026-11-19T02:43:34Z"),
    ("LAST_UPDATE_DATETIME", "2026-11-19T02:47:26Z"),
    ("IS_IGNORED", "0"),
    ("IS_DISABLED", "0"),
    ("LAST_PROCESSED_DATETIME", "2026-11-19T02:47:26Z"),
)
STATUSES = ("Active", "New", "Fixed", "Re-Opened")


def _line(name: str, text: str, indent: str) -> str:
    attribute = ' severity="HIGH"' if name == "QDS" else ""
    return f"{indent}<{name}{attribute}>{text}</{name}>\n"


def _template(rows: tuple[tuple[str, str], ...], indent: str) -> str:
    """The element's lines; an information finding leaves an empty line where the others have their status."""
    return "".join(f"{indent}{{status}}\n" if name == "STATUS" else _line(name, text, indent) for name, text in rows)


HOST_LINES = f"      <HOST>\n{_template(HOST, ' ' * 8)}        <DETECTION_LIST>\n"
DETECTION_LINES = f"          <DETECTION>\n{_template(DETECTION, ' ' * 12)}          </DETECTION>\n"
HOST_END = "        </DETECTION_LIST>\n      </HOST>\n"


def write_page(hosts: int, findings: int, out: TextIO) -> None:
    """Write the page of `hosts` hosts with `findings` findings each; the same bytes for the same numbers."""
    dice = random.Random(7)
    out.write(HEAD)
    for n in range(hosts):
        host_id = 100_000 + n
        address = {"a": n >> 16 & 255, "b": n >> 8 & 255, "c": n & 255}
        out.write(HOST_LINES.format(id=host_id, asset=host_id + 5, n=n, minor=n % 5, **address))
        for k in range(findings):
            kind = dice.choice(("Confirmed", "Potential", "Info"))
            status = "" if kind == "Info" else f"<STATUS>{dice.choice(STATUSES)}</STATUS>"
            out.write(
                DETECTION_LINES.format(
                    uid=host_id * 100 + k,
                    qid=38_000 + dice.randrange(60_000),
                    type=kind,
                    severity=dice.randrange(1, 6),
                    k=k,
                    status=status,
                    qds=dice.randrange(1, 100),
                )
            )
        out.write(HOST_END)
    out.write(TAIL)


if __name__ == "__main__":
    with open(sys.argv[3], "w", encoding="utf-8", newline="\n") as page:
        write_page(int(sys.argv[1]), int(sys.argv[2]), page)
