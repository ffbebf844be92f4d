"""Which reader reads the pages of a list."""

from __future__ import annotations

from typing import Union

from .feed import JSON, Resource
from .jsonpage import JsonReader
from .records import PageReader, RecordReader
from .xmlpage import Noted


def page_reader(resource: Resource, keeps_lines: bool) -> Union[PageReader, JsonReader]:
    """For a page that nobody has looked at yet."""
    if resource.form == JSON:
        return JsonReader(resource.record, resource.cursor)
    return PageReader(resource.record, resource.root, keeps_lines, resource.owner, resource.glossary, resource.lists)


def record_reader(resource: Resource, noted: Noted, keeps_lines: bool) -> Union[RecordReader, JsonReader]:
    """For a page that was found whole; `noted` is what was seen of it."""
    if resource.form == JSON:
        return JsonReader(resource.record, resource.cursor)
    return RecordReader(resource.record, noted, keeps_lines, resource.owner, resource.glossary, resource.lists)
