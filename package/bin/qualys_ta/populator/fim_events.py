"""File integrity: one FIM_EVENT for each change of a file, a folder or a key of the registry that a rule watches."""

from __future__ import annotations

from .fim import events_feed

FEED = events_feed("fim_events", "qualys:fim:event", "/fim/v2/events/search", "FIM_EVENT")
