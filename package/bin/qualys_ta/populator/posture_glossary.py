"""What a GLOSSARY explains, put so that a posture finds it: hosts, controls, technologies, and labels of evidence.

Hosts, controls and technologies are put as pieces of an event. Labels (``:dp_1``) mean something else in each policy,
so every key names the policy that the glossary belongs to.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Callable
from xml.etree.ElementTree import Element

from .keyvalue import comma_list, single_line
from .posture_text import id_of, pairs, piece, texts_of

HOST, CONTROL, RATIONALE, TECHNOLOGY = "H", "C", "R", "T"
DATA_POINT, FIXED, TUNABLE, WORDS = "D", "F", "P", "W"

Term = tuple[str, tuple[str, ...]]

_HOST_FIRST = {"HOST_IP": "IP", "HOST_DNS": "DNS"}
_HOST_LAST = {"HOST_NETBIOS": "NETBIOS", "HOST_OS": "OS", "HOST_TRACKING_METHOD": "TRACKING_METHOD"}
_CONTROL = {
    "CONTROL_STATEMENT": "STATEMENT",
    "CONTROL_REFERENCE": "REFERENCE",
    "CRITICALITY_LABEL": "CRITICALITY/LABEL",
    "CRITICALITY_VALUE": "CRITICALITY/VALUE",
}
_VALUE = frozenset(("V",))


def term(kind: str, owner: str, *name: str) -> str:
    """The key of an explanation. Neither ids nor the owner's hold white space."""
    return " ".join((kind, owner, *name))


def label(text: str) -> str:
    """A label without the sign (``:``, ``#``, ``$``, ``@``) that says of what kind it is."""
    return single_line(text).lstrip(":#$@")


def explained(element: Element, owner: str) -> Iterator[Term]:
    """Keys and values of one element of the glossary; none for an element that no event tells of."""
    reader = _READERS.get(element.tag)
    return reader(element, owner) if reader else iter(())


def _host(host: Element, owner: str) -> Iterator[Term]:
    """Its first piece, its last piece, its addresses by commas."""
    addresses = comma_list((host.findtext("IP") or "", host.findtext("IPV6") or ""))
    first = _HOST_FIRST if host.find("IP") is not None else {**_HOST_FIRST, "HOST_IP": "IPV6"}
    yield term(HOST, owner, id_of(host)), (pairs(host, first), pairs(host, _HOST_LAST), addresses)


def _control(control: Element, owner: str) -> Iterator[Term]:
    """Its piece, its criticality's label and value; and a piece for each technology that has a rationale of its own."""
    number = id_of(control)
    criticality = (single_line(control.findtext(_CONTROL[f"CRITICALITY_{part}"]) or "") for part in ("LABEL", "VALUE"))
    yield term(CONTROL, owner, number), (pairs(control, _CONTROL), *criticality)
    for rationale in control.iterfind("RATIONALE_LIST/RATIONALE"):
        technology = id_of(rationale, "TECHNOLOGY_ID")
        told = piece("RATIONALE_TECHNOLOGY_ID", technology) + pairs(rationale, {"RATIONALE_TEXT": "TEXT"})
        yield term(RATIONALE, owner, number, technology), (told,)


def _technology(technology: Element, owner: str) -> Iterator[Term]:
    yield term(TECHNOLOGY, owner, id_of(technology)), (pairs(technology, {"TECHNOLOGY_NAME": "NAME"}),)


def _data_point(point: Element, owner: str) -> Iterator[Term]:
    """Its name; what describes it, where the platform was not asked for names."""
    names = (single_line(point.findtext(path) or "") for path in ("NAME", "DESC"))
    yield term(DATA_POINT, owner, _label(point)), (next(filter(None, names), ""),)


def _values(kind: str) -> Callable[[Element, str], Iterator[Term]]:
    def read(element: Element, owner: str) -> Iterator[Term]:
        yield term(kind, owner, _label(element)), (comma_list(texts_of(element, _VALUE)),)

    return read


def _words(mapping: Element, owner: str) -> Iterator[Term]:
    """Codes and their words, in turn."""
    found = [(pair.findtext("K"), pair.findtext("V")) for pair in mapping.iterfind("PAIR")]
    yield term(WORDS, owner, _label(mapping)), tuple(single_line(text or "") for pair in found for text in pair)


def _label(element: Element) -> str:
    return label(element.findtext("LABEL") or "")


_READERS: dict[str, Callable[[Element, str], Iterator[Term]]] = {
    "HOST": _host,
    "CONTROL": _control,
    "TECHNOLOGY": _technology,
    "DPD": _data_point,
    "FV": _values(FIXED),
    "TP": _values(TUNABLE),
    "TM": _words,
}
"""Element of the glossary -> its reader."""
