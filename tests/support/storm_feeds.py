"""Everything that an index may say of what other feeds pull, after a storm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from support.e2e import Site
from support.e2e_feeds import ComplianceSite, FeedSite, Identity, Values, WebSite
from support.e2e_fim import FimEventSite, FimIgnoredSite, FimIncidentSite
from support.e2e_inventory import AssetSite, TagSite, TicketSite
from support.storm_ledger import repeats
from support.storm_sets import ASSETS, EVENTS, IGNORED, INCIDENTS, LISTS, POSTURE, TAGS, TICKETS, WEB

SITES: Mapping[str, type[FeedSite]] = {
    POSTURE: ComplianceSite,
    WEB: WebSite,
    TICKETS: TicketSite,
    ASSETS: AssetSite,
    TAGS: TagSite,
    EVENTS: FimEventSite,
    IGNORED: FimIgnoredSite,
    INCIDENTS: FimIncidentSite,
}
TICKETS_PER_PAGE = 5
PAGE_SIZES: Mapping[str, tuple[str, str]] = {
    POSTURE: ("pc", "pc_truncation_limit"),
    WEB: ("was", "was_page_size"),
    ASSETS: ("assets", "asset_page_size"),
    TAGS: ("tags", "tag_page_size"),
    **{name: ("fim", f"{name}_page_size") for name in (EVENTS, IGNORED, INCIDENTS)},
}
"""Input -> the tab and the setting that say how much one of its pages holds."""
PLACES = {
    "/compliance/policy/": "policy",
    "/posture/info/": "posture",
    "/was/webapp": "was_webapp",
    "/was/finding": "was_finding",
    "/ticket_list.php": "ticket",
    "/am/hostasset": "host_asset",
    "/am/tag": "tag",
    "/asset/group/": "asset_group",
    "/fim/v2/events/search": "fim_event",
    "/events/ignore/search": "fim_ignored_event",
    "/incidents/search": "fim_incident",
    "/events/search": "fim_incident_event",
    "/report_template_list.php": "report_template",
    "/fo/report/": "report",
}
"""What is in a path -> what faults call its list."""


def list_of(path: str) -> str:
    """The list of another feed that was asked for; "" for one of hosts or of the knowledge base."""
    return next((name for part, name in PLACES.items() if part in path), "")


class FeedHistory:
    """Records in every state they were in. `settings`: those of the storm, by tab."""

    def __init__(self, site: Site, name: str, settings: Mapping[str, Mapping[str, str]]) -> None:
        self._site = SITES[name](site.qualys, site.splunk, site.account, site.saved)
        self._ever: dict[Identity, list[Values]] = {}
        self._groups: set[str] = set()
        self._again: Counter[str] = Counter()
        self._lists, self._loops = LISTS[name], 0
        self._is_posture = name == POSTURE
        tab, setting = PAGE_SIZES.get(name, ("", ""))
        self._page = int(settings[tab][setting]) if tab else TICKETS_PER_PAGE
        self._in_one = name == TAGS or (self._is_posture and settings["pc"]["pc_num_count_for_pid"] != "1")
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
        self.note()
        yield from self._site.beside()
        told: dict[Identity, list[str]] = {}
        for text in raw:
            told.setdefault(self._site.identity(text), []).append(text)
        for identity, texts in told.items():
            yield from self._event(identity, texts)
        for identity, values in self._site.values().items():
            if not any(self._says(text, values) for text in told.get(identity, ())):
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
            if not any(self._says(text, values) for values in states):
                yield f"never was so: {text[:300]}"

    def _repeats(self, raw: list[str], blows: int, starts: int) -> Iterator[str]:
        """The posture at the end of one page and the start of the next comes twice where another run reads the next."""
        most = len(self._ever) if self._in_one else self._page + 1
        allowed = most * (blows + self._loops) + (starts if self._is_posture else 0)
        found = repeats(list(self._but_for_those_that_come_again(raw)))
        if found > allowed:
            yield f"{found} events came again, for {blows} blows, {starts} starts and {most} events in a page"

    def _but_for_those_that_come_again(self, raw: list[str]) -> Iterator[str]:
        """Each event of a policy may come once more for each change of it."""
        for text, times in Counter(raw).items():
            identity = self._site.identity(text)
            if not _is_summary(identity):
                more = self._again[identity[1]] if self._is_posture else 0
                yield from [text] * max(1, times - more)

    def _says(self, text: str, values: Values) -> bool:
        return next(self._site.differing(text, values), None) is None

    def _summaries(self) -> dict[str, Identity]:
        return {identity[1]: identity for identity in self._site.wanted("") if _is_summary(identity)}


def _is_summary(identity: Identity) -> bool:
    return identity[0].endswith("_SUMMARY")
