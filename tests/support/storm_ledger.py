"""Everything the platform ever held while a storm went on, and what an index made of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Callable, Protocol

from standins.qualys import QualysStandin
from standins.qualys.clock import stamp
from standins.qualys.ledger import ExpectedFinding, ExpectedHost
from support.core import extracted
from support.e2e import changed, of_finding, of_host

Key = tuple[str, ...]
STATE = ("STATUS", "FIRST_FOUND_DATETIME", "LAST_UPDATE_DATETIME")
"""What of a finding must be as it is now: only changes of these are written again."""


class Judge(Protocol):
    """Knows what was there of an input's records in a storm, and finds what is wrong in its index."""

    def note(self) -> None: ...

    def heard(self, named: str, fault: str) -> None: ...

    def faults(self, raw: list[str], blows: int, starts: int) -> Iterator[str]: ...


class History:
    """Hosts in every state they were in. `params`: what the add-on asks for."""

    def __init__(self, qualys: QualysStandin, params: Mapping[str, str]) -> None:
        self._qualys = qualys
        self._params = params
        self.summaries: dict[str, set[Key]] = {}
        self.findings: dict[tuple[str, str], set[Key]] = {}
        self.removed: set[str] = set()
        self._added: dict[int, str] = {}
        self.most_events = 0

    def note(self, ids: Iterable[int]) -> None:
        """These hosts are in a new state."""
        ids = [str(ident) for ident in ids]
        if not ids:
            return
        for host in self._expected(ids=",".join(ids)):
            ident = str(host.id)
            self.summaries.setdefault(ident, set()).add(_key(of_host(host)))
            for finding in host.findings:
                self.findings.setdefault((ident, finding.unique_vuln_id), set()).add(_key(of_finding(finding)))
            self.most_events = max(self.most_events, 2 + len(host.findings))

    def change(self, what: str, share: float) -> None:
        """Something happens to hosts, or to entries of the knowledge base."""
        qualys = self._qualys
        ids = qualys.population.ids
        some = ids[int(share * len(ids)) :: 3]
        if what in ("touch", "process"):
            self.note(qualys.touch(some, changes=what == "touch"))
        elif what == "add":
            self.add(2)
        elif what == "remove":
            self.remove(some[:2])
        elif what == "modify":
            qualys.modify_entries(qualys.knowledge.qids[:: 20 + int(share * 20)])
        else:
            qualys.publish_entries(new=3)

    def add(self, count: int) -> None:
        """Hosts that are new in the middle of a storm, with findings of long ago: what did not change since is not
        written by a pull of changes."""
        added = self._qualys.add_hosts(count)
        self._added.update(dict.fromkeys(added, stamp(self._qualys.clock.now())))
        self.note(added)

    def remove(self, ids: Iterable[int]) -> None:
        ids = tuple(ids)
        self._qualys.remove_hosts(ids)
        self.removed.update(map(str, ids))

    def faults(self, raw: list[str], owns: Callable[[int], bool], untold: int) -> Iterator[str]:
        """Where the index disagrees. `untold`: how many removed hosts may be missing among those that are gone.

        Each event must be right for some moment of the storm, and the last state of everything must be there.
        """
        found = _Found()
        for text in dict.fromkeys(raw):
            yield from self._event(text, owns, found)
        for host in self._expected():
            if owns(host.id):
                yield from _missing(host, found, self._added.get(host.id, ""))
        missing = {ident for ident in self.removed & found.summaries.keys() if ident not in found.gone}
        if len(missing) > untold:
            yield f"hosts {sorted(missing)} are gone, and nobody was told"

    def _event(self, text: str, owns: Callable[[int], bool], found: _Found) -> Iterator[str]:
        kind, fields = text.partition(":")[0], dict(extracted(text))
        ident = fields.get("HOST_ID", "")
        if not ident.isdecimal() or not owns(int(ident)):
            yield f"an event of another's host: {text[:80]}"
        elif kind == "HOSTGONE":
            found.gone.add(ident)
            if ident not in self.removed:
                yield f"host {ident} is told as gone, and is there"
        elif kind == "HOSTSUMMARY":
            key = _of(fields, _HOST_NAMES)
            found.summaries.setdefault(ident, set()).add(key)
            if key not in self.summaries.get(ident, ()):
                yield f"host {ident} never was so: {text[:300]}"
        else:
            number = fields.get("UNIQUE_VULN_ID", "")
            key = _of(fields, _FINDING_NAMES)
            found.findings.setdefault((ident, number), set()).add(_of(fields, STATE))
            if key not in self.findings.get((ident, number), ()):
                yield f"finding {ident} {number} never was so: {text[:300]}"

    def _expected(self, **more: str) -> list[ExpectedHost]:
        return list(self._qualys.ledger.expected_hosts({**self._params, **more}))


class _Found:
    """The events of an index by what they speak of."""

    def __init__(self) -> None:
        self.summaries: dict[str, set[Key]] = {}
        self.findings: dict[tuple[str, str], set[Key]] = {}
        self.gone: set[str] = set()


def _missing(host: ExpectedHost, found: _Found, since: str) -> Iterator[str]:
    ident = str(host.id)
    if _key(of_host(host)) not in found.summaries.get(ident, ()):
        yield f"host {ident} is missing as it is now"
    for finding in host.findings:
        told = of_finding(finding)
        old = changed(finding) < since
        if not old and tuple(told[name] for name in STATE) not in found.findings.get(
            (ident, finding.unique_vuln_id), ()
        ):
            yield f"finding {ident} {finding.unique_vuln_id} is missing as it is now"


def repeats(raw: list[str]) -> int:
    return sum(count - 1 for count in Counter(raw).values())


def _key(told: Mapping[str, str]) -> Key:
    return tuple(told[name] for name in sorted(told))


def _of(fields: Mapping[str, str], names: Iterable[str]) -> Key:
    return tuple(fields.get(name, "").strip() for name in names)


_HOST_NAMES = sorted(of_host(ExpectedHost(0, {}, (), ())))
_FINDING_NAMES = sorted(of_finding(ExpectedFinding(0, "", {})))
