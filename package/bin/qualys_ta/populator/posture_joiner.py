"""POSTURE_INFO: a record of posture together with what the glossary of its answer says of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from typing import Any, Callable, Optional
from xml.etree.ElementTree import Element

from ..errors import BadRecord
from ..feed import Conversion, Glossary
from ..model import SEPARATOR as RECORDS
from ..model import Converted, Events, tallied
from ..times import epoch
from . import posture_glossary as terms
from .keyvalue import SEPARATOR
from .posture_api import SETTING, counts_all
from .posture_filter import Facts, posture_filter
from .posture_glossary import explained, term
from .posture_record import PARTS, Evidence, Nested, PostureReader
from .posture_text import MOST_DIGITS, is_number, piece, unbroken
from .remembered import Remembered

LONGEST = 1 << 22
"""Characters of evidence of one record: a word stands in the glossary once, and a record may name it very often."""

_RECORD = "INFO"
_SIGNS = {"#": terms.FIXED, "$": terms.TUNABLE}
_TERM = re.compile(r"([#$])(\w+)")
_NO_EVENTS = Events()
_NOTHING = ("", "")
_NEW = tuple.__new__
"""Makes a NamedTuple of a tuple in half the time of its own constructor."""

Record = tuple[str, str, Nested, Optional[Evidence]]
"""The owner, and what a `PostureReader` read."""


class PostureJoiner:
    """The `Joiner` of one answer. What does not fit a person's filters is left out like a bad record: it is counted."""

    def __init__(self, conversion: Conversion, glossary: Glossary) -> None:
        settings = conversion.settings
        self._asked = conversion.asked.get("policy_id", "")
        self._glossary = glossary
        self._reader = PostureReader()
        self._expression = Remembered(self._expression_told)
        self._name, self._words = Remembered(self._name_told), Remembered(self._words_of)
        self.converted = self._converter(settings)

    def keep(self, elements: Sequence[Element], owner: str) -> Optional[tuple[Any, ...]]:
        infos = [element for element in elements if element.tag == _RECORD]
        if len(infos) < len(elements):
            for element in elements:
                for key, values in explained(element, owner):
                    self._glossary.put(key, values)
        return (owner, *self._reader.read(infos)) if infos else None

    def records(self, kept: tuple[Any, ...]) -> Iterable[Record]:
        owner, joined, nested, evidence = kept
        return zip(repeat(owner), joined.split(RECORDS), nested, evidence)

    def _converter(self, settings: Mapping[str, Any]) -> Callable[[Record], Converted]:
        """A closure: looking up what it needs in `self` for each record costs a tenth."""
        has_events, has_summary = bool(settings["log_individual_compliance_events"]), counts_all(settings)
        fits = posture_filter(settings[SETTING])
        of_host, of_control = Remembered(self._host_told), Remembered(self._control_told)
        of_evidence, tallies = Remembered(self._evidence_told), Remembered(self._tally_of)

        def converted(record: Record) -> Converted:
            owner, joined, nested, evidence = record
            told_parts = joined.split(SEPARATOR, PARTS)
            number, host, control, technology, status, modified, evaluated, first, last, *said = told_parts
            if not f"{number}{host}{control}{technology}".isdecimal():
                number, host, control, technology = map(unbroken, (number, host, control, technology))
            start, host_last, addresses = of_host[owner, host]
            if not (start and number.isdecimal() and number.isascii() and len(number) <= MOST_DIGITS):
                raise BadRecord(f"an INFO {number[:40]!r} of the policy {owner[:40]!r}, where numbers are due")
            told_control, label, value = of_control[owner, control, technology]
            if fits and not fits(Facts(number, host, addresses, control, status, label, value)):
                raise BadRecord(f"posture {number}: {SETTING} filters it out, and the platform sent it all the same")
            told = _NO_EVENTS
            if has_events:
                cause, exception = nested or _NOTHING
                found = of_evidence[owner, said[0], evidence] if said else ""
                text = f'{start}{told_control}{first}{cause}{found}, POSTURE_ID="{number}"{last}{host_last}{exception}'
                told = _NEW(Events, ((epoch(modified) or epoch(evaluated),), text))
            tally = tallies[owner, control, status] if has_summary else ""
            return _NEW(Converted, (int(number), max(modified, evaluated), told, tally))

        return converted

    def _policy_of(self, owner: str) -> str:
        """The number of the policy, as text; "" where there is none."""
        number = unbroken(owner) or self._asked
        return number if is_number(number) else ""

    def _host_told(self, owner: str, host: str) -> tuple[str, ...]:
        """What an event begins with, what stands last of a host, and its addresses; "" where a policy has no number."""
        policy = self._policy_of(owner)
        first, last, addresses = self._named(terms.HOST, owner, host) or ("", "", "")
        told = piece("HOST_ID", host) + first if host else ""
        return policy and f'POSTURE_INFO: POLICY_ID="{policy}"{told}', last, addresses

    def _control_told(self, owner: str, control: str, technology: str) -> tuple[str, ...]:
        """What stands of a control and the technology it was tested on, and the control's criticality."""
        text, label, value = self._named(terms.CONTROL, owner, control) or ("", "", "")
        (rationale,) = self._named(terms.RATIONALE, owner, control, technology) or ("",)
        (name,) = self._named(terms.TECHNOLOGY, owner, technology) or ("",)
        told = (piece("CONTROL_ID", control) if control else "") + text + rationale
        return told + (piece("TECHNOLOGY_ID", technology) if technology else "") + name, label, value

    def _named(self, kind: str, owner: str, *name: str) -> Optional[tuple[str, ...]]:
        return self._glossary.get(term(kind, owner, *name)) if all(name) else None

    def _evidence_told(self, owner: str, joined: str, standing: Evidence) -> str:
        """Of texts that stand as `Evidence` says. Many hosts have the same."""
        texts, (expressions, counts) = joined.split(SEPARATOR), standing
        told = self._expression[owner, texts[0]] if expressions else ""
        if not counts:
            return told
        labels, found, end, left = [], [], expressions, LONGEST
        for count in counts:
            start, end = end, end + count
            labels.append(texts[start])
            found.append(self._meant(owner, texts[start + 1], texts[start + 2 : end], left))
            left -= len(found[-1])
        names = _short([self._name[owner, label] for label in labels], left)
        what, name = (found[0], names[0]) if len(labels) == 1 else (_by_label(labels, found), _by_label(labels, names))
        return f'{told}, EVIDENCE_CURRENT_VALUE="{what}"' + (f', EVIDENCE_DPD_NAME="{name}"' if name else "")

    def _meant(self, owner: str, words: str, values: Sequence[str], most: int) -> str:
        """What was found, codes replaced by the words that they stand for."""
        if words:
            meaning = self._words[owner, words]
            values = _short([meaning.get(value, value) for value in values], most)
        return ",".join(filter(None, values))

    def _tally_of(self, owner: str, control: str, status: str) -> str:
        """The control and its status, with one bar between them."""
        return tallied(int(self._policy_of(owner)), "|".join([part.replace("|", "_") for part in (control, status)]))

    def _expression_told(self, owner: str, expression: str) -> str:
        """The expression, fixed values and tunable parameters in place of their labels."""

        left = LONGEST

        def value(found: re.Match[str]) -> str:
            nonlocal left
            known = self._named(_SIGNS[found[1]], owner, found[2])
            (told,) = _short([known[0] if known else found[0]], left)
            left -= len(told)
            return told

        return piece("EVIDENCE", _TERM.sub(value, expression))

    def _name_told(self, owner: str, label: str) -> str:
        """What a data point is called."""
        return (self._named(terms.DATA_POINT, owner, terms.label(label)) or ("",))[0]

    def _words_of(self, owner: str, label: str) -> Mapping[str, str]:
        """Codes of a data point -> what they mean."""
        told = iter(self._named(terms.WORDS, owner, terms.label(label)) or ())
        return dict(zip(told, told))


def _short(texts: list[str], most: int) -> list[str]:
    """The texts. Raises BadRecord where they hold more characters."""
    if sum(map(len, texts)) > most:
        raise BadRecord(f"an INFO whose evidence is longer than {LONGEST} characters with the words of the glossary")
    return texts


def _by_label(labels: Iterable[str], texts: Iterable[str]) -> str:
    """What there is of each data point; the labels tell them apart in the expression."""
    return "; ".join([f"{label}={text}" for label, text in zip(labels, texts) if text])
