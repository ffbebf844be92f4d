"""Which window a run works on: the one that is open, or a new one; now and then one that holds everything."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from ..model import Log, Window
from ..times import utc
from . import state
from .checkpoint import Checkpoint

RESYNC = "full_resync_days"


@dataclass(frozen=True)
class Windows:
    """The windows of one input. `key` is where its checkpoint is kept, `folder` the checkpoint folder."""

    known: state.State
    key: str
    folder: Path
    name: str
    start_date: str
    log: Log

    def open(
        self, fingerprint: str, full: bool, resync_days: int, since: Callable[[str, str], str]
    ) -> tuple[Checkpoint, Window]:
        """The window that is open, if it still asks the same of the same platform; else a new one from the checkpoint.

        An input that has no checkpoint at all goes on where the vendor's add-on stopped; one that was pointed at
        another account starts from its start date. `since`: checkpoint and start date -> where a new window starts.
        """
        vendors = "" if self.known.checkpoints else state.vendor_since(self.folder, self.name)
        checkpoint = self.known.checkpoints.get(self.key) or Checkpoint(vendors)
        window = checkpoint.open
        if window is not None and (window.fingerprint, window.full) == (fingerprint, full):
            return checkpoint, window
        if window is not None:
            self.log.warning("Account, platform or parameters changed while a pull was open: it is opened again.")
        resync = not full and self._is_resync_due(checkpoint, resync_days)
        start = self.start_date if full or resync else since(checkpoint.since, self.start_date)
        return checkpoint, Window(since=start, fingerprint=fingerprint, full=full, resync=resync)

    def _is_resync_due(self, checkpoint: Checkpoint, days: int) -> bool:
        first_seen = self.known.first_seen
        is_due = checkpoint.is_resync_due(days, first_seen, time.time())
        if is_due:
            last = utc(checkpoint.whole_at) or f"before, and the input is there since {utc(first_seen)}"
            self.log.info(
                f"Full resync: everything was pulled last {last}, and {days} days are over (setting {RESYNC})."
            )
        return is_due
