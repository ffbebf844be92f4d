"""XML that wants our memory, our time or our files."""

from __future__ import annotations

import io
import time
import tracemalloc
from pathlib import Path

import pytest

from qualys_ta import records, xmlpage
from qualys_ta.errors import Refused
from qualys_ta.populator.host_detection import FEED
from support.core import answer, converted, host, inspected, tag
from support.hostile import HostilePlatform, answered

MEGABYTE = 1 << 20
CHUNK = 1 << 16
LAUGHS = "".join(f'<!ENTITY lol{n} "{f"&lol{n - 1};" * 10}">' for n in range(1, 10))
DECLARED = {
    "a billion laughs": f'<!ENTITY lol0 "lol">{LAUGHS}',
    "one long text many times": f'<!ENTITY lol9 "{"x" * 100_000}">',
    "a file": '<!ENTITY lol9 SYSTEM "file:///etc/passwd">',
    "another server": '<!ENTITY lol9 SYSTEM "{abroad}/x.xml">',
    "a public one": '<!ENTITY lol9 PUBLIC "-//X//Y//EN" "{abroad}/x.xml">',
    "a parameter": "<!ENTITY % lol9 \"<!ENTITY x SYSTEM '{abroad}/x'>\"> %lol9;",
    "a parameter of another server": '<!ENTITY % lol9 SYSTEM "{abroad}/x.dtd"> %lol9;',
    "what nobody parses": '<!ENTITY lol9 SYSTEM "{abroad}/x.gif" NDATA gif>',
}


@pytest.fixture
def small_records(monkeypatch: pytest.MonkeyPatch) -> None:
    """The largest record that is read, so that tests need not be larger."""
    for module in (xmlpage, records):
        monkeypatch.setattr(module, "LARGEST_RECORD", MEGABYTE)
    monkeypatch.setattr(xmlpage, "LARGEST_TAG", MEGABYTE)


def with_head(head: str, body: bytes) -> bytes:
    return body.replace(b"?>\n", f"?>\n<!DOCTYPE {FEED.resource.root} {head}>".encode(), 1)


@pytest.mark.parametrize("kind", DECLARED)
def test_an_entity_that_is_declared_ends_the_reading(tmp_path: Path, kind: str) -> None:
    """Before anything of it is expanded, read or fetched."""
    hosts = host(7, NETBIOS="&lol9;" * 1000).replace("&amp;", "&")
    with HostilePlatform(tmp_path, answered(b"")) as abroad:
        body = with_head(f"[{DECLARED[kind].replace('{abroad}', abroad.url)}]", answer(hosts))
        tracemalloc.start()
        try:
            with pytest.raises(Refused, match=r"declares the XML entity 'lol\d'"):
                inspected(body, chunk=CHUNK)
            with pytest.raises(records.Unread, match=r"declares the XML entity 'lol\d'"):
                list(records.PageReader(FEED.resource.record, FEED.resource.root).records(io.BytesIO(body)))
            assert tracemalloc.get_traced_memory()[1] < 2 * MEGABYTE + len(body)
        finally:
            tracemalloc.stop()
    assert abroad.heads == []


@pytest.mark.parametrize("where", ['SYSTEM "{}"', 'PUBLIC "-//Q//Y//EN" "{}"'])
def test_a_dtd_that_is_named_is_not_fetched(tmp_path: Path, where: str) -> None:
    """The platform names one in every answer."""
    with HostilePlatform(tmp_path, answered(b'<!ENTITY lol "x">')) as abroad:
        body = with_head(where.format(f"{abroad.url}/x.dtd"), answer(host(7, NETBIOS="&lol;").replace("&amp;", "&")))
        (found,) = converted(body)
    assert abroad.heads == []
    assert 'NETBIOS="&lol;"' in found.events[0].text


def test_elements_without_end_outside_records_are_refused_at_once() -> None:
    """Each costs its path: a million in each other would take hours."""
    started = time.process_time()
    with pytest.raises(Refused, match="nested deeper"):
        inspected(answer(host(7), warning="<a>" * 1_000_000 + "</a>" * 1_000_000), chunk=CHUNK)
    assert time.process_time() - started < 5.0


def test_elements_in_each_other_inside_a_record_are_passed_over() -> None:
    """As any element that we do not know; a hundred thousand levels are no call stack of ours."""
    deep = "<a>" * 100_000 + "</a>" * 100_000
    assert converted(answer(host(7, deep), host(8)))[0].events == converted(answer(host(7), host(8)))[0].events


@pytest.mark.usefixtures("small_records")
@pytest.mark.parametrize("before", ["", "é" * 3 * MEGABYTE], ids=["alone", "after other letters"])
@pytest.mark.parametrize("markup", ["<a b='{}'/>", "<a{}/>", "<!--{}-->", "<?a {}?>"])
def test_a_tag_without_end_is_given_up(markup: str, before: str) -> None:
    """A parser must keep all of it until it ends. It counts bytes, and we count with it."""
    body = answer(host(7, tag("NETBIOS", before), markup.format("x" * 20 * MEGABYTE)))
    tracemalloc.start()
    try:
        with pytest.raises(Refused, match="one tag of more than 1 MB"):
            inspected(body, chunk=CHUNK)
        assert tracemalloc.get_traced_memory()[1] < 8 * MEGABYTE
    finally:
        tracemalloc.stop()


@pytest.mark.usefixtures("small_records")
@pytest.mark.parametrize(
    "markup",
    [tag("a", "x" * 3 * MEGABYTE), tag("a", "&#65;" * MEGABYTE), "<a/>" * MEGABYTE],
    ids=["text", "references", "elements"],
)
def test_a_record_without_end_is_given_up(markup: str) -> None:
    with pytest.raises(Refused, match="in which no record ends"):
        converted(answer(host(7, markup)))
