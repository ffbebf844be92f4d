"""Draws tickets: the same seed and number always give the same ticket, each eighth in the same state at first."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from ..catalog import INFO, POTENTIAL, VULNERABILITIES
from ..clock import DAY_S
from ..knowledge_base.draw import draw_entry
from ..model import Host
from .life import commented, ignored, moved, reassigned
from .model import OPEN, Details, Entry, Person, Spot, Ticket, Vulnerability

FIRST_NUMBER, NUMBER_GAP = 1_201, 3
LARGE_NUMBER = 2**53
"""Seeds that are multiples of nine number their tickets from here on: more than a reader of JSON may count on."""
SPREAD_S = 60 * DAY_S
RULE = 'Default "Policy" <all>'
PEOPLE = (
    Person("Ada Brown", "ada.brown@example.com", "acme_ab1"),
    Person('Çelik "the tester" O\'Neill & Søn', "celik@example.com", "acme_cd2"),
    Person("=cmd|' /C calc'!A0", "ops+tickets@example.com", "acme_ef3"),
)
TITLES = (
    "{0}",
    '{0} "quoted", number":7,"modified":"1999-01-01T00:00:00Z',
    "{0}\\",
    "<script>alert('x')</script> {0} 日本語",
    '{0}"}}\n{{"number":1,"modified":"2000-01-01T00:00:00Z","forged":true}}',
)
COMMENTS = ('Patched, see "CHG-7"\nand wait', "<b>überprüft</b> & ok", "won't fix\t…")
REFERENCES = (("MS08-067", "http://www.example.com/ms08-067?a=1&b=2"), ('VENDOR-"7"', "http://www.example.com/7"))


def ticket_number(seed: int, place: int) -> int:
    """The number of the ticket with this ordinal: ascending, with gaps."""
    first = LARGE_NUMBER if seed % 9 == 0 else FIRST_NUMBER
    return first + place * NUMBER_GAP + random.Random(f"{seed}/ticket gap/{place}").randrange(NUMBER_GAP)


def draw_ticket(seed: int, place: int, host: Host, born_at: int, *, new: bool = False) -> Ticket:
    """The ticket with this ordinal, about `host`. `new`: a scan that ended at `born_at` has just made it; else it lived
    through some of the 60 days before."""
    rng = random.Random(f"{seed}/ticket/{place}")
    created_at = born_at if new else born_at - SPREAD_S + rng.randrange(20 * DAY_S)
    assignee = rng.choice(PEOPLE)
    scan = f"scan/{created_at}.{place + 10_000}"
    opened = Entry(created_at, "acme_ab1", new=OPEN, added=assignee, scan=scan, rule=RULE)
    ticket = Ticket(
        number=ticket_number(seed, place),
        created_at=created_at,
        due_at=created_at + (7 if place % 8 == 1 else 400) * DAY_S,
        state=OPEN,
        status=None,
        invalid=False,
        assignee=assignee,
        spot=_spot(rng, host),
        vulnerability=_vulnerability(rng, place),
        first_found_at=created_at,
        last_found_at=born_at,
        last_scan_at=born_at,
        times_found=1 if new else rng.randint(1, 60),
        times_not_found=rng.choice((None, 0, 3)),
        history=(opened,),
        opened_at=created_at,
    )
    return ticket if new else LIVES[place % len(LIVES)](ticket, created_at)


def _spot(rng: random.Random, host: Host) -> Spot:
    found = rng.random() < 0.7
    return Spot(
        ip=host.ip,
        host_id=host.id,
        dns=host.dns or None,
        netbios=host.netbios,
        port=rng.choice((443, 3389, 22)) if found else None,
        service=rng.choice(("SMB / NETBIOS", "http over ssl", "")) if found else None,
        protocol=rng.choice(("tcp", "udp")) if found else None,
        fqdn=host.fqdn or None,
        ssl=rng.choice((0, 1)) if found else None,
        instance='HKLM\\SOFTWARE\\"x"' if rng.random() < 0.1 else None,
    )


def _vulnerability(rng: random.Random, place: int) -> Vulnerability:
    known = rng.choice([each for each in VULNERABILITIES if each.type != INFO])
    entry = draw_entry(known.qid)
    return Vulnerability(
        title=TITLES[place % len(TITLES)].format(entry.title),
        potential=known.type == POTENTIAL,
        qid=known.qid,
        severity=known.severity,
        standard_severity=rng.randint(1, 5),
        cves=tuple(filter(None, (known.cve,))),
        references=tuple(rng.sample(REFERENCES, place % 3)),
        details=Details(
            diagnosis=f"<P>{entry.title} lets anybody in.\n<BR>Really.",
            consequence=rng.choice((None, "All is lost.")),
            solution=rng.choice((None, 'Install the "patch" & reboot.')),
            result=rng.choice((None, known.table)),
        ),
    )


def _fixed(ticket: Ticket, at: int) -> Ticket:
    return moved(moved(ticket, at + 5 * DAY_S, PEOPLE[0].login), at + 9 * DAY_S, "SYSTEM")


LIVES: tuple[Callable[[Ticket, int], Ticket], ...] = (
    lambda ticket, _at: ticket,
    lambda ticket, at: commented(ticket, at + 3 * DAY_S, PEOPLE[1].login, COMMENTS[0]),
    lambda ticket, at: commented(
        moved(_fixed(ticket, at), at + 20 * DAY_S, "SYSTEM"), at + 21 * DAY_S, "acme_ab1", COMMENTS[1]
    ),
    lambda ticket, at: moved(ticket, at + 4 * DAY_S, PEOPLE[1].login),
    _fixed,
    lambda ticket, at: ignored(ticket, at + 2 * DAY_S, PEOPLE[1].login, COMMENTS[2]),
    lambda ticket, at: replace(reassigned(ticket, at + 6 * DAY_S, "acme_ab1", PEOPLE[2]), invalid=True),
    lambda ticket, _at: replace(ticket, history=None),
)
"""What became of tickets until the platform's first day, by their ordinal: nothing, overdue and commented, reopened,
resolved, fixed, ignored, reassigned and invalid; and one that tells no history."""
