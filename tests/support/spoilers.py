"""Ways to spoil a page that looks real: each spoil is (what, where, how much), so that a failing page shrinks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from hypothesis import strategies as st

from support.core import text

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
    *(b"<RESPONSE>", b"</RESPONSE>", b"<x:y/>", b"<a xmlns='u'/>", b"<ID>&lt;</ID>", b"<ID>", b"</ID>"),
    *(
        b"<?xml version='1.0'?>",
        b"<!DOCTYPE a>",
        b"<![INCLUDE[",
        b"<!ENTITY a 'b'>",
    ),
)
_OF_RECORDS = (
    *("<{0}>", "</{0}>", "<{0}><{2}>77</{2}></{0}>", "</{1}>", "<{1}>", "<{1}><{0}><{2}>66</{2}></{0}></{1}>"),
    *("<{0}/>", "<x:{0} xmlns:x='u'/>", "<!-- <{0}> -->", "<?php <{0}> ?>", "</{3}>"),
)
"""With the names of record, list, identity and root."""
ROOTS = ("HOST_LIST_VM_DETECTION_OUTPUT", "ServiceResponse", "REMEDIATION_TICKETS", "ASSET_DATA_REPORT", "html", "x:a")
TEXTS = ("\t € ", "9 ", " 9 9", "\n7\n", "é", "-", '"', "\u0661", "9" * 400)
DOCTYPES = (
    b'<!DOCTYPE R [<!ENTITY a "b">]>',
    b'<!DOCTYPE R [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>',
    b'<!DOCTYPE R SYSTEM "http://127.0.0.1:1/x.dtd" [<!ELEMENT R ANY>]>',
    b"<!DOCTYPE R [<!ATTLIST ID x CDATA 'default'>]>",
    b'<!DOCTYPE R [<!NOTATION n SYSTEM "x">]>',
    b'<!DOCTYPE R [<!ENTITY a "1"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;">]>',
    b'<!DOCTYPE R [<!-- <!ENTITY a "b"> --><?x <!ENTITY?>]>',
    b'<!DOCTYPE R PUBLIC "-//X//" "x">',
    b"<!DOCTYPE R [ <ID> ]>",
)


class Spoil(NamedTuple):
    what: int
    where: int
    much: int


@dataclass(frozen=True)
class Soil:
    """The pages of one list of the platform, and what is known of them where they are spoiled.

    `leaves`: elements that hold a number, a time or a word; the first is what a record is known by. `more`: tokens.
    """

    pages: tuple[bytes, ...]
    root: str
    list: str
    record: str
    leaves: tuple[str, ...]
    more: tuple[bytes, ...] = ()

    @property
    def tokens(self) -> tuple[bytes, ...]:
        names = self.record, self.list, self.leaves[0], self.root
        return (*TOKENS, *(token.format(*names).encode() for token in _OF_RECORDS), *self.more)

    def spoiled(self, page: int, spoils: Iterable[tuple[int, int, int]]) -> bytes:
        body = self.pages[page % len(self.pages)]
        for what, where, much in spoils:
            body = SPOILERS[what % len(SPOILERS)](self, body, where % (len(body) + 1), much)
        return body


def _cut(_soil: Soil, body: bytes, at: int, _much: int) -> bytes:
    return body[:at]


def _put(soil: Soil, body: bytes, at: int, much: int) -> bytes:
    return body[:at] + soil.tokens[much % len(soil.tokens)] + body[at:]


def _put_between(soil: Soil, body: bytes, at: int, much: int) -> bytes:
    """Between two tags, where more is allowed."""
    at = body.find(b"><", at) + 1
    return body[:at] + soil.tokens[much % len(soil.tokens)] + body[at:]


def _twice(_soil: Soil, body: bytes, at: int, much: int) -> bytes:
    return body[: at + much] + body[at:]


def _element_twice(soil: Soil, body: bytes, at: int, _much: int) -> bytes:
    opened, closed = f"<{soil.record}>".encode(), f"</{soil.record}>".encode()
    start = body.find(opened, at)
    end = body.find(closed, start) + len(closed)
    return body[:end] + body[start:end] + body[end:] if start >= 0 and end > start else body


def _without(_soil: Soil, body: bytes, at: int, much: int) -> bytes:
    return body[:at] + body[at + much :]


def _byte(_soil: Soil, body: bytes, at: int, much: int) -> bytes:
    return body[:at] + bytes([much % 256]) + body[at + 1 :]


def _swap(_soil: Soil, body: bytes, at: int, much: int) -> bytes:
    one, two = body[at : at + much], body[at + much : at + 2 * much]
    return body[:at] + two + one + body[at + 2 * much :]


def _wrap(soil: Soil, body: bytes, at: int, much: int) -> bytes:
    tags = f"<{soil.record}>".encode(), f"</{soil.record}>".encode()
    opened, closed = ((b"<![CDATA[", b"]]>"), (b"<!--", b"-->"), (b"<?p ", b"?>"), tags)[much % 4]
    return body[:at] + opened + body[at : at + much] + closed + body[at + much :]


def _nest(_soil: Soil, body: bytes, at: int, much: int) -> bytes:
    at = body.find(b"><", at) + 1
    return body[:at] + b"<n>" * much + b"</n>" * (much - much % 7 // 6) + body[at:]


def _attribute(_soil: Soil, body: bytes, at: int, much: int) -> bytes:
    at = body.find(b">", at)
    return body[:at] + b' a="' + b"&#65;x" * much + b'"' + body[at:] if at > 0 else body


def _declared(_soil: Soil, body: bytes, _at: int, much: int) -> bytes:
    return DECLARATIONS[much % len(DECLARATIONS)] + body.partition(b"?>")[2]


def _encoded(_soil: Soil, body: bytes, _at: int, much: int) -> bytes:
    return body.decode("utf-8", "replace").encode(ENCODINGS[much % len(ENCODINGS)], "replace")


def _doctype(_soil: Soil, body: bytes, _at: int, much: int) -> bytes:
    head, mark, rest = body.partition(b"?>")
    return head + mark + DOCTYPES[much % len(DOCTYPES)] + rest


def _said(soil: Soil, body: bytes, at: int, much: int) -> bytes:
    """Text in an element that holds a number, a time or a word."""
    start = body.find(f"<{soil.leaves[much % len(soil.leaves)]}>".encode(), at)
    start = body.find(b">", start) + 1
    return body[:start] + text(TEXTS[much % len(TEXTS)]).encode() + body[start:] if start > 0 else body


def _foreign(soil: Soil, body: bytes, _at: int, much: int) -> bytes:
    """Another root, of another list of the platform or of none."""
    name = (*ROOTS, soil.root.lower(), soil.list)[much % (len(ROOTS) + 2)].encode()
    ours = soil.root.encode()
    return body.replace(b"<" + ours, b"<" + name).replace(b"</" + ours, b"</" + name)


SPOILERS: tuple[Callable[[Soil, bytes, int, int], bytes], ...] = (
    *(_put, _put_between, _byte, _cut, _twice, _without, _swap, _wrap, _element_twice),
    *(_nest, _attribute, _declared, _encoded, _doctype, _said, _foreign),
)
SPOIL = st.tuples(st.integers(0, len(SPOILERS) - 1), st.integers(0, 2000), st.integers(0, 255))
