"""What entries of the knowledge base are made of: products, advisories, scores, texts, and titles that do harm.

The names of threat intelligence are the platform's (public recordings hold 2, 8, 13 and 15), but for 19 and 20, whose
names are not public.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .model import Compliance, Score


class Product(NamedTuple):
    """Something vulnerable: how people call it, its name and vendor, its category, the form of the vendor's advisories,
    and where they are read."""

    label: str
    name: str
    vendor: str
    category: str
    advisory: str
    url: str


class Family(NamedTuple):
    """QIDs below `below` are of `category`, and are about one of `products`."""

    below: int
    category: str
    products: tuple[Product, ...]


THREATS: Mapping[int, str] = dict(
    enumerate(
        (
            "Zero_Day",
            "Exploit_Public",
            "Active_Attacks",
            "High_Lateral_Movement",
            "Easy_Exploit",
            "High_Data_Loss",
            "Denial_of_Service",
            "No_Patch",
            "Malware",
            "Exploit_Kit",
            "Wormable",
            "Predicted_High_Risk",
            "Privilege_Escalation",
            "Unauthenticated_Exploitation",
            "Remote_Code_Execution",
            "Ransomware",
            "Solorigate_Sunburst",
            "Cisa_Known_Exploited_Vulns",
            "Threat_19",
            "Threat_20",
        ),
        start=1,
    )
)
WINDOWS = (
    Product(
        "Microsoft Windows Server 2019",
        "windows_server_2019",
        "microsoft",
        "Windows",
        "KB50{number:05}",
        "https://vendor.example/help/{id}",
    ),
    Product(
        "Microsoft Office",
        "office",
        "microsoft",
        "Office Application",
        "MS{short:02}-{day:03}",
        "https://vendor.example/bulletin/{id}?a=1&b=2",
    ),
)
PRODUCTS = (
    Product(
        "OpenSSL",
        "openssl",
        "openssl",
        "General remote services",
        "SECADV-{year}{month:02}{day:02}",
        "https://vendor.example/openssl/{id}",
    ),
    Product(
        "Red Hat Enterprise Linux",
        "enterprise_linux",
        "redhat",
        "RedHat",
        "RHSA-{year}:{number}",
        "https://vendor.example/errata/{id}",
    ),
    Product(
        "Cisco IOS XE",
        "ios_xe",
        "cisco",
        "Cisco",
        "cisco-sa-iosxe-{year}-{number}MzhjM6K",
        "https://vendor.example/sa/{id}",
    ),
    Product(
        "Ubuntu Linux",
        "ubuntu_linux",
        "canonical",
        "Ubuntu",
        "USN-{number}-1",
        "https://vendor.example/notices/{id}",
    ),
    Product(
        'Acme "Express" DB, 64 bit',
        "express_db",
        "none",
        "Database",
        'Advisory "{year}", part {day}',
        "https://vendor.example/adv",
    ),
    *WINDOWS,
)
FAMILIES = (
    Family(45_000, "General remote services", PRODUCTS),
    Family(86_000, "TCP/IP", PRODUCTS),
    Family(90_000, "Web server", PRODUCTS),
    Family(95_000, "Windows", WINDOWS),
    Family(400_000, "Local", PRODUCTS),
)
FLAWS = (
    "Remote Code Execution",
    "Denial of Service",
    "Privilege Escalation",
    "Cross-Site Scripting",
    "Information Disclosure",
    "Security Feature Bypass",
)
INFORMATION_TITLES: Mapping[int, str] = {
    6: "DNS Host Name",
    43007: "Network Adapter MAC Address",
    45017: "Operating System Detected",
    45038: "Host Scan Time - Scanner",
    45039: "Host Names Found",
    82004: "Open UDP Services List",
    82023: "Open TCP Services List",
    82040: "ICMP Replies Received",
    86002: "SSL Certificate - Information",
    90126: "Pending Reboot Detected",
}
HARMFUL_TITLES = (
    "=cmd|' /C calc'!A0",
    "Quoted \"title\", with 'both' kinds, commas; and \\backslashes\\",
    "First line\nsecond line\n\tthird line",
    "Ends a section ]]> and <VULN><QID>1</QID></VULN> begins another",
    "Müller & Söhne <b>„Büro“</b> 日本語 😀 \u202etxt.exe\u2028end",
    "+1+1 | delete index=* `macro` $host$ %windir%",
    "@SUM(1;1)\t-2",
    'Backslash at the end\\"\\',
)
"""Each is the title of some entries: what a spreadsheet runs, what ends a quotation, a section, a line, a search."""

CVSS = (
    Score("7.5", "5.5", "AV:N/AC:L/Au:N/C:P/I:P/A:P/E:U/RL:OF/RC:C"),
    Score("4.3", "3.2", "AV:N/AC:M/Au:N/C:N/I:P/A:N/E:U/RL:OF/RC:C", "service"),
    Score("10", "8.3", "AV:N/AC:L/Au:N/C:C/I:C/A:C/E:F/RL:OF/RC:C"),
    Score("7.2", "5.6", "AV:L/AC:L/Au:N/C:C/I:C/A:C/E:POC/RL:OF/RC:C", "service"),
    Score("0", "0", "AV:L/AC:L/Au:N/C:N/I:N/A:N/E:U/RL:OF/RC:C", "service"),
    Score("-", "-"),
)
CVSS_V3 = (
    Score("9.8", "8.5", "AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:U/RL:O/RC:C"),
    Score("7.8", "7", "AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H/E:P/RL:O/RC:C"),
    Score("6.1", "5.3", "AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N/E:U/RL:O/RC:C", "service"),
    Score("0", "0", "AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:N/A:N/E:U/RL:O/RC:C", "service"),
    Score("-", "-"),
)
CVSS_V4 = (
    Score("9.3", vector="AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"),
    Score("5.1", vector="AV:L/AC:L/AT:N/PR:L/UI:P/VC:L/VI:L/VA:N/SC:N/SI:N/SA:N"),
)
COMPLIANCE = (
    Compliance("HIPAA", "164.308", "Implement a mechanism to encrypt & decrypt health information."),
    Compliance("SOX", "404", 'Controls over "financial" systems\nare reviewed once a year.'),
)
PCI_REASONS = ("The vulnerability has a CVSS score of 4.0 or more.", "Stated as a failure by the PCI rules.")
MODULES = ("VM", "CA-Windows Agent", "CA-Linux Agent", "WAS", "MD")
AUTHENTICATION = ("Windows", "Unix", "Oracle", "SNMP", "HTTP", "MySQL", "WEBLOGIC_VULN")
EXPLOIT_SOURCES = ("nvd", "The Exploit-DB", "Metasploit", "seebug")
MALWARE_TYPES = ("Trojan", "Worm", "Ransomware")

DIAGNOSES = (
    "{product} is used by many applications.<P>\n\nAffected Versions:<BR>\n{product} prior to version {version}<BR>\n"
    "<P>QID Detection Logic (Authenticated):<BR>\nThe check compares the installed version with the fixed one, as "
    "&quot;show version&quot; prints it. <BR>\n<B>Note:</B> <![CDATA[ in a text ]]> and\ta tab.",
    "The version of {product} on this host is older than {version}.\n<P>\n1) <B>Parser</B>: a length isn't checked.<BR>"
    '\n2) <B>Cache</B>: a path is used before it is normalized, e.g. "C:\\Program Files\\x".<P>',
)
CONSEQUENCES = (
    " Someone without an account can run code of their choice on the host.<P>",
    "The service can be stopped by anyone\nwho reaches its port.",
)
SOLUTIONS = (
    '<P>The vendor\'s advisory <A HREF="{url}" TARGET="_blank">{advisory}</A> names the versions that are fixed.\n'
    '<P>Patch:<BR>\n<P> <A HREF="{url}" TARGET="_blank">{advisory}: {product}</A>',
    "Install version {version} or a newer one.<P>\n",
)
GATHERED = "What was found is printed in the RESULT section.\n<P>\nIt is information, not a weakness."
NOT_APPLICABLE = "Not  applicable."
