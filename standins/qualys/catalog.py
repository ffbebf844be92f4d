"""The vulnerabilities the stand-in knows: per QID its type, severity, where it is found and what a scan prints.

The QIDs of `INFORMATION` and their tables are the platform's (gathered information that clients read by QID); the
vulnerabilities are drawn once, from a fixed seed of their own, so that a QID means the same for every population.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Optional

CONFIRMED, POTENTIAL, INFO = "Confirmed", "Potential", "Info"
VULNERABILITIES_KNOWN = 400


@dataclass(frozen=True)
class Endpoint:
    """Where on a host a finding sits; a finding of the whole host has no port."""

    port: Optional[int] = None
    protocol: Optional[str] = None
    service: Optional[str] = None
    ssl: int = 0


@dataclass(frozen=True)
class Vulnerability:
    """What one QID stands for; `table` is what a scan prints, its first line the header, columns parted by tabs."""

    qid: int
    type: str
    severity: int
    endpoint: Endpoint
    table: str
    cve: Optional[str] = None
    mitre: tuple[str, ...] = ()

    @property
    def dated(self) -> bool:
        """Whether findings carry times and a severity; half of the information findings do not."""
        return self.type != INFO or self.qid % 2 == 1


ENDPOINTS = (
    Endpoint(),
    Endpoint(),
    Endpoint(443, "tcp", "http over ssl", 1),
    Endpoint(3389, "tcp", "win_remote_desktop", 1),
    Endpoint(22, "tcp", "ssh"),
    Endpoint(80, "tcp", "http"),
    Endpoint(161, "udp", "snmp"),
    Endpoint(8443, "tcp", "https", 1),
)

TABLES = (
    "Package\tInstalled Version\tRequired Version\nopenssl\t1.1.1f-1ubuntu2\t1.1.1f-1ubuntu2.19\nlibssl\t1.1.1\t1.1.1k",
    "CIPHER\tKEY-EXCHANGE\tAUTHENTICATION\tMAC\tENCRYPTION(KEY-STRENGTH)\tGRADE\nRC4-SHA\tRSA\tRSA\tSHA1\tRC4(128)\tMEDIUM",
    "Certificate #0 CN=host.example (host.example) doesn't resolve",
    'HKLM\\SOFTWARE\\Vendor\\"Product" Version = 4.2\n%windir%\\System32\\drivers\\a.sys Version is 10.0.17763.1',
    "GET /?q=<script>alert('x')</script>&lang=de HTTP/1.1\nHost: host.example\n\nHTTP/1.1 200 OK",
    "Gefundene Pfade:\n/opt/müller/straße.conf\n/home/josé/日本語.txt",
    "set a = \"b\", c='d'; x]]>y <DETECTION><QID>1</QID></DETECTION> </HOST>",
)

MITRE = (
    ("Initial Access", "TA0001", "Exploit Public-Facing Application", "T1190"),
    ("Privilege Escalation", "TA0004", "Exploitation for Privilege Escalation", "T1068"),
    ("Credential Access", "TA0006", "Adversary-in-the-Middle", "T1557"),
)

INFORMATION = (
    Vulnerability(
        45038, INFO, 1, Endpoint(), "Scan duration: 352 seconds\n\nStart time: Sun, Sep 27 2020, 01:20:00 GMT"
    ),
    Vulnerability(
        82023,
        INFO,
        1,
        Endpoint(),
        "Port\tIANA Assigned Ports/Services\tDescription\tService Detected\tOS On Redirected Port\n"
        "22\tssh\tSSH Remote Login Protocol\tssh\t\n443\thttps\thttp protocol over TLS/SSL\thttp over ssl\t",
    ),
    Vulnerability(
        82004,
        INFO,
        1,
        Endpoint(),
        "Port\tIANA Assigned Ports/Services\tDescription\tService Detected\n161\tsnmp\tSNMP\tsnmp",
    ),
    Vulnerability(90126, INFO, 2, Endpoint(), "Reboot is required: Yes"),
    Vulnerability(45017, INFO, 2, Endpoint(), "Operating System\tTechnique\tID\nLinux 5.x\tTCP/IP Fingerprint\tU7293"),
    Vulnerability(6, INFO, 1, Endpoint(), "IP address\tHost name\n10.0.0.1\thost.example"),
    Vulnerability(45039, INFO, 1, Endpoint(), "Host Name\tSource\nhost\tFQDN"),
    Vulnerability(82040, INFO, 1, Endpoint(), "IP address\tHost\n10.0.0.1\thost.example"),
    Vulnerability(43007, INFO, 1, Endpoint(), "IP address\tMAC address\n10.0.0.1\t00:50:56:00:00:01"),
    Vulnerability(86002, INFO, 1, ENDPOINTS[2], "NAME\tVALUE\n(0)CERTIFICATE 0\t\n(0)Version\t3 (0x2)"),
)


def _draw(rng: random.Random, qid: int) -> Vulnerability:
    mitre = rng.choice(MITRE) if rng.random() < 0.3 else ()
    cve = f"CVE-{rng.randint(2015, 2025)}-{rng.randint(1000, 49999)}" if rng.random() < 0.7 else None
    kind = POTENTIAL if rng.random() < 0.2 else CONFIRMED
    return Vulnerability(qid, kind, rng.randint(1, 5), rng.choice(ENDPOINTS), rng.choice(TABLES), cve, mitre)


def _vulnerabilities() -> tuple[Vulnerability, ...]:
    rng = random.Random("catalog")
    families = (*range(38_000, 38_900), *range(90_000, 92_000), *range(370_000, 376_000))
    known = {info.qid for info in INFORMATION}
    qids = [qid for qid in rng.sample(families, VULNERABILITIES_KNOWN + len(known)) if qid not in known]
    return tuple(_draw(rng, qid) for qid in sorted(qids[:VULNERABILITIES_KNOWN]))


VULNERABILITIES = _vulnerabilities()
UNKNOWN_QIDS = (82040, 370292, 371748)
"""QIDs of findings (one of them information) of which the knowledge base says nothing, until they are published."""
