"""How far one account's (and shard's) pull has come: what is kept of it, and how it is read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Optional

from ..model import Request, Window
from ..times import epoch_s, time_or_nothing
from .schedule import DAY_S


@dataclass(frozen=True)
class Checkpoint:
    """The next `since`, and the window that is open, if one is.

    `whole_at`: when a window that held everything closed last, in epoch seconds by this server's clock; 0 is not known.
    """

    since: str = ""
    open: Optional[Window] = None
    whole_at: float = 0.0

    def is_resync_due(self, days: int, first_seen: float, now: float) -> bool:
        """Whether everything was pulled last more than `days` ago (0: never due). A time in the future says nothing.

        Where that is not known, the input's first start counts: it pulled everything, or went on from an older add-on.
        """
        if not days or not self.since:
            return False  # the first pull is whole anyway
        return not 0 <= now - (self.whole_at or first_seen) < days * DAY_S

    def closed(self, window: Window, now: float) -> Checkpoint:
        """The checkpoint after `window` was closed. A full pull does not move it."""
        is_whole = window.full or window.resync or not self.since
        return Checkpoint(
            since=self.since if window.full else window.until,
            whole_at=now if is_whole else self.whole_at,
        )


def checkpoint_from(data: Mapping[str, Any]) -> Checkpoint:
    """What was stored, every value checked. Raises what reading foreign data raises, see `state.DAMAGED`."""
    window = data["open"]
    return Checkpoint(
        since=time_or_nothing(data["since"]),
        open=None if window is None else _window(window),
        whole_at=epoch_s(data.get("whole_at", 0.0)),
    )


def _window(data: Mapping[str, Any]) -> Window:
    following = data["next"]
    return Window(
        since=time_or_nothing(data["since"]),
        fingerprint=str(data["fingerprint"]),
        full=bool(data["full"]),
        until=time_or_nothing(data["until"]),
        next=None if following is None else Request.from_json(following),
        pages=int(data["pages"]),
        resync=bool(data.get("resync")),
        estimate=str(data.get("estimate", "")),
    )
