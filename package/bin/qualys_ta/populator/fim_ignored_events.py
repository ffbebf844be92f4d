"""File integrity: one FIM_IGNORED_EVENT for each change that a rule of the subscription lets pass."""

from __future__ import annotations

from .fim import events_feed

FEED = events_feed(
    "fim_ignored_events", "qualys:fim:ignored_event", "/fim/v2/events/ignore/search", "FIM_IGNORED_EVENT"
)
