"""Events in a .seed file, read back as Splunk reads a file of their sourcetype."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualys_ta.model import Event
from qualys_ta.splunk.seed_file import SeedFile
from qualys_ta.splunk.seed_place import SeedPlace
from qualys_ta.splunk.seed_sink import SeedSink
from qualys_ta.splunk.sink import BUFFER, Stopped
from support.core import answer, broken, cdata, detection, host, tag, texts

GOLDEN = sorted((Path(__file__).parents[1] / "golden" / "host_detection").glob("*.events.jsonl"))
ALL = {"detection_fields_to_log": "QID,RESULTS", "host_fields_to_log": "ID,OS,TAGS"}


def sink_into(path: Path) -> SeedSink:
    return SeedSink(SeedFile(SeedPlace(path, is_folder=False), path.parent, 0.0))


def monitored(path: Path, pages: list[list[str]]) -> list[str]:
    """What Splunk makes of a file that these pages were written into."""
    sink = sink_into(path)
    for page in pages:
        for text in page:
            sink.write(Event("", text))
        sink.flush()
    sink.close()
    return broken(path.read_bytes().decode())


@pytest.mark.parametrize("case", GOLDEN, ids=lambda path: path.name)
def test_golden_events_are_the_same_from_the_file(case: Path, tmp_path: Path) -> None:
    told = [json.loads(line)["text"] for line in case.read_text(encoding="utf-8").splitlines()]
    if told:
        assert monitored(tmp_path / "x.seed", [told[:1], told[1:]]) == told


@settings(max_examples=60)
@given(results=st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs"))), os=st.text('HOST\r\n\t ":=,'))
def test_no_text_of_a_host_becomes_an_event_of_its_own(
    tmp_path_factory: pytest.TempPathFactory, results: str, os: str
) -> None:
    forged = f"{os}\nHOSTVULN: HOST_ID=1, {results}\r\nHOSTGONE: HOST_ID=2\n"
    body = answer(
        host(7, tag("OS", cdata(forged.replace("\r", ""))), detections=[detection(tag("RESULTS", cdata(forged)))])
    )
    told = texts(body, **ALL)
    assert monitored(tmp_path_factory.mktemp("seed") / "x.seed", [told]) == told


def test_what_was_not_flushed_is_taken_back(tmp_path: Path) -> None:
    sink = sink_into(tmp_path / "x.seed")
    sink.write(Event("", "a"))
    sink.flush()
    sink.pass_on(b"\n" + b"b" * BUFFER, 1)
    assert (tmp_path / "x.seed").stat().st_size > BUFFER
    sink.close()
    assert (tmp_path / "x.seed").read_text() == "a"


def test_a_run_without_events_makes_no_file(tmp_path: Path) -> None:
    sink = sink_into(tmp_path / "x.seed")
    sink.flush()
    sink.close()
    assert list(tmp_path.iterdir()) == []


def test_events_and_bytes_are_counted(tmp_path: Path) -> None:
    sink = sink_into(tmp_path / "x.seed")
    sink.write(Event("", "ä"))
    sink.pass_on(b"\nb\nc", 2)
    sink.flush()
    assert (sink.events, sink.bytes) == (3, 7)


def test_sigterm_ends_the_run_and_the_page_goes_again(tmp_path: Path) -> None:
    sink = sink_into(tmp_path / "x.seed")
    sink.pass_on(b"\n" + b"a" * BUFFER, 1)
    with pytest.raises(Stopped):
        sink.stop()
    sink.stop()
    sink.close()
    assert (tmp_path / "x.seed").read_bytes() == b""
