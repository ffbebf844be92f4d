"""What happens to tickets: each step gives the ticket after it, with an entry at the head of its history."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .model import CLOSED, FIXED, IGNORED, OPEN, REOPENED, RESOLVED, Entry, Person, Ticket

NEXT_STATE = {OPEN: RESOLVED, RESOLVED: CLOSED, CLOSED: OPEN}


@dataclass(frozen=True)
class Step:
    """At `at` the ticket moves on in state (`what` is "move"), is commented ("comment"), or its vulnerability is found
    again ("scan"), which is no change of the ticket."""

    at: int
    what: str


def stepped(ticket: Ticket, step: Step) -> Ticket:
    """The ticket after the step."""
    if step.what == "scan":
        return replace(ticket, last_found_at=step.at, last_scan_at=step.at, times_found=ticket.times_found + 1)
    if step.what == "comment":
        return commented(ticket, step.at, "acme_ab1", f'Seen at {step.at}: "again"')
    return moved(ticket, step.at, "SYSTEM")


def moved(ticket: Ticket, at: int, actor: str) -> Ticket:
    """Open becomes resolved, resolved fixed, and what was closed opens again."""
    state = NEXT_STATE[ticket.state]
    entry = Entry(at, actor, ticket.state, state, scan=f"scan/{at}.{ticket.number % 100_000}")
    changes = {
        OPEN: {"status": REOPENED, "opened_at": at},
        RESOLVED: {"status": None, "resolved_at": at},
        CLOSED: {"status": FIXED, "closed_at": at},
    }[state]
    return _with(replace(ticket, state=state, **changes), entry)  # type: ignore[arg-type]


def ignored(ticket: Ticket, at: int, actor: str, comment: str) -> Ticket:
    """Somebody does not want to see the vulnerability any more."""
    entry = Entry(at, actor, ticket.state, CLOSED, comment=comment)
    return _with(replace(ticket, state=CLOSED, status=IGNORED, closed_at=at, ignored_at=at), entry)


def commented(ticket: Ticket, at: int, actor: str, comment: str) -> Ticket:
    return _with(ticket, Entry(at, actor, comment=comment))


def reassigned(ticket: Ticket, at: int, actor: str, to: Person) -> Ticket:
    return _with(replace(ticket, assignee=to), Entry(at, actor, added=to, removed=ticket.assignee))


def _with(ticket: Ticket, entry: Entry) -> Ticket:
    return replace(ticket, history=(entry, *(ticket.history or ())))
