"""Answers in any bytes, cut anywhere: one result, no forbidden character, and never anything but our own errors."""

from __future__ import annotations

import io
import re

from hypothesis import given
from hypothesis import strategies as st

from qualys_ta.errors import Refused, TryLater
from qualys_ta.records import RecordReader
from qualys_ta.scrubber import Scrubber
from qualys_ta.xmlpage import Inspector
from support.core import answer, detection, host, pieces, records, tag

FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
MARKS = (b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<a>", b"</a>", b"]", b"\xef\xbf\xbd")
TOKENS = st.sampled_from((*MARKS, b"&#0;", b"&#x1F;", b"&#65;", b"&amp;", b"&"))
NOISE = st.lists(st.binary(max_size=6) | TOKENS, max_size=20).map(b"".join)
CUTS = st.lists(st.integers(0, 9), max_size=60)
RECORD = ("RESPONSE", "HOST_LIST", "HOST")


def scrubbed(body: bytes, cuts: list[int]) -> tuple[str, int, int]:
    scrubber = Scrubber()
    text = "".join([scrubber.text(piece) for piece in pieces(body, cuts)])
    return text + scrubber.text(b"", final=True), scrubber.replaced, scrubber.dropped


@given(NOISE, CUTS)
def test_any_cut_gives_the_same_text_and_counts(noise: bytes, cuts: list[int]) -> None:
    whole = scrubbed(noise, [])
    assert scrubbed(noise, cuts) == whole
    assert not FORBIDDEN.search(whole[0])


@given(st.text(st.characters(blacklist_categories=["Cs"])))
def test_text_that_xml_allows_is_untouched(text: str) -> None:
    clean = FORBIDDEN.sub("", text)
    if "&#" not in clean:
        assert scrubbed(text.encode(), [])[:2] == (clean, 0)


def judged(body: bytes, cuts: list[int]) -> object:
    inspector = Inspector(RECORD)
    try:
        for piece in pieces(body, cuts):
            inspector.feed(piece)
        inspector.close()
        reader = RecordReader(RECORD, inspector.noted)
        found = [list(record.itertext()) for record in reader.records(io.BytesIO(body))]
    except (TryLater, Refused) as error:
        return type(error)
    return inspector.root, inspector.told.texts, found


@given(NOISE, CUTS, st.booleans())
def test_any_answer_is_judged_the_same_however_it_arrives(noise: bytes, cuts: list[int], inside: bool) -> None:
    body = answer(host(1, tag("OS", "@@"), detections=[detection()]), host(2))
    body = body.replace(b"@@", noise) if inside else noise
    assert judged(body, [*cuts, len(body) // 2]) == judged(body, [])


@given(NOISE)
def test_text_of_records_holds_nothing_forbidden(noise: bytes) -> None:
    body = answer(host(1, tag("OS", "<![CDATA[@@]]>"))).replace(b"@@", noise.replace(b"]", b""))
    (record,) = records(body)
    assert not FORBIDDEN.search(record.findtext("OS") or "")
