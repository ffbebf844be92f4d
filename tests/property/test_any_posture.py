"""Events of policy compliance say what the platform said: any text, any order of children, any gap in the glossary."""

from __future__ import annotations

import re
from collections.abc import Callable

from hypothesis import example, given
from hypothesis import strategies as st

from support.core import cdata, extracted, leaves, tag, text
from support.posture import (
    POSTURES,
    compliance_events,
    evidence,
    of_policy,
    policy_answer,
    posture_answer,
    posture_converted,
    postures_answer,
    told,
)

XML = st.characters(blacklist_categories=["Cs"], blacklist_characters="\ufffe\uffff").filter(
    lambda character: character >= " " or character in "\t\n\r"
)
HOSTILE = st.sampled_from(
    (
        *(
            '"',
            "'",
            "=",
            ", ",
            "\n",
            "\r",
            "\t",
            "\u2028",
            "\x85",
            "]]>",
            "<![CDATA[",
            "&",
            "%s",
            "%(ID)s",
            "{0}",
            "\\1",
        ),
        *('\nPOSTURE_INFO: POLICY_ID="1"', 'POLICY_SUMMARY: POLICY_ID="7", ', '", STATUS="Passed', "#fv_1", "$tp_1"),
    )
)
TEXT = st.lists(st.text(XML, max_size=8) | HOSTILE, max_size=8).map("".join)
MARKUP = st.sampled_from([text, cdata])
WORD = st.text("abcXYZ -_.|", max_size=6)


def read(value: str, as_cdata: bool) -> str:
    """The text as an XML parser hands it on: literal line ends become \\n."""
    return re.sub("\r\n?", "\n", value) if as_cdata else value


def line(value: str) -> str:
    return re.sub("[\t\r\n]", " ", value.strip(" \t\r\n").replace('"', "'"))


FLAT = ("STATUS", "INSTANCE", "REMEDIATION", "POSTURE_MODIFIED_DATE", "EVALUATION_DATE", "PREVIOUS_STATUS")
OF_HOST = {"IP": "HOST_IP", "DNS": "HOST_DNS", "NETBIOS": "HOST_NETBIOS", "OS": "HOST_OS"}


def saying(value: str) -> tuple[str, str]:
    """A record whose every text is the same markup, and the glossary of one that says nothing else."""
    said = [tag(name, value) for name in FLAT]
    cause = tag("CAUSE_OF_FAILURE", tag("MISSING", tag("V", value)))
    found = tag("DPV", tag("LABEL", ":dp_1"), tag("V", value), tag("TM_REF", "@tm_1"))
    proof = tag("EVIDENCE", tag("BOOLEAN_EXPR", ":dp_1 is #fv_1"), tag("DPV_LIST", found))
    excepted = tag("EXCEPTION", tag("STATUS", value), tag("ASSIGNEE", value))
    ids = leaves({"ID": 1, "HOST_ID": 5, "CONTROL_ID": 6, "TECHNOLOGY_ID": 8})
    host = tag("HOST", leaves({"ID": 5}), *(tag(name, value) for name in OF_HOST))
    rationale = tag("RATIONALE_LIST", tag("RATIONALE", leaves({"TECHNOLOGY_ID": 8}), tag("TEXT", value)))
    control = tag("CONTROL", leaves({"ID": 6}), tag("STATEMENT", value), rationale)
    technology = tag("TECHNOLOGY", leaves({"ID": 8}), tag("NAME", value))
    labels = tag("DPD", tag("LABEL", ":dp_1"), tag("NAME", value)), tag("FV", tag("LABEL", "#fv_1"), tag("V", value))
    lists = (tag("L", each) for each in (host, control, technology, *labels))
    return tag("INFO", ids, *said, cause, proof, excepted), tag("GLOSSARY", *lists)


@given(value=TEXT, put=MARKUP)
@example(value='x", STATUS="Passed', put=text)
@example(value="%(ID)s %s \\1 #fv_1", put=cdata)
def test_every_kind_of_field(value: str, put: Callable[[str], str]) -> None:
    seen = line(read(value, put is cdata))
    record, explained = saying(put(value))
    (event,) = told(posture_converted(posture_answer(record, explained=explained)))
    assert not set("\r\n") & set(event.text), "one event stays one event"
    found = dict(extracted(event.text))
    names = (*FLAT, *OF_HOST.values(), "CONTROL_STATEMENT", "RATIONALE_TEXT", "TECHNOLOGY_NAME")
    nested = ("CAUSE_OF_FAILURE_MISSING", "EVIDENCE_CURRENT_VALUE", "EXCEPTION_STATUS", "EXCEPTION_ASSIGNEE")
    assert {name: found[name] for name in (*names, *nested)} == dict.fromkeys((*names, *nested), seen)
    assert found["EVIDENCE"] == line(f":dp_1 is {seen}")
    assert found.get("EVIDENCE_DPD_NAME", "") == seen
    usual = told(posture_converted(posture_answer(*saying("x")[:1], explained=saying("x")[1])))
    assert len(found) == len(extracted(usual[0].text)) - (not seen), "nothing that a value quotes became a field"


@given(value=TEXT, put=MARKUP)
def test_every_text_of_a_policy(value: str, put: Callable[[str], str]) -> None:
    said = put(value)
    times = (
        tag(name, tag("DATETIME", said), tag("BY", said)) for name in ("CREATED", "LAST_MODIFIED", "LAST_EVALUATED")
    )
    body = policy_answer(tag("POLICY", leaves({"ID": 7}), tag("TITLE", said), tag("STATUS", said), *times))
    (event,) = compliance_events(body)
    (first, *others) = extracted(event.text)
    assert first == ("POLICY_ID", "7")
    assert {found for _, found in others} == {line(read(value, put is cdata))}
    assert len(others) == 7


@given(st.data())
def test_any_order_of_children_and_any_gap(data: st.DataObject) -> None:
    """An event is told whatever the glossary lacks, and lacks no more than that."""
    record, explained = saying("x")
    children = re.findall(r"<(\w+)>.*?</\1>", record.removeprefix("<INFO>"))
    parts = {name: re.search(f"<{name}>.*?</{name}>", record.removeprefix("<INFO>"))[0] for name in children}  # type: ignore[index]
    order = data.draw(st.permutations(list(parts)))
    lists = re.findall(r"<L>.*?</L>", explained)
    left = data.draw(st.lists(st.sampled_from(lists), unique=True))
    shuffled = tag("INFO", *(parts[name] for name in order))
    (whole,) = told(posture_converted(posture_answer(record, explained=explained)))
    (event,) = told(
        posture_converted(posture_answer(shuffled, explained=tag("GLOSSARY", *left) if left else "<GLOSSARY/>"))
    )
    told_of, all_of = dict(extracted(event.text)), dict(extracted(whole.text))
    assert list(told_of) == [name for name in all_of if name in told_of]
    assert {name: value for name, value in told_of.items() if name != "EVIDENCE"}.items() <= all_of.items()
    assert len(left) < len(lists) or told_of == all_of


@given(control=WORD, status=WORD)
def test_a_tally_is_one_word_whatever_the_record_says(control: str, status: str) -> None:
    (found,) = posture_converted(
        posture_answer(tag("INFO", leaves({"ID": 1, "CONTROL_ID": control, "STATUS": status})))
    )
    assert re.fullmatch(r"7:[\w.-]*\|[\w.-]*", found.tally, re.ASCII)


@given(st.lists(st.lists(st.integers(1, 5), max_size=4), max_size=4))
def test_policies_of_one_answer_keep_apart(postures: list[list[int]]) -> None:
    told_of = []
    for number, records in enumerate(postures, 1):
        infos = (tag("INFO", leaves({"ID": each, "HOST_ID": 5}), evidence("#fv_1")) for each in records)
        fixed = tag("FV_LIST", tag("FV", tag("LABEL", "#fv_1"), tag("V", str(number))))
        told_of.append(of_policy(number, *infos, explained=tag("GLOSSARY", fixed)))
    found = [dict(extracted(event.text)) for event in told(posture_converted(postures_answer(*told_of), POSTURES))]
    expected = [(number, each) for number, records in enumerate(postures, 1) for each in records]
    assert sorted((int(each["POLICY_ID"]), int(each["POSTURE_ID"])) for each in found) == sorted(expected)
    assert all(each["POLICY_ID"] == each["EVIDENCE"] for each in found)
