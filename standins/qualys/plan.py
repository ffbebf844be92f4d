"""What a stand-in for the Qualys platform is to be like."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Optional, Union

from .clock import Moment, seconds
from .limits import Allowance

EPOCH = "2025-11-01T00:00:00Z"
DEFAULT_USERS: Mapping[str, str] = {"acme_ab1": 'Pä$$w0rd "€" <&>:%+\\'}


@dataclass(frozen=True)
class Plan:
    """What may be chosen of it.

    `hosts` × `findings` are drawn from `seed`; the hosts were last processed in the 30 days before `epoch`.
    `knowledge_entries`: of how many QIDs the knowledge base speaks, those of findings first (there are 407 of them).
    `policies` × `controls` judge about 70 of a hundred hosts; of six policies one was never evaluated, one is empty.
    `results_bytes` makes RESULTS at least that long. `page_limit` caps what a call may ask for. `users` maps names to
    passwords; `username` and `password` are the first of them. `certificate`: good, expired, wrong_name, unknown_ca.
    `gone_versions`: API versions that were removed. `without`: elements of hosts and findings that this subscription
    does not get; which of the optional ones come depends on what is switched on for a customer.
    `web_apps` × `web_findings`: web applications and the findings of each, but for each fifth, which was never scanned.
    `tickets`: remediation tickets, each eighth in the same state at first; an answer holds `tickets_per_page` at most,
    for which there is no parameter of the call.
    `fim_events`, `fim_ignored_events`, `fim_incidents`: what file integrity monitoring saw. Its gateway is at the same
    address.
    `report_looks`: how often somebody looks until a report is finished.
    `web_unnamed`: the web application API takes calls without X-Requested-With, as a public client makes them.
    """

    hosts: int = 20
    findings: int = 10
    seed: int = 1
    faults: Union[str, Iterable[str]] = ()
    dirt: Union[str, Iterable[str]] = ()
    users: Optional[Mapping[str, str]] = None
    require_client_cert: bool = False
    certificate: str = "good"
    page_limit: Optional[int] = None
    results_bytes: int = 0
    epoch: Moment = EPOCH
    allowance: Optional[Allowance] = None
    gone_versions: tuple[str, ...] = ()
    port: int = 0
    knowledge_entries: int = 600
    policies: int = 6
    controls: int = 8
    without: Container[str] = ()
    web_apps: int = 6
    web_findings: int = 8
    web_unnamed: bool = False
    tickets: int = 24
    fim_events: int = 40
    fim_ignored_events: int = 12
    fim_incidents: int = 8
    tickets_per_page: Optional[int] = None
    report_looks: int = 2

    @property
    def starts_at(self) -> int:
        """`epoch` as seconds."""
        return seconds(self.epoch)

    @property
    def known_users(self) -> dict[str, str]:
        return dict(self.users or DEFAULT_USERS)
