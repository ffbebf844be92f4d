"""The event stream while it arrives, and where events are broken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standins.splunk.breaking import Breakers
from standins.splunk.conf import Stanza
from standins.splunk.stream import EventStream, StreamEvent

_STREAM = (
    '<stream><event stanza="qualys://a"><time>1.5</time><data>é &lt;1&gt;\n"x"</data><done/></event>'
    '<event stanza="b"><data/></event></stream>'
).encode()
_EVENTS = [
    StreamEvent("qualys://a", {"time": "1.5", "data": 'é <1>\n"x"', "done": ""}),
    StreamEvent("b", {"data": ""}),
]


@given(st.sets(st.integers(0, len(_STREAM))))
def test_any_cut_into_chunks_gives_the_same_events(cuts: set[int]) -> None:
    stream, edges = EventStream(), [0, *sorted(cuts), len(_STREAM)]
    events = [event for start, end in zip(edges, edges[1:]) for event in stream.feed(_STREAM[start:end])]
    assert events + stream.close(cut=False) == _EVENTS
    assert stream.error == ""


@given(st.integers(0, len(_STREAM)))
def test_a_killed_stream_gives_its_whole_events_and_no_error(length: int) -> None:
    stream = EventStream()
    events = stream.feed(_STREAM[:length]) + stream.close(cut=True)
    assert events == _EVENTS[: len(events)]
    assert stream.error == ""


@pytest.mark.parametrize(
    "bad",
    [
        b"Traceback: nothing like XML",
        b"<stream><event><data>a & b</data></event></stream>",
        b"<stream><event><data>\x0b</data></event></stream>",
        b"<stream><event><data>\xff</data></event></stream>",
        b"<stream><event><data>x</data></event>",
        b"<!DOCTYPE s [<!ENTITY e 'x'>]><stream/>",
    ],
)
def test_what_is_not_a_stream_is_an_error(bad: bytes) -> None:
    stream = EventStream()
    stream.feed(bad)
    stream.close(cut=False)
    assert stream.error


def test_silence_is_no_error() -> None:
    stream = EventStream()
    assert stream.feed(b"\n") == []
    assert stream.close(cut=False) == []
    assert stream.error == ""


def _breakers(**settings: str) -> Breakers:
    return Breakers({"s": Stanza("s", settings, "app", shipped=True)})


def test_line_breaker_drops_its_first_group() -> None:
    breaker = _breakers(LINE_BREAKER=r"([\r\n]+)(?=HOST: \d)", SHOULD_LINEMERGE="0", TRUNCATE="0").of("s")
    assert breaker.events("HOST: 1 é\n2\n\nHOST: 3\n") == ["HOST: 1 é\n2", "HOST: 3\n"]


def test_truncate_counts_bytes_and_cuts_no_character() -> None:
    assert _breakers(TRUNCATE="2").of("s").events("aéb") == ["a"]
    assert _breakers().of("s").events("x" * 10_001) == ["x" * 10_000]
    assert _breakers(TRUNCATE="0").of("s").events("x" * 10_001) == ["x" * 10_001]


def test_a_sourcetype_without_props_stays_whole() -> None:
    assert _breakers(LINE_BREAKER="(x)").of("other").events("1\nx2") == ["1\nx2"]
