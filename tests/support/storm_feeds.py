"""What a storm does to policies and web applications, and everything that an index may say of them in the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Optional

from standins.qualys import QualysStandin
from support.e2e import Site
from support.e2e_feeds import ComplianceSite, FeedSite, Identity, Values, WebSite, differing
from support.storm_ledger import repeats
from support.storm_plan import LISTS, POSTURE, WEB

SITES: Mapping[str, type[FeedSite]] = {POSTURE: ComplianceSite, WEB: WebSite}
LATE_S = 500
"""How long ago a scan may have tested what shows now: less than any overlap."""
PLACES = {
    "/compliance/policy/": "policy",
    "/posture/info/": "posture",
    "/was/webapp": "was_webapp",
    "/was/finding": "was_finding",
}
"""What is in a path -> what faults call its list."""


def list_of(path: str) -> str:
    """The list of policies or web applications that was asked for; "" for another."""
    return next((name for part, name in PLACES.items() if part in path), "")


class FeedHistory:
    """Records in every state they were in. `settings`: those of the storm, by tab."""

    def __init__(self, site: Site, name: str, settings: Mapping[str, Mapping[str, str]]) -> None:
        self._site = SITES[name](site.qualys, site.splunk, site.account, site.saved)
        self._ever: dict[Identity, list[Values]] = {}
        self._groups: set[str] = set()
        self._again: Counter[str] = Counter()
        self._lists, self._loops = LISTS[name], 0
        self._is_web = name == WEB
        self._page = int(settings["was"]["was_page_size"] if self._is_web else settings["pc"]["pc_truncation_limit"])
        self._in_one = not self._is_web and settings["pc"]["pc_num_count_for_pid"] != "1"
        self.note()

    def note(self) -> None:
        """The platform is in a new state."""
        for identity, values in self._site.values().items():
            known = self._ever.setdefault(identity, [])
            if values not in known:
                known.append(values)
        self._groups |= self._summaries().keys()

    def heard(self, named: str, fault: str) -> None:
        """A call for this list was answered so. A first page that names itself as the next one cannot be told from
        one that does not: it is read twice."""
        self._loops += named in self._lists and fault == "loop"

    def comes_again(self, policies: tuple[int, ...]) -> None:
        """Somebody changed these: all of their posture comes once more."""
        self._again.update(map(str, policies))

    def faults(self, raw: list[str], blows: int, starts: int) -> Iterator[str]:
        """Where the index disagrees.

        Each event must be right for some moment of the storm, the last state of everything must be there, the last
        summary of each group must be right. `raw`: as it was written, run after run.
        """
        told: dict[Identity, list[str]] = {}
        for text in raw:
            told.setdefault(self._site.identity(text), []).append(text)
        for identity, texts in told.items():
            yield from self._event(identity, texts)
        for identity, values in self._site.values().items():
            if not any(_says(text, values) for text in told.get(identity, ())):
                yield f"missing as it is now: {identity} {values}"
        last = {identity[1]: identity for identity in map(self._site.identity, raw) if _is_summary(identity)}
        for group, identity in self._summaries().items():
            if last.get(group) != identity:
                yield f"the last summary of {group} is {last.get(group)}, not {identity}"
        yield from self._repeats(raw, blows, starts)

    def _event(self, identity: Identity, texts: list[str]) -> Iterator[str]:
        if _is_summary(identity):
            if identity[1] not in self._groups:
                yield f"a summary of what never was there: {identity}"
            return
        states = self._ever.get(identity, ())
        for text in dict.fromkeys(texts):
            if not any(_says(text, values) for values in states):
                yield f"never was so: {text[:300]}"

    def _repeats(self, raw: list[str], blows: int, starts: int) -> Iterator[str]:
        """The posture at the end of one page and the start of the next comes twice where another run reads the next."""
        most = len(self._ever) if self._in_one else self._page + 1
        allowed = most * (blows + self._loops) + (0 if self._is_web else starts)
        found = repeats(list(self._but_for_those_that_come_again(raw)))
        if found > allowed:
            yield f"{found} events came again, for {blows} blows, {starts} starts and {most} events in a page"

    def _but_for_those_that_come_again(self, raw: list[str]) -> Iterator[str]:
        """Each event of a policy may come once more for each change of it."""
        for text, times in Counter(raw).items():
            identity = self._site.identity(text)
            if not _is_summary(identity):
                more = 0 if self._is_web else self._again[identity[1]]
                yield from [text] * max(1, times - more)

    def _summaries(self) -> dict[str, Identity]:
        return {identity[1]: identity for identity in self._site.wanted("") if _is_summary(identity)}


def _is_summary(identity: Identity) -> bool:
    return identity[0].endswith("_SUMMARY")


def _says(text: str, values: Values) -> bool:
    return next(differing(text, values), None) is None


def change_feeds(qualys: QualysStandin, histories: Mapping[str, FeedHistory], what: str, share: float) -> None:
    """Something happens to a third of the policies, or of the applications; a new one comes, or one goes."""
    change = CHANGES[what]
    name = POSTURE if what in POLICY_CHANGES else WEB
    ids = qualys.compliance.ids if name == POSTURE else qualys.web.app_ids
    again = change(qualys, ids[int(share * len(ids)) :: 3], histories[name].note)
    histories[name].comes_again(again or ())
    for history in histories.values():
        history.note()


Note = Callable[[], None]
Happening = Callable[[QualysStandin, tuple[int, ...], Note], Optional[tuple[int, ...]]]


def _add_app(qualys: QualysStandin, _some: tuple[int, ...], note: Note) -> None:
    """It was scanned days ago, as nothing that is new can be: so it is scanned now."""
    added = qualys.web.add(1)
    note()
    qualys.web.rescan(added)


def _remove_policy(qualys: QualysStandin, some: tuple[int, ...], _note: Note) -> None:
    qualys.remove_policies(some[:1])


def _evaluate(*, changes: bool) -> Happening:
    def happen(qualys: QualysStandin, some: tuple[int, ...], _note: Note) -> None:
        qualys.evaluate_policies(some, changes=changes)

    return happen


def _rescan(lag_s: int) -> Happening:
    def happen(qualys: QualysStandin, some: tuple[int, ...], _note: Note) -> None:
        qualys.web.rescan(some, lag_s=lag_s)

    return happen


POLICY_CHANGES: Mapping[str, Happening] = {
    "evaluate": _evaluate(changes=True),
    "confirm": _evaluate(changes=False),
    "amend": lambda qualys, some, _: qualys.modify_policies(some, hosts=1, controls=1),
    "add_policy": lambda qualys, _some, _: qualys.add_policies(1),
    "remove_policy": _remove_policy,
}
APP_CHANGES: Mapping[str, Happening] = {
    "rescan": _rescan(0),
    "late_scan": _rescan(LATE_S),
    "add_app": _add_app,
    "remove_app": lambda qualys, some, _: qualys.web.remove(some[:1]),
    "ignore": lambda qualys, some, _: qualys.web.ignore(qualys.web.finding_ids[:: 5 + len(some)]),
}
CHANGES = {**POLICY_CHANGES, **APP_CHANGES}
