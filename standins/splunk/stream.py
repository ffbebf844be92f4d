"""The XML event stream a modular input prints, parsed while it arrives.

Format: "Set up streaming" (Splunk Developer Guide): `<stream><event stanza="…"><time/><source/>…<data/></event>…`.
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.parsers import expat


@dataclass(frozen=True)
class StreamEvent:
    """One `<event>` as it was written; a field that was not given is absent from `fields`."""

    stanza: str
    fields: dict[str, str]

    @property
    def data(self) -> str:
        return self.fields.get("data", "")


class EventStream:
    """Whole events come out as soon as their end tag came in; what follows ill-formed XML is lost, as in splunkd."""

    def __init__(self) -> None:
        self.error = ""
        self._complete: list[StreamEvent] = []
        self._path: list[str] = []
        self._stanza = ""
        self._fields: dict[str, str] = {}
        self._text: list[str] = []
        self._started = False
        self._parser = expat.ParserCreate("UTF-8")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text.append
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype

    def feed(self, chunk: bytes) -> list[StreamEvent]:
        """The events completed by these bytes."""
        if self.error:
            return []
        self._started = self._started or bool(chunk.strip())
        self._parse(chunk, final=False)
        return self._taken()

    def close(self, *, cut: bool) -> list[StreamEvent]:
        """The end of the output; `cut` says that the process was killed, so that an open `<stream>` is no error."""
        if self._started and not self.error and not cut:
            self._parse(b"", final=True)
        return self._taken()

    def _parse(self, chunk: bytes, *, final: bool) -> None:
        try:
            self._parser.Parse(chunk, final)
        except expat.ExpatError as error:
            self.error = str(error)

    def _taken(self) -> list[StreamEvent]:
        events, self._complete = self._complete, []
        return events

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._path.append(tag)
        self._text.clear()
        if self._path == ["stream", "event"]:
            self._stanza = attributes.get("stanza", "")
            self._fields = {}

    def _end(self, tag: str) -> None:
        if len(self._path) == 3:
            self._fields[tag] = "".join(self._text)
        elif self._path == ["stream", "event"]:
            self._complete.append(StreamEvent(self._stanza, self._fields))
        self._path.pop()

    def _refuse_doctype(self, *_: object) -> None:
        self.error = "a DOCTYPE in the event stream"
