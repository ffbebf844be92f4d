"""POSTURE_INFO: a record of posture together with what the glossary of its answer says of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Callable, Optional, TypeVar
from xml.etree.ElementTree import Element

from ..errors import BadRecord
from ..feed import Conversion, Glossary
from ..model import Converted, Events, tallied
from ..times import epoch
from . import posture_glossary as terms
from .posture_api import SETTING, counts_all
from .posture_filter import Facts, Fits, posture_filter
from .posture_glossary import explained, term
from .posture_record import Evidence, Kept, PostureReader
from .posture_text import is_number, piece, unbroken

MOST_CHARACTERS = 500_000
"""Of the pieces of one kind (hosts, controls, expressions …) that stay in memory."""

_RECORD = "INFO"
_SIGNS = {"#": terms.FIXED, "$": terms.TUNABLE}
_TERM = re.compile(r"([#$])(\w+)")


Told = TypeVar("Told")


class Remembered(dict[tuple[str, ...], Told]):
    """What was told of each key, as long as there is room. Looking it up again is a matter of C."""

    def __init__(self, told: Callable[..., Told]) -> None:
        super().__init__()
        self._tell = told
        self._size = 0

    def __missing__(self, key: tuple[str, ...]) -> Told:
        value = self._tell(*key)
        size = len(str(key)) + len(str(value))
        self._size += size
        if self._size > MOST_CHARACTERS:
            self.clear()
            self._size = size
        self[key] = value
        return value


class PostureJoiner:
    """The `Joiner` of one answer. What does not fit a person's filters is left out like a bad record: it is counted."""

    def __init__(self, conversion: Conversion, glossary: Glossary) -> None:
        settings = conversion.settings
        self._asked = conversion.asked.get("policy_id", "")
        self._has_events = bool(settings["log_individual_compliance_events"])
        self._has_summary = counts_all(settings)
        self._fits: Optional[Fits] = posture_filter(settings[SETTING])
        self._glossary = glossary
        self._reader = PostureReader()
        self._policy, self._host = Remembered(self._policy_of), Remembered(self._host_told)
        self._control, self._expression = Remembered(self._control_told), Remembered(self._expression_told)
        self._name, self._words = Remembered(self._name_told), Remembered(self._words_of)
        self._tally = Remembered(_tally)

    def keep(self, element: Element, owner: str) -> Optional[Kept]:
        if element.tag == _RECORD:
            return self._reader.read(element, owner)
        for key, values in explained(element, owner):
            self._glossary.put(key, values)
        return None

    def converted(self, kept: Kept) -> Converted:
        owner, number, host, control, technology, status, modified, evaluated, first, evidence, last, exception = kept
        policy = self._policy[owner,]
        if not (policy and is_number(number)):
            raise BadRecord(f"an INFO {number[:40]!r} of the policy {owner[:40]!r}, where numbers are due")
        host_first, host_last, addresses = self._host[owner, host]
        of_control, label, value = self._control[owner, control, technology]
        if self._fits and not self._fits(Facts(number, host, addresses, control, status, label, value)):
            raise BadRecord(f"posture {number}: {SETTING} filters it out, and the platform sent it all the same")
        told = Events()
        if self._has_events:
            found = self._evidence(owner, evidence) if evidence else ""
            text = (
                f'POSTURE_INFO: POLICY_ID="{policy}"{host_first}{of_control}{first}{found}, POSTURE_ID="{number}"'
                f"{last}{host_last}{exception}"
            )
            told = Events([epoch(modified) or epoch(evaluated)], text)
        tally = self._tally[policy, control, status] if self._has_summary else ""
        return Converted(int(number), max(modified, evaluated), told, tally)

    def _policy_of(self, owner: str) -> str:
        """The number of the policy, as text; "" where there is none."""
        number = unbroken(owner) or self._asked
        return number if is_number(number) else ""

    def _host_told(self, owner: str, host: str) -> tuple[str, ...]:
        """What stands first of a host, what stands last, and its addresses."""
        if not host:
            return "", "", ""
        first, last, addresses = self._glossary.get(term(terms.HOST, owner, host)) or ("", "", "")
        return f', HOST_ID="{host}"{first}', last, addresses

    def _control_told(self, owner: str, control: str, technology: str) -> tuple[str, ...]:
        """What stands of a control and the technology it was tested on, and the control's criticality."""
        text, label, value = self._named(terms.CONTROL, owner, control) or ("", "", "")
        (rationale,) = self._named(terms.RATIONALE, owner, control, technology) or ("",)
        (name,) = self._named(terms.TECHNOLOGY, owner, technology) or ("",)
        told = (piece("CONTROL_ID", control) if control else "") + text + rationale
        return told + (piece("TECHNOLOGY_ID", technology) if technology else "") + name, label, value

    def _named(self, kind: str, owner: str, *name: str) -> Optional[tuple[str, ...]]:
        return self._glossary.get(term(kind, owner, *name)) if all(name) else None

    def _evidence(self, owner: str, evidence: Evidence) -> str:
        expression, points = evidence
        told = "" if expression is None else self._expression[owner, expression]
        if not points:
            return told
        if len(points) == 1:
            ((label, words, values),) = points
            found, names = self._meant(owner, words, values), self._name[owner, label]
        else:
            found = _by_label([(label, self._meant(owner, words, values)) for label, words, values in points])
            names = _by_label([(label, self._name[owner, label]) for label, _, _ in points])
        return f'{told}, EVIDENCE_CURRENT_VALUE="{found}"' + (f', EVIDENCE_DPD_NAME="{names}"' if names else "")

    def _meant(self, owner: str, words: str, values: Sequence[str]) -> str:
        """What was found, codes replaced by the words that they stand for."""
        if words:
            meaning = self._words[owner, words]
            values = [meaning.get(value, value) for value in values]
        return ",".join(filter(None, values))

    def _expression_told(self, owner: str, expression: str) -> str:
        """The expression, fixed values and tunable parameters in place of their labels."""

        def value(found: re.Match[str]) -> str:
            known = self._named(_SIGNS[found[1]], owner, found[2])
            return known[0] if known else found[0]

        return piece("EVIDENCE", _TERM.sub(value, expression))

    def _name_told(self, owner: str, label: str) -> str:
        """What a data point is called."""
        return (self._named(terms.DATA_POINT, owner, terms.label(label)) or ("",))[0]

    def _words_of(self, owner: str, label: str) -> Mapping[str, str]:
        """Codes of a data point -> what they mean."""
        told = iter(self._named(terms.WORDS, owner, terms.label(label)) or ())
        return dict(zip(told, told))


def _by_label(points: Sequence[tuple[str, str]]) -> str:
    """What there is of each data point; the labels tell them apart in the expression."""
    return "; ".join([f"{label}={text}" for label, text in points if text])


def _tally(policy: str, control: str, status: str) -> str:
    """The control and its status, with one bar between them."""
    return tallied(int(policy), "|".join(part.replace("|", "_") for part in (control, status)))
