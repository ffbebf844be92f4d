"""Bombs of the lists of tickets, assets and reports, as `bombs.OTHER_BOMBS`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, repeat

from support.bombs import LAUGHS, nested, within

HEADER = "<HEADER><DATETIME>2024-01-01T00:00:00Z</DATETIME></HEADER>"
GROWING = f'<!DOCTYPE R [<!ENTITY l0 "lol">{LAUGHS}]>'
LAUGH = "&l9;"


def tickets(inside: Iterable[str] = (), before: str = "", outside: str = "") -> Iterator[str]:
    """One ticket with something in it."""
    yield f"{before}<REMEDIATION_TICKETS>{HEADER}{outside}<TICKET_LIST><TICKET><NUMBER>1</NUMBER>"
    yield from inside
    yield "</TICKET></TICKET_LIST></REMEDIATION_TICKETS>"


def service(record: str, inside: Iterable[str] = (), before: str = "", outside: str = "") -> Iterator[str]:
    """One HostAsset or Tag."""
    yield f"{before}<ServiceResponse><responseCode>SUCCESS</responseCode>{outside}<data><{record}><id>1</id>"
    yield from inside
    yield f"</{record}></data></ServiceResponse>"


def groups(inside: Iterable[str] = (), before: str = "", outside: str = "") -> Iterator[str]:
    yield f"{before}<ASSET_GROUP_LIST_OUTPUT><RESPONSE><DATETIME>2024-01-01T00:00:00Z</DATETIME>{outside}"
    yield "<ASSET_GROUP_LIST><ASSET_GROUP><ID>1</ID>"
    yield from inside
    yield "</ASSET_GROUP></ASSET_GROUP_LIST></RESPONSE></ASSET_GROUP_LIST_OUTPUT>"


def report(
    inside: Iterable[str] = (), explained: Iterable[str] = (), rated: Iterable[str] = (), before: str = ""
) -> Iterator[str]:
    """A report of one host."""
    yield f"{before}<ASSET_DATA_REPORT>{HEADER}<RISK_SCORE_PER_HOST>"
    yield from rated
    yield "</RISK_SCORE_PER_HOST><HOST_LIST><HOST><IP>10.0.0.1</IP>"
    yield from inside
    yield "</HOST></HOST_LIST><GLOSSARY><VULN_DETAILS_LIST>"
    yield from explained
    yield "</VULN_DETAILS_LIST></GLOSSARY></ASSET_DATA_REPORT>"


def details(count: int, more: str = "") -> Iterator[str]:
    return (f'<VULN_DETAILS id="qid_{number}"><TITLE>{number}{more}</TITLE></VULN_DETAILS>' for number in range(count))


def findings(count: int) -> Iterator[str]:
    return within("VULN_INFO_LIST", map(FOUND.format, range(count)))


FOUND = '<VULN_INFO><QID id="qid_{0}">{0}</QID></VULN_INFO>'
LONG = "x" * 10_000
DEEP = (nested(50_000),)
ENTITIES: Mapping[str, tuple[str, Callable[[], Iterator[str]]]] = {
    "billion laughs in a ticket": ("TICKETS", lambda: tickets([LAUGH], GROWING)),
    "billion laughs in an asset": ("ASSETS", lambda: service("HostAsset", [LAUGH], GROWING)),
    "billion laughs in a tag": ("TAGS", lambda: service("Tag", [LAUGH], GROWING)),
    "billion laughs in an asset group": ("GROUPS", lambda: groups([LAUGH], GROWING)),
    "billion laughs in a report": ("REPORT", lambda: report([LAUGH], before=GROWING)),
    "billion laughs in a glossary": ("REPORT", lambda: report(explained=[LAUGH], before=GROWING)),
}
WITHOUT_BOTTOM: Mapping[str, tuple[str, Callable[[], Iterator[str]]]] = {
    "deep in a ticket": ("TICKETS", lambda: tickets(DEEP)),
    "deep in the history of a ticket": ("TICKETS", lambda: tickets(within("HISTORY_LIST", within("HISTORY", DEEP)))),
    "deep in an asset": ("ASSETS", lambda: service("HostAsset", DEEP)),
    "deep in a tag": ("TAGS", lambda: service("Tag", DEEP)),
    "deep in an asset group": ("GROUPS", lambda: groups(DEEP)),
}
TOO_LONG: Mapping[str, tuple[str, Callable[[], Iterator[str]]]] = {
    "one long explanation, often": (
        "REPORT",
        lambda: report(within("VULN_INFO_LIST", repeat(FOUND.format(0), 40_000)), details(1, LONG)),
    ),
    "one long name of an asset, often": (
        "ASSETS",
        lambda: service(
            "HostAsset",
            chain(
                (f"<name>{LONG}</name>",), within("openPort", within("list", repeat("<P><port>1</port></P>", 40_000)))
            ),
        ),
    ),
}
"""Here, too, only the record itself is left out."""

FEED_BOMBS: Mapping[str, tuple[str, Callable[[], Iterator[str]]]] = {
    **ENTITIES,
    **WITHOUT_BOTTOM,
    **TOO_LONG,
    "deep in a host of a report": ("REPORT", lambda: report(DEEP)),
    "deep in what a report explains": ("REPORT", lambda: report(explained=within("VULN_DETAILS", DEEP))),
    "deep around tickets": ("TICKETS", lambda: tickets(outside=nested(100_000))),
    "many changes of a ticket": (
        "TICKETS",
        lambda: tickets(within("HISTORY_LIST", repeat("<HISTORY><DATETIME>9</DATETIME></HISTORY>", 50_000))),
    ),
    "tickets of which each is of another shape": (
        "TICKETS",
        lambda: tickets(
            chain(
                ("</TICKET>",),
                (f"<TICKET><NUMBER>{number}</NUMBER><N{number}/></TICKET>" for number in range(20_000)),
                ("<TICKET>",),
            )
        ),
    ),
    "much software of an asset": (
        "ASSETS",
        lambda: service("HostAsset", within("software", within("list", repeat("<S><name>a</name></S>", 50_000)))),
    ),
    "a long name of an asset with many ports": (
        "ASSETS",
        lambda: service(
            "HostAsset",
            chain(
                (f"<name>{LONG}</name>",), within("openPort", within("list", repeat("<P><port>1</port></P>", 2_000)))
            ),
        ),
    ),
    "many lists of tags": ("TAGS", lambda: service("Tag", outside="<data><Tag><id>1</id></Tag></data>" * 50_000)),
    "many addresses of an asset group": (
        "GROUPS",
        lambda: groups(within("IP_SET", repeat("<IP>10.0.0.1</IP>", 100_000))),
    ),
    "much that a report explains": ("REPORT", lambda: report(findings(5), details(1_500, LONG))),
    "many findings before what explains them": ("REPORT", lambda: report(findings(40_000), details(9))),
    "many hosts that are rated": (
        "REPORT",
        lambda: report(rated=(f"<HOSTS><IP_ADDRESS>{number}</IP_ADDRESS></HOSTS>" for number in range(60_000))),
    ),
    "reports in each other": ("REPORT", lambda: report(explained=repeat("<GLOSSARY>", 100_000))),
}
"""By the name of their shape; converted as a pull does it, on disk."""
