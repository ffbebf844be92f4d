"""Whether an input is due: from its parameters and its state file alone, without any network."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from . import schedule, state
from .invocation import Invocation, Stanza
from .lookups import lost
from .revision import revision


def must_mend(known: state.State, app_home: Path, now: float) -> bool:
    """Whether lookups that this input filled are lost, and were not tried in vain just now."""
    return lost(app_home, known.lookups) and not now < known.mend_at <= now + state.MEND_AGAIN_S


def is_due(known: state.State, invocation: Invocation, stanza: Stanza, app_home: Path, now: float) -> bool:
    """Raises ConfigError for a schedule that cannot be read."""
    if state.asked(invocation.checkpoint_dir, stanza.name):
        return True
    when = schedule.parse(stanza.params.get("duration"))
    saved = revision(app_home, stanza.app) if known.outcome == state.HELD else ""
    return known.is_due(when, now, saved, datetime.fromtimestamp)
