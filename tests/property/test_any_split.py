"""Any split of the hosts into pages gives the same events, and a kill at any step loses none."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree.ElementTree import fromstring

from hypothesis import given, settings
from hypothesis import strategies as st

from qualys_ta.model import Event, Window
from qualys_ta.splunk.seen import SeenEvents
from qualys_ta.splunk.sink import StreamSink
from qualys_ta.splunk.stream import StreamForm
from support.core import SINCE
from support.pulls import ListSink, Platform, fleet, pull

HOSTS = fleet(12)


def pulled(limit: int) -> Counter[Event]:
    sink = ListSink()
    totals = pull(Platform(HOSTS, limit), sink).run(Window(SINCE, ""))
    assert totals.pages == -(-len(HOSTS) // limit)
    return Counter(sink.received)


@given(st.integers(1, 13))
def test_any_page_size_gives_the_same_events(limit: int) -> None:
    assert pulled(limit) == pulled(len(HOSTS))


class Killed(BaseException):
    """The process is gone."""


@settings(max_examples=30)
@given(limit=st.integers(1, 5), kills=st.lists(st.integers(1, 30), max_size=6))
def test_any_kills_lose_nothing_and_repeat_at_most_a_page_each(limit: int, kills: list[int]) -> None:
    left = [0]

    def step(_name: str) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Killed

    sink, window = ListSink(step), [Window(SINCE, "f")]
    platform = Platform(HOSTS, limit, step=step)

    def save(open_window: Window) -> None:
        step("save")
        window[0] = open_window

    closed: list[Window] = []
    with TemporaryDirectory() as folder:
        for kill_at in [*kills, 0]:
            left[0] = kill_at
            seen = SeenEvents(Path(folder) / "seen", "k")
            try:
                pull(platform, sink, seen=seen, save=save, close=closed.append).run(window[0])
            except Killed:
                continue
            finally:
                seen.close()
            break
    assert len(closed) == 1
    found = Counter(sink.received)
    assert found.keys() == pulled(12).keys()
    assert sum(found.values()) - len(found) <= len(kills) * limit * 3


TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\ufffe\uffff"), max_size=40).map(
    lambda text: "".join(character for character in text if character >= " " or character in "\t\n\r")
)


@given(st.lists(TEXT | st.sampled_from(["</data>", "]]>", "\r\n", "&#13;", "<![CDATA[", "x" * 70_000]), max_size=12))
def test_the_stream_holds_exactly_the_events(texts: list[str]) -> None:
    with TemporaryDirectory() as folder, open(Path(folder) / "stream", "w+b") as file:
        sink = StreamSink(file.fileno(), StreamForm("qualys://x", "t", "main", "h"))
        for text in texts:
            sink.write(Event("1", text))
        sink.flush()
        sink.close()
        file.seek(0)
        stream = fromstring(file.read())
    assert [event.findtext("data") or "" for event in stream] == texts
    assert sink.events == len(texts)
