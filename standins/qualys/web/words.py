"""What web applications and their findings are made of: addresses, standards, and what scanners send and get back.

The names of gathered information are the platform's (public recordings); the QIDs of `UNPUBLISHED` are not in the
stand-in's knowledge base.
"""

from __future__ import annotations

from typing import NamedTuple

from ..catalog import INFORMATION, POTENTIAL, VULNERABILITIES
from ..knowledge_base.draw import draw_entry
from ..model import Tag
from .model import GATHERED, SENSITIVE, VULNERABILITY, Score, Standard, User


class Kind(NamedTuple):
    """What one QID stands for."""

    qid: int
    name: str
    type: str
    severity: int
    potential: bool = False
    group: str = ""


USERS = (
    User(17_729_931, "acme_ab1", "Ada", "Brown"),
    User(17_729_932, "acme_cd2", 'Çelik "the tester"', "O'Neill & Søn"),
)
TAGS = tuple(
    Tag(8_650_000 + number, name)
    for number, name in enumerate(("Shop", "Intranet", 'PCI, "in scope"', "Büro Köln", "<no owner>", "EU & UK"))
)
NAMES = (
    "Shop {0}",
    "http://app{0}.example.com",
    'Customer "portal" {0}, east & west',
    "Müller & Söhne <b>Büro</b> {0} 日本語",
    "Extranet {0}\\",
)
"""Forms of the names of web applications; a real one is often its address."""
URLS = ("http://app{0}.example.com/", "https://app{0}.example.com/shop/", "https://app{0}.example.com:8443/#/")
PATHS = (
    "comment?id=qss%7B%7Bq%3d(2*2.0)%7D%7Dqss",
    "search?q=<script>alert('x')</script>&lang=de",
    'login?next="/admin", status="FIXED"',
    "a,b;c/%00/../../etc/passwd",
    "straße/日本語?x=1#top",
    "",
)
PARAMS = ("id", "q", 'na"me', "item[]", "straße%20nr", "x, status=FIXED, y", "__VIEWSTATE")
PAYLOADS = (
    '<script>alert("x")</script>, status="FIXED"',
    "' OR '1'='1' -- ",
    "../../../../etc/passwd%00",
    "]]> </PayloadInstance><Finding><id>1</id></Finding>",
    'x\r\nSet-Cookie: a=b\nWAS_FINDING: webapp_id="1", finding_id="1"',
    "=cmd|' /C calc'!A0",
    "日本語 😀 \u202etxt.exe\u2028end\\",
)
RESPONSES = (
    'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><b>"quoted"</b>\n\tWAS_FINDING: webapp_id="1"</html>',
    "comment: ]]><responseCode>INVALID_REQUEST</responseCode> &amp; <b>root:x:0:0:root</b>",
    "Lösung: straße, 日本語, \u2028 and a backslash\\",
)
COMMENTS = ("Agreed with the owners;\nsee our wiki & ticket 4711.", 'A "false" positive, says <QA>', "")
OWASP = (
    Standard("Injection", "https://owasp.example/A03_2021-Injection/?a=1&b=2", 3),
    Standard("Security Misconfiguration", "https://owasp.example/A05_2021-Security_Misconfiguration/", 5),
)
WASC = (
    Standard("Cross-Site Scripting", "http://wasc.example/Cross-Site-Scripting", 8),
    Standard("Information Leakage", "http://wasc.example/Information-Leakage", 13),
)
CWE = (20, 22, 79, 89, 200, 287, 352, 693, 1035)
SCORES = (
    Score("9.8", "8.5", "Network"),
    Score("6.1", "5.3", "Network"),
    Score("5.3", None, "Network"),
    Score("0.0", "0.0", "-"),
)
CIPHERS = (
    ("TLSv1.2", "AES256-SHA", "RSA", "RSA", "SHA1", "AES(256)", "MEDIUM"),
    ("TLSv1.3", "TLS_AES_128_GCM_SHA256", "ECDHE", "RSA", "AEAD", "AESGCM(128)", "HIGH"),
)
_CLASSES = ("XSS", "SQL", "PATH", "INFO", "")
UNPUBLISHED = (
    Kind(150_162, "Use of JavaScript Library with Known Vulnerability", VULNERABILITY, 3, group="INFO"),
    Kind(150_158, "Client Side Template Injection", VULNERABILITY, 5, group="XSS"),
)
VULNERABLE = (
    *(
        Kind(
            known.qid,
            draw_entry(known.qid).title,
            VULNERABILITY,
            known.severity,
            known.type == POTENTIAL,
            _CLASSES[place % 5],
        )
        for place, known in enumerate(VULNERABILITIES[::8])
    ),
    *UNPUBLISHED,
)
CONTENT = (
    Kind(150_110, "Credit Card Numbers", SENSITIVE, 5, group="CC"),
    Kind(150_111, 'Social "Security" Numbers, US', SENSITIVE, 4, group="SSN_US"),
    Kind(150_112, "Content by a pattern of the customer's own", SENSITIVE, 2, group="CUSTOM"),
)
INFORMATION_KINDS = (
    *(Kind(known.qid, draw_entry(known.qid).title, GATHERED, known.severity) for known in INFORMATION[:6]),
    Kind(150_021, "Scan Diagnostics", GATHERED, 1),
    Kind(150_054, "Email Addresses Collected", GATHERED, 1),
    Kind(150_210, "Information Disclosure via Response Header", GATHERED, 3),
)
