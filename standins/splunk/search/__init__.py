"""Splunk's search-time knowledge, evaluated strictly: what an app's conf makes of an event, and its searches.

`Knowledge.load(app_home)` reads an app folder; `fields`, `eventtypes`, `tags` and `event` take one row of
`SplunkStandin.events()`, `search` and `saved_search` take many. `dashboard(path, knowledge)` gives a dashboard's panels
with their searches. What the evaluator does not know raises KnowledgeError with file, stanza and attribute, so no conf
passes here by being ignored. Rules: props.conf.spec, transforms.conf.spec, the Search Reference and the Simple XML
Reference of Splunk 9 and 10.
"""

from __future__ import annotations

from standins.splunk.search.dashboard import Panel, dashboard
from standins.splunk.search.errors import KnowledgeError
from standins.splunk.search.index_time import event_time
from standins.splunk.search.knowledge import Knowledge

__all__ = ["Knowledge", "KnowledgeError", "Panel", "dashboard", "event_time"]
