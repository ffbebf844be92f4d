"""One knowledge base answer, always the same bytes for the same size: what every figure about its size refers to.

``python -m benchmarks.kb_page 400 page.xml`` writes 400,000,241 bytes (186,489 entries of about 2 kB, details=All).
"""

from __future__ import annotations

import random
import sys
from typing import TextIO

HEAD = """<?xml version="1.0" encoding="UTF-8" ?>
<!DOCTYPE KNOWLEDGE_BASE_VULN_LIST_OUTPUT SYSTEM "https://qualysapi.qualys.com/api/4.0/fo/knowledge_base/vuln/knowledge_base_vuln_list_output.dtd">
<KNOWLEDGE_BASE_VULN_LIST_OUTPUT>
  <RESPONSE>
    <DATETIME>2026-11-20T10:00:00Z</DATETIME>
<!-- keep-alive for KNOWLEDGE_BASE_VULN_LIST_OUTPUT  -->
    <VULN_LIST>
"""
TAIL = """    </VULN_LIST>
  </RESPONSE>
</KNOWLEDGE_BASE_VULN_LIST_OUTPUT>
"""
FIRST_QID = 10_000
TYPES = ("Vulnerability", "Vulnerability", "Vulnerability or Potential Vulnerability", "Information Gathered")
CATEGORIES = ("Local", "CGI", "Windows", "Debian", "RedHat", "Security Policy", "Web Application")
PRODUCTS = ("openssl", "linux_kernel", "edge", "ios_xe", "office", "tomcat", "log4j", "postgresql", "libxml2", "curl")
FLAWS = (
    "Remote Code Execution",
    "Buffer Overflow",
    "Denial of Service",
    'Improper "Input" Validation',
    "Use-After-Free",
)
DIAGNOSES = (
    "{product} is a widely used component. An input of unexpected length is not checked before it is copied.<P>\n\n"
    "Affected Versions:<BR>\n{product} prior to version {version}<BR>\n{product} 2.4.0 through 2.4.58<P>\n\n"
    "QID Detection Logic (Authenticated):<BR>\nThe check compares the version of the installed package with the "
    "fixed one. <BR>\nQID Detection Logic (Unauthenticated):<BR>\nThe check reads &quot;Server&quot; from the banner.",
    "The remote host has a version of {product} below {version} installed.<P>\nMultiple issues were resolved:<BR>\n"
    "<UL>\n<LI>a race between two threads that free the same buffer\n<LI>a path that is not normalized before it is "
    'compared\n</UL>\nThe vendor rates them "important".',
    "Several techniques identify {product} on a host.\n<P>\n1) <B>Banner</B>: what the service says of itself.\n",
)
CONSEQUENCES = (
    "Successful exploitation allows an unauthenticated attacker to run arbitrary code with the rights of the service, "
    "to read\nand to change data, and to make the system unavailable.<P>\nA proof of concept is public.",
    "An attacker on the same network may stop the service.\n<P>",
    "Not applicable.",
)
SOLUTIONS = (
    '<P>Customers are advised to refer to <A HREF="https://vendor.example/security/{reference}" TARGET="_blank">'
    "{reference}</A> for more information.\n<P>Patch:<BR>\nFollowing are links for downloading patches:\n<P> "
    '<A HREF="https://vendor.example/download/{reference}" TARGET="_blank">{reference}</A>',
    "Upgrade to version {version} or newer.\n<P>\n",
    "Not applicable.",
)
ENTRY = """      <VULN>
        <QID>{qid}</QID>
        <VULN_TYPE>{kind}</VULN_TYPE>
        <SEVERITY_LEVEL>{severity}</SEVERITY_LEVEL>
        <TITLE><![CDATA[{product} {flaw} Vulnerability ({reference})]]></TITLE>
        <CATEGORY>{category}</CATEGORY>
        <LAST_SERVICE_MODIFICATION_DATETIME>{modified}</LAST_SERVICE_MODIFICATION_DATETIME>
        <PUBLISHED_DATETIME>{published}</PUBLISHED_DATETIME>
        <PATCHABLE>{patchable}</PATCHABLE>
        <SOFTWARE_LIST>
          <SOFTWARE>
            <PRODUCT><![CDATA[{product}]]></PRODUCT>
            <VENDOR><![CDATA[vendor]]></VENDOR>
          </SOFTWARE>
        </SOFTWARE_LIST>
{references}{cves}        <DIAGNOSIS><![CDATA[{diagnosis}]]></DIAGNOSIS>
        <CONSEQUENCE><![CDATA[{consequence}]]></CONSEQUENCE>
        <SOLUTION><![CDATA[{solution}]]></SOLUTION>
{correlation}{cvss}        <PCI_FLAG>{patchable}</PCI_FLAG>
{threats}        <SUPPORTED_MODULES>VM, CA-Windows Agent, CA-Linux Agent</SUPPORTED_MODULES>
        <DISCOVERY>
          <REMOTE>{remote}</REMOTE>
{authentication}        </DISCOVERY>
      </VULN>
"""
REFERENCES = """        <VENDOR_REFERENCE_LIST>
          <VENDOR_REFERENCE>
            <ID><![CDATA[{reference}]]></ID>
            <URL><![CDATA[https://vendor.example/security/{reference}]]></URL>
          </VENDOR_REFERENCE>
        </VENDOR_REFERENCE_LIST>
"""
SCORES = """        <CVSS>
          <BASE source="service">{cvss}</BASE>
          <TEMPORAL>{cvss}</TEMPORAL>
          <VECTOR_STRING>CVSS:2.0/AV:N/AC:L/Au:N/C:P/I:P/A:P</VECTOR_STRING>
        </CVSS>
        <CVSS_V3>
          <BASE>{cvss_v3}</BASE>
          <TEMPORAL>{cvss_v3}</TEMPORAL>
          <VECTOR_STRING>CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H</VECTOR_STRING>
          <CVSS3_VERSION>3.1</CVSS3_VERSION>
        </CVSS_V3>
"""
THREATS = """        <THREAT_INTELLIGENCE>
          <THREAT_INTEL id="5"><![CDATA[Easy_Exploit]]></THREAT_INTEL>
          <THREAT_INTEL id="8"><![CDATA[No_Patch]]></THREAT_INTEL>
        </THREAT_INTELLIGENCE>
"""
AUTHENTICATION = """          <AUTH_TYPE_LIST>
            <AUTH_TYPE>Unix</AUTH_TYPE>
          </AUTH_TYPE_LIST>
          <ADDITIONAL_INFO>Patch Available</ADDITIONAL_INFO>
"""
LISTS = ("references", "cves", "correlation", "cvss", "threats", "authentication")
CVE = """          <CVE>
            <ID><![CDATA[CVE-{year}-{number}]]></ID>
            <URL><![CDATA[http://cve.mitre.org/cgi-bin/cvename.cgi?name=CVE-{year}-{number}]]></URL>
          </CVE>
"""
CORRELATION = """        <CORRELATION>
          <EXPLOITS>
            <EXPLT_SRC>
              <SRC_NAME><![CDATA[nvd]]></SRC_NAME>
              <EXPLT_LIST>
                <EXPLT>
                  <REF><![CDATA[{reference}]]></REF>
                  <DESC><![CDATA[{product} proof of concept]]></DESC>
                  <LINK><![CDATA[https://exploits.example/{reference}]]></LINK>
                </EXPLT>
              </EXPLT_LIST>
            </EXPLT_SRC>
          </EXPLOITS>
        </CORRELATION>
"""


def _moment(dice: random.Random, first_year: int, last_year: int) -> str:
    year, month, day = dice.randint(first_year, last_year), dice.randint(1, 12), dice.randint(1, 28)
    return f"{year}-{month:02}-{day:02}T{dice.randrange(24):02}:02:30Z"


def _cves(dice: random.Random) -> str:
    numbers = [
        (dice.randint(2009, 2026), dice.randint(1000, 49_999)) for _ in range(dice.choice((0, 0, 1, 1, 1, 2, 5)))
    ]
    listed = "".join(CVE.format(year=year, number=number) for year, number in numbers)
    return f"        <CVE_LIST>\n{listed}        </CVE_LIST>\n" if listed else ""


def _of_vulnerability(dice: random.Random, named: dict[str, str]) -> dict[str, str]:
    """The lists and scores that gathered information does not have."""
    scores = {"cvss": dice.choice(("0", "4.3", "7.5", "10")), "cvss_v3": dice.choice(("0", "5.5", "7.8", "9.8"))}
    return {
        "references": REFERENCES.format(**named) if dice.random() < 0.5 else "",
        "cves": _cves(dice),
        "correlation": CORRELATION.format(**named) if dice.random() < 0.1 else "",
        "cvss": SCORES.format(**scores) if dice.random() < 0.7 else "",
        "threats": THREATS if dice.random() < 0.4 else "",
        "authentication": AUTHENTICATION if dice.random() < 0.5 else "",
    }


def _entry(dice: random.Random, qid: int) -> str:
    product, kind = dice.choice(PRODUCTS), dice.choice(TYPES)
    reference = f"RHSA-{dice.randint(2009, 2026)}:{dice.randint(1000, 9999)}"
    named = {"product": product, "reference": reference, "version": f"{dice.randint(1, 9)}.{dice.randint(0, 20)}"}
    lists = dict.fromkeys(LISTS, "") if kind == TYPES[-1] else _of_vulnerability(dice, named)
    return ENTRY.format(
        qid=qid,
        kind=kind,
        severity=dice.randint(1, 5),
        flaw=dice.choice(FLAWS),
        category=dice.choice(CATEGORIES),
        modified=_moment(dice, 2019, 2025),
        published=_moment(dice, 2000, 2018),
        patchable=dice.randrange(2),
        remote=dice.randrange(2),
        diagnosis=dice.choice(DIAGNOSES).format(**named),
        consequence=dice.choice(CONSEQUENCES),
        solution=dice.choice(SOLUTIONS).format(**named),
        **named,
        **lists,
    )


def write_page(megabytes: float, out: TextIO) -> int:
    """Write a page of at least `megabytes` (of 1,000,000 bytes) and no entry more; returns how many entries it has."""
    dice = random.Random(7)
    left = int(megabytes * 1_000_000) - len(HEAD) - len(TAIL)
    entries = 0
    out.write(HEAD)
    while left > 0:
        left -= out.write(_entry(dice, FIRST_QID + entries))
        entries += 1
    out.write(TAIL)
    return entries


if __name__ == "__main__":
    with open(sys.argv[2], "w", encoding="utf-8", newline="\n") as page:
        print(f"{write_page(float(sys.argv[1]), page):,} entries")
