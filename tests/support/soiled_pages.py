"""Pages that look real and were spoiled: each spoil is (what, where, how much), so that a failing page shrinks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from support.core import answer, cdata, detection, host, tag, text

MORE = tag("WARNING", tag("CODE", "1980"), tag("TEXT", "more"), tag("URL", cdata("https://a/?id_min=9&b=2")))
TAGS = tag("TAGS", tag("TAG", tag("TAG_ID", "7"), tag("NAME", "a & <b>".replace("&", "&amp;").replace("<", "&lt;"))))
PAGES = (
    answer(),
    answer(host(1), warning=MORE),
    answer(host(1, TAGS, OS='x "1" é😀'), host(2, detections=[detection(RESULTS="a\tb\nc & d")]), warning=MORE),
    answer(*(host(number, tag("OS", cdata("]] > <HOST>"))) for number in range(3, 7))),
    answer(host(8, tag("METADATA", tag("EC2", tag("ATTRIBUTE", tag("NAME", "n"), tag("VALUE", "v"))))), host(9)),
    answer(host(1), host(2)).replace(
        b"?>\n", b'?>\n<!DOCTYPE HOST_LIST_VM_DETECTION_OUTPUT SYSTEM "https://x/a.dtd">\n'
    ),
    answer(host(1), host(2)).replace(b"</HOST>", b"</HOST>\n<!-- keep-alive <HOST> -->\n"),
)
ENCODINGS = ("utf-16", "utf-16-le", "latin-1", "cp037", "utf-32", "utf-7", "utf-8-sig", "shift_jis")
NAMES = ("UTF-16", "ISO-8859-1", "IBM037", "ascii", "nonsense", "UTF-8 ", "")
DECLARATIONS = tuple(f'<?xml version="1.0" encoding="{name}" ?>'.encode() for name in NAMES)
TOKENS = (
    *(b"<![CDATA[", b"]]>", b"<!--", b"-->", b"--", b"<", b">", b"</", b"/>", b"&", b";", b'"', b"'", b"\0", b"\x1b"),
    *(b"\xef\xbb\xbf", b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xef\xbf\xbe", b"\xc0\x80", b"\r"),
    *(
        b"&#0;",
        b"&#x1F;",
        b"&#65;",
        b"&amp;",
        b"&lt",
        b"&nope;",
        b"&#xD800;",
        b"&#99999999;",
        b"&#x",
        b"%pe;",
        b"&#13;",
    ),
    *(
        b"<HOST>",
        b"</HOST>",
        b"<HOST><ID>77</ID></HOST>",
        b"</HOST_LIST>",
        b"<HOST_LIST>",
        b"<RESPONSE>",
        b"</RESPONSE>",
    ),
    *(
        b"<HOST_LIST><HOST><ID>66</ID></HOST></HOST_LIST>",
        b"<HOST/>",
        b"<x:HOST xmlns:x='u'/>",
        b"<x:y/>",
        b"<a xmlns='u'/>",
    ),
    *(
        b"<!-- <HOST> -->",
        b"<?php <HOST> ?>",
        b"<?xml version='1.0'?>",
        b"<!DOCTYPE a>",
        b"<![INCLUDE[",
        b"<!ENTITY a 'b'>",
    ),
    *(
        b"<ID>&lt;</ID>",
        b"<ID>",
        b"</ID>",
        b"<DETECTION_LIST>",
        b"</DETECTION_LIST>",
        b"</HOST_LIST_VM_DETECTION_OUTPUT>",
    ),
)
_LEAVES = ("ID", "LAST_SCAN_DATETIME", "LAST_PROCESSED_DATETIME", "LAST_UPDATE_DATETIME", "QID", "UNIQUE_VULN_ID", "IP")
NAMES_OF_LEAVES = tuple(f"<{name}>".encode() for name in _LEAVES)
TEXTS = ("\t € ", "9 ", " 9 9", "\n7\n", "é", "-", '"', "\u0661", "9" * 400)
DOCTYPES = (
    b'<!DOCTYPE R [<!ENTITY a "b">]>',
    b'<!DOCTYPE R [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>',
    b'<!DOCTYPE R SYSTEM "http://127.0.0.1:1/x.dtd" [<!ELEMENT R ANY>]>',
    b"<!DOCTYPE R [<!ATTLIST HOST x CDATA 'default'>]>",
    b'<!DOCTYPE R [<!NOTATION n SYSTEM "x">]>',
    b'<!DOCTYPE R [<!ENTITY a "1"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;">]>',
    b'<!DOCTYPE R [<!-- <!ENTITY a "b"> --><?x <!ENTITY?>]>',
    b'<!DOCTYPE R PUBLIC "-//X//" "x">',
    b"<!DOCTYPE R [ <HOST> ]>",
)


class Spoil(NamedTuple):
    what: int
    where: int
    much: int


def spoiled(page: int, spoils: Iterable[tuple[int, int, int]]) -> bytes:
    body = PAGES[page % len(PAGES)]
    for what, where, much in spoils:
        body = SPOILERS[what % len(SPOILERS)](body, where % (len(body) + 1), much)
    return body


def _cut(body: bytes, at: int, _much: int) -> bytes:
    return body[:at]


def _put(body: bytes, at: int, much: int) -> bytes:
    return body[:at] + TOKENS[much % len(TOKENS)] + body[at:]


def _put_between(body: bytes, at: int, much: int) -> bytes:
    """Between two tags, where more is allowed."""
    at = body.find(b"><", at) + 1
    return body[:at] + TOKENS[much % len(TOKENS)] + body[at:]


def _twice(body: bytes, at: int, much: int) -> bytes:
    return body[: at + much] + body[at:]


def _element_twice(body: bytes, at: int, _much: int) -> bytes:
    start = body.find(b"<HOST>", at)
    end = body.find(b"</HOST>", start) + len(b"</HOST>")
    return body[:end] + body[start:end] + body[end:] if start >= 0 and end > start else body


def _without(body: bytes, at: int, much: int) -> bytes:
    return body[:at] + body[at + much :]


def _byte(body: bytes, at: int, much: int) -> bytes:
    return body[:at] + bytes([much % 256]) + body[at + 1 :]


def _swap(body: bytes, at: int, much: int) -> bytes:
    one, two = body[at : at + much], body[at + much : at + 2 * much]
    return body[:at] + two + one + body[at + 2 * much :]


def _wrap(body: bytes, at: int, much: int) -> bytes:
    opened, closed = ((b"<![CDATA[", b"]]>"), (b"<!--", b"-->"), (b"<?p ", b"?>"), (b"<HOST>", b"</HOST>"))[much % 4]
    return body[:at] + opened + body[at : at + much] + closed + body[at + much :]


def _nest(body: bytes, at: int, much: int) -> bytes:
    at = body.find(b"><", at) + 1
    return body[:at] + b"<n>" * much + b"</n>" * (much - much % 7 // 6) + body[at:]


def _attribute(body: bytes, at: int, much: int) -> bytes:
    at = body.find(b">", at)
    return body[:at] + b' a="' + b"&#65;x" * much + b'"' + body[at:] if at > 0 else body


def _declared(body: bytes, _at: int, much: int) -> bytes:
    return DECLARATIONS[much % len(DECLARATIONS)] + body.partition(b"?>")[2]


def _encoded(body: bytes, _at: int, much: int) -> bytes:
    return body.decode("utf-8", "replace").encode(ENCODINGS[much % len(ENCODINGS)], "replace")


def _doctype(body: bytes, _at: int, much: int) -> bytes:
    head, mark, rest = body.partition(b"?>")
    return head + mark + DOCTYPES[much % len(DOCTYPES)] + rest


def _said(body: bytes, at: int, much: int) -> bytes:
    """Text in an element that holds a number, a time or a word."""
    start = body.find(NAMES_OF_LEAVES[much % len(NAMES_OF_LEAVES)], at)
    start = body.find(b">", start) + 1
    return body[:start] + text(TEXTS[much % len(TEXTS)]).encode() + body[start:] if start > 0 else body


SPOILERS: tuple[Callable[[bytes, int, int], bytes], ...] = (
    *(_put, _put_between, _byte, _cut, _twice, _without, _swap, _wrap, _element_twice),
    *(_nest, _attribute, _declared, _encoded, _doctype, _said),
)
