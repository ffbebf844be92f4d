"""What a scan sent and got: base64 of text is read, anything else stays, and nothing is endless."""

from __future__ import annotations

from base64 import b64encode

import pytest

from qualys_ta.populator.was_evidence import LONGEST, decoded
from support.core import extracted, tag
from support.webapps import event_of, tries

PAGE = 'HTTP/1.1 200 OK\n<p class="x">Füße</p>'


def packed(text: bytes) -> str:
    return b64encode(text).decode()


def told(markup: str) -> dict[str, str]:
    return dict(extracted(event_of(tries(markup), only="evidence,payload,request_headers,request_body")))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (packed(PAGE.encode()), PAGE),
        ("\n".join((packed(PAGE.encode())[:20], packed(PAGE.encode())[20:])) + "\n", PAGE),
        (PAGE, PAGE),
        ("", ""),
        ("abcdefgh", "abcdefgh"),
        ("thisIsAWordOfSixteenAndMore/4you", "thisIsAWordOfSixteenAndMore/4you"),
        (packed(bytes(range(128, 250))), packed(bytes(range(128, 250)))),
        (packed(PAGE.encode())[:-1], packed(PAGE.encode())[:-1]),
        ("A" * 17 + "===", "A" * 17 + "==="),
        ("A" * 15 + "=" + "A" * 4, "A" * 15 + "=" + "A" * 4),
        (packed(PAGE.encode("latin-1")), PAGE.replace("ü", "\ufffd").replace("ß", "\ufffd")),
        (
            packed(b"a zero\x00, a separator\x1e\x1f and more of plain text"),
            "a zero, a separator and more of plain text",
        ),
        (packed(b"a noncharacter \xef\xbf\xbf in plain text"), "a noncharacter  in plain text"),
    ],
)
def test_base64_of_text_is_read(written: str, read: str) -> None:
    assert decoded(written) == read


def test_evidence_is_one_line_without_double_quotes() -> None:
    page = PAGE.encode() + b'\r\nWAS_FINDING: webapp_id="1"\x00\x1e'
    assert told(tag("response", packed(page)))["evidence"] == (
        "HTTP/1.1 200 OK <p class='x'>Füße</p>  WAS_FINDING: webapp_id='1'"
    )


def test_headers_and_body_are_read_too() -> None:
    request = tag("request", tag("headers", packed(b"Referer: https://x.example/\nA: b")), tag("body", "a=1"))
    found = told(request)
    assert (found["request_headers"], found["request_body"]) == ("Referer: https://x.example/ A: b", "a=1")


@pytest.mark.parametrize("more", [-1, 0, 1, 5000])
def test_what_is_long_is_cut_and_says_so(more: int) -> None:
    page = ("x-" * LONGEST)[: LONGEST + more]
    cut = f" [TRUNCATED {more} Characters]" if more > 0 else ""
    found = told(tag("payload", page) + tag("response", packed(page.encode())))
    assert found["evidence"] == found["payload"] == page[:LONGEST] + cut


def test_the_first_try_that_has_it_tells_it() -> None:
    first, second = tag("payload", ""), tag("payload", "b") + tag("response", "answer")
    found = dict(extracted(event_of(tries(first, second, tag("response", "later")), only="evidence,payload")))
    assert (found["payload"], found["evidence"]) == ("b", "answer")
    assert not {"payload", "evidence"} & dict(extracted(event_of("<resultList/>", only="evidence,payload"))).keys()
