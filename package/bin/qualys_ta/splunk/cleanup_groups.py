"""What each option of `cleanup.py` stands for: our metrics, and what the vendor's add-on left directly in ``tmp/``.

The vendor's options and file names are kept, also those of metrics that are not here (yet): a migrated server has such
files. Source: the vendor's user guide and package.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from ..populator import CLEANUP_FLAGS

AT_WORK_S = 3600
_OLD = {
    "hd": ("--d-hd-xml", "host detections", "host_detection|host_ids"),
    "kb": ("--d-kb-xml", "knowledge base", "kb"),
    "was": ("--d-was-xml", "web application findings", "was_detection|web_app_ids"),
    "pc": ("--d-pc-xml", "policy compliance", "policy|policy_posture"),
    "pcrs": ("", "policy compliance, reporting service", "Chunk"),
    "cs": (
        "--d-cs-json",
        "container security",
        "cs_image_list|cs_image_vulns_list|cs_containers_list|cs_container_vulns",
    ),
    "edr": ("--d-edr-json", "endpoint detection", "edr_events"),
    "fim": ("--d-fim-json", "file integrity", "fim_events|fim_ignored_events|fim_incidents"),
    "sem": ("--d-sem-xml", "SEM detections", "sem_detection"),
    "al": ("--d-al-xml", "activity log", "activity_log"),
}
"""Flag -> the vendor's longer spelling, what it is of, the beginnings of the vendor's file names."""

_REST = r"_.*\d.*\.(?:xml|json)(?:\.errored)?"
_NUMBER = re.compile(r"(?<=[_-])\d{1,7}(?=_)")


@dataclass(frozen=True)
class Group:
    """What one option cleans."""

    flag: str
    spellings: tuple[str, ...]
    label: str
    metrics: tuple[str, ...]
    old: re.Pattern[str]
    """Matches the vendor's files whole."""


def _group(flag: str) -> Group:
    vendors, label, names = _OLD.get(flag, ("", flag, "(?!)"))
    spellings = tuple(filter(None, (f"--{flag}", vendors)))
    metrics = tuple(metric for metric, its in CLEANUP_FLAGS.items() if its == flag)
    return Group(flag, spellings, label, metrics, re.compile(f"(?:{names}){_REST}", re.DOTALL))


GROUPS = tuple(_group(flag) for flag in dict.fromkeys((*CLEANUP_FLAGS.values(), *_OLD)))


def is_at_work(name: str, changed: float, now: float, processes: Path = Path("/proc")) -> bool:
    """Whether a process of the vendor's add-on may still use its file of this name.

    One of the numbers in the name is the process's. It is alive if the system tells the command line of such a process
    and that starts one of the vendor's scripts; where the system tells no command lines, a file that changed within the
    last hour counts as used.
    """
    if not (processes / "self").exists():
        return now - changed < AT_WORK_S
    return any(_is_add_on(processes / number / "cmdline") for number in set(_NUMBER.findall(name)))


def _is_add_on(command_line: Path) -> bool:
    try:
        words = command_line.read_bytes().split(b"\0")
    except OSError:
        return False
    return any(os.path.basename(word) in (b"qualys.py", b"run.py") for word in words)  # noqa: PTH119 - bytes
