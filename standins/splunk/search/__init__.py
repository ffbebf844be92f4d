"""Splunk's search-time knowledge, evaluated strictly: what an app's conf makes of an event, and its searches.

`Knowledge.load(app_home)` reads an app folder; `fields`, `eventtypes`, `tags` and `event` take one row of
`SplunkStandin.events()`, `search` and `saved_search` take many. What the evaluator does not know raises KnowledgeError
with file, stanza and attribute, so no conf passes here by being ignored. Rules: props.conf.spec, transforms.conf.spec
and the Search Reference of Splunk 9 and 10.
"""

from __future__ import annotations

from standins.splunk.search.errors import KnowledgeError
from standins.splunk.search.index_time import event_time
from standins.splunk.search.knowledge import Knowledge

__all__ = ["Knowledge", "KnowledgeError", "event_time"]
