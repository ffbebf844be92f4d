"""The inputs of a site that pull what is not of hosts, and what they brought, compared with the ledgers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Optional

from qualys_ta.feed import OVERLAP
from qualys_ta.splunk import state
from standins.qualys import ExpectedPosture, ExpectedWebFinding
from standins.qualys.standin import Received
from support.core import extracted
from support.e2e import Site

Identity = tuple[str, ...]
Values = Mapping[str, str]
_COUNT = re.compile(r"(?:type|status|severity)_.+")
WEB_SAME = ("qid", "name", "type", "severity", "url", "timesDetected", "firstDetectedDate", "lastDetectedDate")
POSTURE_SAME = ("HOST_ID", "CONTROL_ID", "TECHNOLOGY_ID", "STATUS", "POSTURE_MODIFIED_DATE")
POLICY_SAME = {"POLICY_TITLE": "TITLE", "LAST_EVALUATED_DATETIME": "LAST_EVALUATED/DATETIME", "STATUS": "STATUS"}


@dataclass
class FeedSite(Site):
    """A site whose input of another metric, named after it, is started by hand. `has_summaries`: it counts records."""

    has_summaries: ClassVar[bool] = True

    @property
    def lacks(self) -> tuple[str, ...]:
        """Parts of the add-on that have nothing to do here."""
        return () if self.has_summaries else ("tallies",)

    @classmethod
    def of(cls, site: Site) -> FeedSite:
        made = cls(site.qualys, site.splunk, site.account, site.saved, site.calls_before, cls.name)
        made.fresh()
        return made

    def fresh(self) -> None:
        super().fresh()
        self.set_input(metric=self.name, duration="1d", account="demo", disabled="0")

    def pull(self, **puppet: Any) -> None:
        """A pull that ends well."""
        run = self.tick(**puppet)
        assert (run.returncode, self.lines("ERROR")) == (0, []), self.splunk.log()[-3000:]

    def change(self) -> None:
        """What happens on the platform between two pulls."""

    def pull_later(self, seconds: int, **puppet: Any) -> str:
        """The next pull, so much after what changed meanwhile. Returns what it pulled from."""
        self.change()
        self.qualys.clock.advance(seconds)
        self.splunk.clean()
        since = str(self.checkpoint["since"])
        state.ask(self.checkpoints, self.name, state.RUN_NOW)
        self.pull(**puppet)
        return since

    @property
    def found(self) -> Counter[Identity]:
        """What the events in the index speak of."""
        return Counter(map(self.identity, self.raw))

    def identity(self, raw: str) -> Identity:
        """What the event speaks of: its kind, the record or group, and how that stood."""
        raise NotImplementedError

    def wanted(self, since: str) -> Counter[Identity]:
        raise NotImplementedError

    def values(self) -> dict[Identity, Values]:
        """What the event of each identity must say, as the platform stands now; but for summaries, whose identity is
        all that they say."""
        raise NotImplementedError

    def told(self, raw: str) -> Values:
        """What an event says, by the names of `values`."""
        return told_in(raw)

    def beside(self) -> Iterator[str]:
        """What is wrong beside the events."""
        yield from ()

    def differing(self, raw: str, expected: Values) -> Iterator[str]:
        """Where an event does not say what it must."""
        told = self.told(raw)
        for name, text in expected.items():
            if _line(told.get(name, "")) != _line(text):
                yield f"{raw[:60]}: {name}={told.get(name)!r}, not {text!r}"

    def wrong_values(self) -> Iterator[str]:
        held = self.values()
        for raw in self.raw:
            yield from self.differing(raw, held.get(self.identity(raw), {}))
        yield from self.beside()

    def differences(self, since: str = "") -> list[str]:
        """Where index and ledger disagree; how often an event came is not judged here."""
        found, wanted = set(self.found), set(self.wanted(since))
        missing = (f"missing: {identity}" for identity in sorted(wanted - found))
        strangers = (f"does not belong here: {identity}" for identity in sorted(found - wanted))
        return [*missing, *strangers, *self.wrong_values()]


@dataclass
class WebSite(FeedSite):
    """With the input `was_findings`."""

    name: str = "was_findings"

    @property
    def calls(self) -> list[Received]:
        return [call for call in self.qualys.requests[self.calls_before :] if call.path.endswith("/was/finding")]

    def identity(self, raw: str) -> Identity:
        told = told_in(raw)
        if raw.startswith("WAS_FINDING: "):
            return "WAS_FINDING", told["finding_id"], told["lastTestedDate"], told["status"]
        return "WAS_SUMMARY", told["webapp_id"], *_above_zero({n: int(c) for n, c in told.items() if _COUNT.match(n)})

    def wanted(self, since: str) -> Counter[Identity]:
        criteria = {"lastTestedDate GREATER": since} if since else {}
        ledger = self.qualys.web_ledger
        findings = ledger.expected(criteria).values()
        return Counter[Identity](
            [_of_finding(each) for each in findings]
            + [("WAS_SUMMARY", str(app), *_above_zero(counts)) for app, counts in ledger.summaries(criteria).items()]
        )

    def values(self) -> dict[Identity, Values]:
        return {
            _of_finding(each): {
                **{name: each.elements.get(name, "") for name in WEB_SAME},
                "webapp_id": str(each.app_id),
            }
            for each in self.qualys.web_ledger.expected().values()
        }


@dataclass
class ComplianceSite(FeedSite):
    """With the input `policy_posture_info`."""

    name: str = "policy_posture_info"
    params: Optional[Values] = None

    @property
    def calls(self) -> list[Received]:
        """The posture calls that the platform got."""
        return [call for call in self.qualys.requests[self.calls_before :] if "/posture/info/" in call.path]

    def identity(self, raw: str) -> Identity:
        told = told_in(raw)
        kind, policy = raw.partition(":")[0], told["POLICY_ID"]
        if kind == "POSTURE_INFO":
            return kind, policy, told["POSTURE_ID"], told["STATUS"], told.get("POSTURE_MODIFIED_DATE", "")
        if kind == "POLICY_SUMMARY":
            counts = sorted(f"{n}={c}" for n, c in told.items() if n not in ("POLICY_ID", "NUMBER_OF_CONTROLS"))
            return kind, policy, told["NUMBER_OF_CONTROLS"], *counts
        return kind, policy

    def wanted(self, since: str) -> Counter[Identity]:
        return Counter(self.qualys.compliance_ledger.identities(since or None, self.params, OVERLAP.seconds))

    def values(self) -> dict[Identity, Values]:
        held = self.qualys.compliance_ledger.expected(None, self.params).values()
        policies = {
            ("POLICY_INFO", str(policy.id)): {name: policy.elements.get(path, "") for name, path in POLICY_SAME.items()}
            for policy in held
        }
        postures = (posture for policy in held for posture in policy.postures.values())
        return {**policies, **{_of_posture(posture): _posture_values(posture) for posture in postures}}


def _of_finding(finding: ExpectedWebFinding) -> Identity:
    return "WAS_FINDING", str(finding.id), finding.tested, finding.status


def _of_posture(posture: ExpectedPosture) -> Identity:
    how = (posture.elements.get(name, "") for name in ("STATUS", "POSTURE_MODIFIED_DATE"))
    return "POSTURE_INFO", str(posture.policy_id), str(posture.id), *how


def _posture_values(posture: ExpectedPosture) -> Values:
    return {
        **{name: posture.elements.get(name, "") for name in POSTURE_SAME},
        **{f"HOST_{name}": posture.host.get(name, "") for name in ("IP", "DNS")},
        "CONTROL_STATEMENT": posture.control.get("STATEMENT", ""),
    }


def _above_zero(counts: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(f"{name}={count}" for name, count in sorted(counts.items()) if count)


@lru_cache(maxsize=4096)
def told_in(raw: str) -> Mapping[str, str]:
    """The fields of an event."""
    return dict(extracted(raw))


def _line(text: str) -> str:
    return " ".join(text.replace('"', "'").split())
