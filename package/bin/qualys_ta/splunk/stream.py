"""What splunkd's event stream looks like. Source of the format: Splunk's modular input documentation.

Written by hand because the SDK's writer builds a tree per event (29,000 events/s), and passes characters on that make
the stream ill-formed.
"""

from __future__ import annotations

from html import escape

from ..model import SEPARATOR, Events

MOST_STARTS = 10_000
_ESCAPED = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\r", "&#13;"))


class StreamForm:
    """Events -> bytes of the stream. `start` and `end` stand around all of them."""

    start, end = b"<stream>", b"</stream>\n"

    def __init__(self, stanza: str, sourcetype: str, index: str, host: str) -> None:
        head = f'<event stanza="{escape(stanza)}">'
        fields = (("source", "qualys"), ("sourcetype", sourcetype), ("index", index), ("host", host))
        meta = "".join(f"<{name}>{escape(value, quote=False)}</{name}>" for name, value in fields if value) + "<data>"
        self._starts = _Starts(head, meta)

    def rendered(self, events: Events) -> list[str]:
        """Each event as it stands in the stream. Escaping them joined costs a third of doing it one by one."""
        text = events.text
        for character, written in _ESCAPED:
            if character in text:  # costs a thirtieth of replacing what is not there
                text = text.replace(character, written)
        starts = map(self._starts.__getitem__, events.times)
        return [f"{start}{text}</data></event>\n" for start, text in zip(starts, text.split(SEPARATOR))]


class _Starts(dict[str, str]):
    """Time -> what stands before the text of an event. Many events share a time."""

    def __init__(self, head: str, meta: str) -> None:
        super().__init__()
        self._parts = head, meta

    def __missing__(self, time: str) -> str:
        if len(self) >= MOST_STARTS:
            self.clear()
        head, meta = self._parts
        start = self[time] = f"{head}<time>{time}</time>{meta}" if time else head + meta
        return start
