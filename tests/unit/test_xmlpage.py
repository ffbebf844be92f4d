"""Answers as they really come: cut, dirty, hostile, large."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator

import pytest

from qualys_ta.errors import Refused, TryLater
from qualys_ta.populator.host_detection import FEED
from qualys_ta.records import RecordReader
from qualys_ta.scrubber import Scrubber
from qualys_ta.xmlpage import CHUNK, MOST_TEXTS, Inspector
from support.core import answer, cdata, host, inspected, records, tag

RECORD = ("RESPONSE", "LIST", "HOST")


def doc(inside: str, before: str = "", after: str = "") -> bytes:
    return f"{before}<ROOT><RESPONSE><LIST>{inside}</LIST></RESPONSE></ROOT>{after}".encode()


def ids(body: bytes) -> list[str]:
    inspected(body, RECORD)
    return [record.findtext("ID") or "" for record in records(body, RECORD)]


def test_root_and_texts_outside_the_records() -> None:
    body = (
        b'<ROOT kind="x"><RESPONSE><DATETIME> 2024 </DATETIME><LIST a="1"><HOST><ID>1</ID></HOST></LIST>'
        b'<WARNING n="2"><CODE>1980</CODE><URL><![CDATA[\nhttps://a/?b=1&c=2\n]]></URL></WARNING></RESPONSE></ROOT>'
    )
    inspector = inspected(body, RECORD)
    assert inspector.root == "ROOT"
    assert inspector.told.texts == {
        "@kind": "x",
        "RESPONSE/DATETIME": "2024",
        "RESPONSE/LIST/@a": "1",
        "RESPONSE/WARNING/@n": "2",
        "RESPONSE/WARNING/CODE": "1980",
        "RESPONSE/WARNING/URL": "https://a/?b=1&c=2",
    }
    assert len(records(body, RECORD)) == 1


def test_a_link_to_the_next_page_is_never_left_out_for_want_of_room() -> None:
    """An answer that says more outside its records than is kept is refused, not read in part."""
    told = "".join(f"<T{number}>x</T{number}>" for number in range(MOST_TEXTS + 1))
    inspector = Inspector(RECORD)
    with pytest.raises(Refused, match="outside its records"):
        inspector.feed(f"<ROOT><RESPONSE>{told}</RESPONSE></ROOT>".encode())


@pytest.mark.parametrize(
    "body", [b"", b"   ", b"Service unavailable", b"<ROOT>", b"<ROOT></ROOT", b"<a></b>", b"<a/><b/>"]
)
def test_what_is_not_whole(body: bytes) -> None:
    with pytest.raises(TryLater, match="not whole"):
        inspected(body, RECORD)


def test_every_cut_is_noticed() -> None:
    body = answer(host(1), host(2)).rstrip()
    for end in range(len(body)):
        with pytest.raises(TryLater):
            inspected(body[:end])


def test_page_damaged_after_it_was_judged() -> None:
    with pytest.raises(TryLater):
        records(answer(host(1))[:-5])


ENTITIES = {
    "general": b'<!DOCTYPE R [<!ENTITY a "b">]><R>&a;</R>',
    "external": b'<!DOCTYPE R [<!ENTITY a SYSTEM "file:///etc/passwd">]><R>&a;</R>',
    "parameter": b'<!DOCTYPE R [<!ENTITY % a SYSTEM "http://x/"> %a;]><R/>',
    "unused": b'<!DOCTYPE R [<!ENTITY a "b">]><R/>',
}


@pytest.mark.parametrize("body", ENTITIES.values(), ids=ENTITIES.keys())
def test_entity_declaration_is_refused(body: bytes) -> None:
    with pytest.raises(Refused, match="declares the XML entity 'a'"):
        inspected(body, RECORD)
    with pytest.raises(Refused):
        records(body, RECORD)


def test_undeclared_entity_never_becomes_text() -> None:
    body = b'<!DOCTYPE R SYSTEM "https://127.0.0.1:1/x.dtd"><R><RESPONSE>a&nope;b</RESPONSE></R>'
    assert "nope" not in inspected(body, RECORD).told.texts.get("RESPONSE", "")


def test_predefined_entities_and_references_are_text() -> None:
    (record,) = records(doc("<HOST><ID>&lt;&amp;&#65;&#x1F600;&quot;</ID></HOST>"), RECORD)
    assert record.findtext("ID") == '<&A😀"'


DOCTYPES = ['<!DOCTYPE ROOT SYSTEM "">', '<!DOCTYPE ROOT SYSTEM\n  "https://host/a.dtd"\n>', "<!DOCTYPE ROOT>"]


@pytest.mark.parametrize("doctype", DOCTYPES)
def test_doctype_is_read_over(doctype: str) -> None:
    assert ids(doc("<HOST><ID>1</ID></HOST>", f'<?xml version="1.0"?>\n{doctype}\n')) == ["1"]


def test_declared_encoding_is_not_believed() -> None:
    assert ids(doc("<HOST><ID>é</ID></HOST>", '<?xml version="1.0" encoding="ISO-8859-1"?>')) == ["é"]


def test_byte_order_mark() -> None:
    assert ids(b"\xef\xbb\xbf" + doc("<HOST><ID>1</ID></HOST>")) == ["1"]


def test_tags_in_comments_and_cdata_are_not_tags() -> None:
    body = doc(
        "<!-- <HOST><ID>9</ID></HOST> --><HOST><!-- <ID>8</ID> //--><ID><![CDATA[<HOST></ID>]]></ID></HOST>",
        "<!-- before <ROOT> -->",
        "\n<!-- after //-->\n<!-- keep-alive -->",
    )
    assert ids(body) == ["<HOST></ID>"]


def test_text_around_a_comment_is_one_text() -> None:
    assert ids(doc("<HOST><ID>1<!-- x -->2</ID></HOST>")) == ["12"]


def test_elements_of_the_same_name_inside_a_record() -> None:
    body = doc("<HOST><ID>1</ID><PEERS><HOST><ID>7</ID></HOST></PEERS></HOST><HOST><ID>2</ID></HOST>")
    assert ids(body) == ["1", "2"]


def test_elements_of_the_same_name_elsewhere_are_no_records() -> None:
    elsewhere = b"<RESPONSE><HOST><ID>9</ID></HOST>"
    assert ids(doc("<HOST><ID>1</ID></HOST>").replace(b"<RESPONSE>", elsewhere)) == ["1"]


def test_list_inside_a_record_never_hides_the_next_page() -> None:
    with pytest.raises(Refused, match="inside a record"):
        inspected(doc("<HOST><LIST><X/></LIST></HOST><HOST/>"), RECORD)


def test_white_space_inside_tags() -> None:
    assert ids(doc("<HOST\n><ID\n   >1</ID\n></HOST >")) == ["1"]


def test_invalid_bytes_are_replaced_and_counted() -> None:
    inspector = inspected(answer(host(1)).replace(b"10.0.0.1", b"\xe9 \xff \xe2\x82 \xef\xbf\xbd ok"))
    assert inspector.scrubber.replaced == 3
    assert inspector.scrubber.dropped == 0


FORBIDDEN = "".join(map(chr, [*range(9), 0xB, 0xC, *range(0xE, 0x20), 0xFFFE, 0xFFFF]))


def test_forbidden_characters_are_dropped_and_counted() -> None:
    scrubber = Scrubber()
    assert scrubber.text(f"a{FORBIDDEN}b\t\n\r\x7f\x85".encode(), final=True) == "ab\t\n\r\x7f\x85"
    assert scrubber.dropped == len(FORBIDDEN)


@pytest.mark.parametrize("reference", ["&#0;", "&#x1F;", "&#11;", "&#xFFFE;", "&#xD800;", "&#x110000;", "&#99999999;"])
def test_forbidden_references_are_dropped_where_they_are_references(reference: str) -> None:
    body = doc(f"<HOST><ID>a{reference}b{cdata(f'c{reference}d')}e</ID></HOST>")
    assert ids(body) == [f"abc{reference}de"]
    assert inspected(body, RECORD).scrubber.dropped == 1


def test_cdata_mark_cut_by_a_chunk() -> None:
    body = doc("<HOST><ID><![CDATA[&#0;]]]]><![CDATA[>]]>&#0;</ID></HOST>")
    for size in range(1, len(body)):
        scrubber = Scrubber()
        text = "".join(scrubber.text(body[at : at + size]) for at in range(0, len(body), size))
        assert text + scrubber.text(b"", final=True) == body.decode().replace(">&#0;<", "><")


def test_empty_elements_in_both_spellings() -> None:
    (record,) = records(doc("<HOST><ID/><OS></OS><DNS><![CDATA[]]></DNS></HOST>"), RECORD)
    assert [child.text or "" for child in record] == ["", "", ""]


class Endless(io.RawIOBase):
    """A page of `count` equal hosts that is nowhere whole in memory."""

    def __init__(self, count: int) -> None:
        self._parts = self._all(count)

    @staticmethod
    def _all(count: int) -> Iterator[bytes]:
        head, tail = answer(host(1)).split(host(1).encode())
        yield head
        piece = host(1, tag("OS", cdata("x" * 2000))).encode() * 30
        for _ in range(count // 30):
            yield piece
        yield tail

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        part = next(self._parts, b"")
        memoryview(buffer)[: len(part)] = part  # type: ignore[arg-type]
        return len(part)


def peak(count: int) -> int:
    tracemalloc.start()
    inspector, file = Inspector(FEED.resource.record), io.BufferedReader(Endless(count), CHUNK * 2)
    while chunk := file.read(CHUNK):
        inspector.feed(chunk)
    inspector.close()
    reader = RecordReader(FEED.resource.record, inspector.noted)
    assert sum(1 for _ in reader.records(io.BufferedReader(Endless(count), CHUNK * 2))) == count
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


def test_memory_does_not_grow_with_the_page() -> None:
    small, large = peak(300), peak(6000)
    assert large < small * 1.2 < 3_000_000
