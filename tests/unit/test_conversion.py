"""A page's file and what becomes of it: all of its events beside it, or none and the reason."""

from __future__ import annotations

import io
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Optional
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualys_ta import records as records_module
from qualys_ta import xmlpage
from qualys_ta.errors import ConfigError, Refused, TryLater
from qualys_ta.model import Converted, Event, knows_nothing
from qualys_ta.populator.host_detection import FEED
from qualys_ta.populator.host_list import RESOURCE as HOST_LIST
from qualys_ta.records import PageReader, Unread
from qualys_ta.spool import Spooled, batches, spool_path
from qualys_ta.work import conversion
from qualys_ta.work.conversion import Converter
from qualys_ta.xmlpage import Noted, Told
from support.core import answer, detection, events, host, inspected, records, tag
from support.pulls import fleet, recipe, unrendered
from support.recordings import SAMPLES
from support.sound_pages import HOST_PAGES, MORE

ROOM = 1 << 30
RECORD, ROOT = FEED.resource.record, FEED.resource.root
TESTS = Path(__file__).parents[1]
ANSWERS = {
    **{path.stem: path.read_bytes() for path in sorted((TESTS / "golden" / "host_detection").glob("*.xml"))},
    **{path.name: path.read_bytes() for path in sorted(SAMPLES.glob("vm-detection/*.xml"))},
    **{f"page {number}": body for number, body in enumerate(HOST_PAGES)},
    "attributes": answer(host(1), warning=tag("WARNING", tag("CODE", "1", n="2"), kind="x")),
    "text around elements": answer(host(1), warning="a<X>b<Y>c</Y>d<Y/>e</X>f<!-- g -->h"),
    "twice the same": answer(host(1), warning="<X>1</X><X>2</X><X a='3'/>"),
    "two lists": answer(host(1), warning="<HOST_LIST><HOST><ID>2</ID></HOST></HOST_LIST>"),
    "others in the list": answer(host(1), "<OTHER>x</OTHER>", host(2)),
    "long text": answer(host(1), warning=tag("X", "é" * (xmlpage.LONGEST_TEXT + 9))),
    "references": answer(host(1, NETBIOS="a\rb"), warning=tag("X", "&#65;&amp;&#13;")),
    "byte order mark": b"\xef\xbb\xbf" + answer(host(1)),
    "another encoding": answer(host(1, NETBIOS="é")).replace(b"UTF-8", b"ISO-8859-1"),
    "a comment behind": answer(host(1)) + b"\n<!-- keep-alive -->\n",
    "an empty list": answer("").replace(b"<HOST>", b""),
    "spoiled bytes": answer(host(1)).replace(b"10.0.0.1", b"\xff"),
    "forbidden characters": answer(host(1)).replace(b"10.0.0.1", b"\x07"),
    "forbidden references": answer(host(1)).replace(b"10.0.0.1", b"&#7;"),
}
UNEXPLAINED = answer(host(7, NETBIOS="@@", detections=[detection(RESULTS="a@@b")])).replace(b"@@", b"&nbsp;")
WITH_DTD = UNEXPLAINED.replace(b"?>\n", f'?>\n<!DOCTYPE {ROOT} SYSTEM "https://x/a.dtd">\n'.encode())
ANSWERS["unexplained entity"] = WITH_DTD
RESULTS = {"detection_fields_to_log": "QID,RESULTS", "host_fields_to_log": "ID,NETBIOS"}


def page(folder: Path, body: bytes) -> Path:
    path = folder / "page.xml"
    path.write_bytes(body)
    return path


def convert(path: Path, noted: Optional[Noted] = None, room: int = ROOM, **chosen: str) -> Spooled:
    return Converter(recipe(**chosen), knows_nothing).convert(path, noted, room)


def spooled_events(path: Path) -> list[Event]:
    with open(spool_path(path), "rb") as file:
        return [event for batch in batches(file) for event in unrendered(batch.data)]


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_clean_page_becomes_its_events_in_one_pass(tmp_path: Path) -> None:
    body = answer(*fleet(5).values(), warning=MORE)
    path = page(tmp_path, body)
    spooled = convert(path)
    assert spooled_events(path) == events(body)
    assert spooled.told == inspected(body).told
    assert spooled.told.texts["RESPONSE/WARNING/CODE"] == "1980"
    assert spooled.size == spool_path(path).stat().st_size
    assert spool_path(path).stat().st_mode & 0o777 == 0o600


def test_bad_records_are_counted_and_the_first_is_named(tmp_path: Path) -> None:
    spooled = convert(page(tmp_path, answer(host("x"), host(2), host(""))))
    assert (spooled.bad, spooled.first_bad) == (2, "a HOST whose ID is 'x', not a number")


DIRT = {
    "spoiled bytes": b"a\xe9b",
    "cut character": b"a\xe2\x82b",
    "control": b"a\x1bb",
    "reference": b"a&#x1F;b",
    "not a character": b"a\xef\xbf\xbeb",
}


@pytest.mark.parametrize("kind", DIRT)
def test_a_dirty_page_is_looked_at_first_and_then_read_scrubbed(tmp_path: Path, kind: str) -> None:
    body = answer(host(7, NETBIOS="@@"), host(8)).replace(b"@@", DIRT[kind])
    path = page(tmp_path, body)
    with pytest.raises(Unread):
        convert(path)
    assert left(tmp_path) == ["page.xml"]
    convert(path, inspected(body).noted)
    assert spooled_events(path) == events(body)


def test_entities_that_nothing_explains_stay_as_they_are_written(tmp_path: Path) -> None:
    """The platform names a DTD in every answer; nobody fetches it."""
    path = page(tmp_path, WITH_DTD)
    with pytest.raises(Unread):
        convert(path, **RESULTS)
    noted = inspected(WITH_DTD).noted
    assert noted == Noted(is_clean=True, entities=frozenset(["nbsp"]))
    convert(path, noted, **RESULTS)
    found = spooled_events(path)
    assert found == events(WITH_DTD, **RESULTS)
    assert 'NETBIOS="&nbsp;"' in found[0].text
    assert 'RESULTS="a&nbsp;b"' in found[1].text


UNREAD = {
    "nothing": b"",
    "white space": b"  \n",
    "no XML": b"Bad gateway",
    "a web page": b"<html><body/></html>",
    "another root": answer(host(1)).replace(ROOT.encode(), b"OTHER"),
    "another root, cut": answer(host(1)).replace(ROOT.encode(), b"OTHER")[:-9],
    "an entity": b'<!DOCTYPE x [<!ENTITY a "b">]>' + answer(host(1)).partition(b"?>")[2],
    "a parameter entity": b'<!DOCTYPE x [<!ENTITY % a SYSTEM "b">%a;]>' + answer(host(1)).partition(b"?>")[2],
    "two roots": answer(host(1)) + b"<X/>",
    "something behind": answer(host(1)) + b"x",
    "too much around the records": answer(host(1), warning="".join(f"<T{n}>x</T{n}>" for n in range(101))),
    "too many lists": answer(host(1), warning="<HOST_LIST><HOST/><HOST/></HOST_LIST>" * 20),
    "too deep": answer(host(1), warning="<n>" * 200 + "</n>" * 200),
}


@pytest.mark.parametrize("kind", UNREAD)
def test_what_is_not_as_promised_is_unread_and_leaves_nothing(tmp_path: Path, kind: str) -> None:
    with pytest.raises(Unread):
        convert(page(tmp_path, UNREAD[kind]))
    assert left(tmp_path) == ["page.xml"]


def test_every_cut_is_noticed(tmp_path: Path) -> None:
    """A cut page may have given hundreds of events before its end; nothing of them stays."""
    body = answer(host(1), host(2, detections=[detection()]), warning=MORE).rstrip()
    ours = Converter(recipe(), knows_nothing)
    path = tmp_path / "page.xml"
    for end in range(len(body)):
        path.write_bytes(body[:end])
        with pytest.raises(Unread):
            ours.convert(path, None, ROOM)
    assert left(tmp_path) == ["page.xml"]


def test_a_page_that_changed_after_it_was_looked_at_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(TryLater, match="changed after it was found whole"):
        convert(page(tmp_path, answer(host(1))[:-9]), Noted())
    assert left(tmp_path) == ["page.xml"]


def test_events_beyond_the_room_name_the_setting_and_leave_nothing(tmp_path: Path) -> None:
    path = page(tmp_path, answer(*fleet(9).values()))
    size = convert(path).size
    assert convert(path, room=size).size == size
    with pytest.raises(ConfigError, match="do not fit") as caught:
        convert(path, room=size - 1)
    assert caught.value.setting == "temp_quota_mb"
    assert left(tmp_path) == ["page.xml"]


def test_the_room_is_watched_while_events_are_written(tmp_path: Path) -> None:
    """Not only at the end: a page may become many times its size."""
    room, converted = 1 << 20, []
    body = answer(*(host(number, NETBIOS="x" * 40_000) for number in range(1, 200)))
    ours = Converter(recipe(), knows_nothing)
    convert_record = FEED.resource.converter(ours._conversion)

    def noted(record: Element) -> Converted:
        converted.append(record)
        return convert_record(record)

    ours._converters[FEED.resource.name] = noted
    with pytest.raises(ConfigError):
        ours.convert(page(tmp_path, body), None, room)
    assert 0 < len(converted) * 40_000 < 2 * room
    assert left(tmp_path) == ["page.xml"]


def test_a_disk_that_is_full_is_tried_later_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full on this system")

    def full(path: Path) -> int:
        path.touch()
        return os.open("/dev/full", os.O_WRONLY)

    monkeypatch.setattr(conversion, "open_new", full)
    with pytest.raises(TryLater, match="No space left on device"):
        convert(page(tmp_path, answer(host(1))))
    assert left(tmp_path) == ["page.xml"]


def test_a_link_in_the_place_of_the_spool_is_not_followed(tmp_path: Path) -> None:
    path = page(tmp_path, answer(host(1)))
    victim = tmp_path / "victim"
    victim.write_text("precious", encoding="utf-8")
    spool_path(path).symlink_to(victim)
    with pytest.raises(TryLater, match="Cannot write events"):
        convert(path)
    assert victim.read_text(encoding="utf-8") == "precious"


def test_a_defect_of_the_mapping_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = Converter(recipe(), knows_nothing)
    monkeypatch.setitem(ours._converters, FEED.resource.name, lambda _record: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        ours.convert(page(tmp_path, answer(host(1))), None, ROOM)
    assert left(tmp_path) == ["page.xml"]


@pytest.fixture
def small_records(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (xmlpage, records_module):
        monkeypatch.setattr(module, "LARGEST_RECORD", 1 << 20)


ENDLESS = {
    "a record": answer(host(7, "<a/>" * (1 << 20))),
    "text outside records": answer(host(7), warning=tag("X", "x" * (3 << 20))),
    "elements outside records": answer(host(7), warning="<a/>" * (1 << 20)),
    "one tag": answer(host(7, f"<a b='{'x' * (3 << 20)}'/>")),
    "one tag before the root": f"<!--{'x' * (3 << 20)}-->".encode() + answer(host(7)).partition(b"?>")[2],
}


@pytest.mark.usefixtures("small_records")
@pytest.mark.parametrize("kind", ENDLESS)
def test_what_never_ends_is_unread_at_first_and_refused_when_it_was_looked_at(tmp_path: Path, kind: str) -> None:
    path = page(tmp_path, ENDLESS[kind])
    with pytest.raises(Unread):
        convert(path)
    with pytest.raises(Refused):
        convert(path, inspected(ENDLESS[kind], chunk=1 << 16).noted)
    assert left(tmp_path) == ["page.xml"]


def test_records_before_an_endless_one_do_not_count_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the record that is bounded, not the page."""
    for module in (xmlpage, records_module):
        monkeypatch.setattr(module, "LARGEST_RECORD", 1 << 18)
    hosts = [host(number, NETBIOS="x" * 50_000) for number in range(1, 41)]
    path = page(tmp_path, answer(*hosts))
    assert path.stat().st_size > 1 << 20
    convert(path)
    assert len(spooled_events(path)) == 40


@pytest.mark.parametrize("kind", ANSWERS)
def test_one_pass_tells_what_an_inspector_tells(kind: str) -> None:
    """Of a clean answer; of any other it says nothing."""
    body = ANSWERS[kind]
    inspector, reader = inspected(body), PageReader(RECORD, ROOT)
    if inspector.noted == Noted():
        assert len(list(reader.records(io.BytesIO(body)))) == len(records(body))
        assert reader.told == inspector.told
    else:
        with pytest.raises(Unread):
            list(reader.records(io.BytesIO(body)))
        assert reader.told == Told()


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("host-list/*.xml")), ids=lambda path: path.name)
def test_one_pass_tells_what_an_inspector_tells_of_a_host_list(path: Path) -> None:
    reader = PageReader(HOST_LIST.record, HOST_LIST.root)
    with open(path, "rb") as file:
        list(reader.records(file))
    assert reader.told == inspected(path.read_bytes(), HOST_LIST.record).told


HOSTS = st.lists(
    st.builds(
        lambda number, names, findings: host(number, NETBIOS=names, detections=[detection(QID=q) for q in findings]),
        st.integers(1, 10**9),
        st.text(st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\ufffe\uffff"), max_size=9),
        st.lists(st.integers(1, 99), max_size=3),
    ),
    max_size=5,
)


@given(HOSTS, st.booleans())
def test_any_page_becomes_what_its_records_become(hosts: list[str], looked: bool) -> None:
    body = answer(*hosts)
    with TemporaryDirectory() as folder:
        path = page(Path(folder), body)
        convert(path, inspected(body).noted if looked else None)
        assert spooled_events(path) == events(body)
