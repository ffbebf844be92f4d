"""When which fault strikes: ``[resource:]kind[*N|*always][@k]``.

A fault strikes the first N (default 1) eligible calls, counted from the k-th on (default the first). Eligible are the
calls of the resource named (see `RESOURCES`), or, without one, of host and detection: what carries hosts. A fault that
only some resources can have strikes those. Of several faults that could strike a call, the one named first does.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Optional, Union

from . import gateway

DATA_RESOURCES = ("host", "detection")
WEB_RESOURCES = ("was_finding", "was_webapp", "portal")
QPS_RESOURCES = (*WEB_RESOURCES, "host_asset", "tag")
"""Those of the dialect of ``/qps/``."""
GATEWAY_RESOURCES = gateway.RESOURCES
MSP_RESOURCES = ("ticket", "asset_range", "report_template")
"""Those of the oldest dialect, ``/msp/``."""
RESOURCES = (
    "about",
    "session",
    *DATA_RESOURCES,
    "knowledge",
    "policy",
    "posture",
    *QPS_RESOURCES,
    "asset_group",
    "search_list",
    "static_search_list",
    "report",
    *MSP_RESOURCES,
    *GATEWAY_RESOURCES,
)
ANSWERED = (
    "busy",
    "rate",
    "too_many",
    "registration",
    "unavailable",
    "gateway",
    "error500",
    "html",
    "generic999",
    "truncated999",
    "simple1905",
    "unauthorized",
    "expired",
    "secureid",
    "gone_version",
    "wrong_root",
    "entity",
    "redirect",
    "empty",
)
"""Faults that answer instead of the platform."""
BROKEN = ("cut", "cut_clean", "slow", "stall", "reset")
"""Faults that spoil the way of the true answer."""
TWISTED = ("loop", "foreign_next")
"""Faults that change only where the next page is said to be."""
KINDS = (*ANSWERED, *BROKEN, *TWISTED)
"""Faults that any resource can have."""
OF_GATEWAY = ("expired_token", "forbidden", "bad_json", "no_content")
"""Answers that only the gateway gives."""
REFUSED = ("unlicensed", "invalid_request", "invalid_credentials", "no_permission", "error_in_root", *OF_GATEWAY)
"""Refusals that only some resources know."""
UNHEEDING = ("ignore_filters", "no_last_id", "no_sort_values", "not_ready")
"""Faults by which parts of the call are not heeded, or of the answer are missing."""
SPECIAL: Mapping[str, tuple[str, ...]] = {
    "ignore_filters": ("posture",),
    "unlicensed": ("policy", "posture", "asset_group", "report", *MSP_RESOURCES),
    "not_ready": ("report",),
    "no_last_id": ("was_finding", "was_webapp", "host_asset", "tag"),
    "error_in_root": MSP_RESOURCES,
    **dict.fromkeys(
        (*OF_GATEWAY, "no_sort_values", "cut_gzip"), tuple(each for each in GATEWAY_RESOURCES if each != gateway.AUTH)
    ),
    **dict.fromkeys(("invalid_request", "invalid_credentials", "no_permission"), QPS_RESOURCES),
}
"""Faults that only these resources can have."""

_GRAMMAR = re.compile(r"(?:(\w+):)?(\w+)(?:\*(\d+|always))?(?:@(\d+))?")


@dataclass(frozen=True)
class Fault:
    """One entry of a plan; `times` None: always."""

    kind: str
    times: Optional[int] = 1
    first: int = 1
    resources: tuple[str, ...] = DATA_RESOURCES

    @classmethod
    def parse(cls, text: str) -> Fault:
        """The fault that `text` describes; ValueError when it describes none."""
        found = _GRAMMAR.fullmatch(text.strip())
        if not found or found[2] not in (*KINDS, *SPECIAL):
            raise ValueError(f"no such fault: {text!r}; kinds are {', '.join((*KINDS, *SPECIAL))}")
        able = SPECIAL.get(found[2], RESOURCES)
        if found[1] and found[1] not in able:
            raise ValueError(f"no such resource: {text!r}; resources are {', '.join(able)}")
        times = None if found[3] == "always" else int(found[3] or 1)
        struck = (found[1],) if found[1] else SPECIAL.get(found[2], DATA_RESOURCES)
        return cls(found[2], times, int(found[4] or 1), struck)


class FaultPlan:
    """Counts calls and says which fault strikes; changeable while the stand-in runs."""

    def __init__(self, faults: Union[str, Iterable[str]] = ()) -> None:
        self._lock = threading.Lock()
        self.set(faults)

    def set(self, *faults: Union[str, Iterable[str]]) -> None:
        """From now on only `faults` (lists, or texts separated by commas or spaces); counting starts anew."""
        given = (each.replace(",", " ").split() if isinstance(each, str) else each for each in faults)
        plan = tuple(Fault.parse(text) for texts in given for text in texts)
        with self._lock:
            self._plan = plan
            self._struck: Counter[int] = Counter()
            self._calls: Counter[tuple[str, ...]] = Counter()

    def strike(self, resource: str) -> str:
        """The kind of the fault that strikes this call of `resource`, or ""."""
        with self._lock:
            for resources in {fault.resources for fault in self._plan if resource in fault.resources}:
                self._calls[resources] += 1
            for place, fault in enumerate(self._plan):
                if resource in fault.resources and self._is_due(place, fault):
                    self._struck[place] += 1
                    return fault.kind
        return ""

    def _is_due(self, place: int, fault: Fault) -> bool:
        left = fault.times is None or self._struck[place] < fault.times
        return left and self._calls[fault.resources] >= fault.first
