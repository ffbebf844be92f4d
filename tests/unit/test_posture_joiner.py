"""A POSTURE_INFO: what it says, in which order, joined with which words of the glossary."""

from __future__ import annotations

import pytest

from qualys_ta.populator import posture_joiner, remembered
from support.core import PACKAGE, SINCE, extracted, leaves, tag
from support.posture import (
    CHANGED,
    EVALUATED,
    OFF,
    POSTURES,
    control,
    evidence,
    glossary,
    host,
    info,
    labeled,
    of_policy,
    point,
    posture_answer,
    posture_converted,
    posture_texts,
    postures_answer,
    rationales,
    technology,
    told,
    valued,
)

ORDER = (
    *("POLICY_ID", "HOST_ID", "HOST_IP", "HOST_DNS", "CONTROL_ID", "CONTROL_STATEMENT", "CONTROL_REFERENCE"),
    *("CRITICALITY_LABEL", "CRITICALITY_VALUE", "RATIONALE_TECHNOLOGY_ID", "RATIONALE_TEXT", "TECHNOLOGY_ID"),
    *("TECHNOLOGY_NAME", "STATUS", "POSTURE_MODIFIED_DATE", "REMEDIATION", "CAUSE_OF_FAILURE_MISSING"),
    *("CAUSE_OF_FAILURE_MISSING_LOGIC", "EVIDENCE", "EVIDENCE_CURRENT_VALUE", "EVIDENCE_DPD_NAME", "POSTURE_ID"),
    *("INSTANCE", "EVALUATION_DATE", "PREVIOUS_STATUS", "FIRST_FAIL_DATE", "LAST_FAIL_DATE", "FIRST_PASS_DATE"),
    *("LAST_PASS_DATE", "HOST_NETBIOS", "HOST_OS", "HOST_TRACKING_METHOD", "EXCEPTION_STATUS", "EXCEPTION_ASSIGNEE"),
    "EXCEPTION_END_DATETIME",
)
NAMED = labeled("DPD", ":dp_1", leaves({"NAME": "minlen", "DESC": "Characters"}))


def pairs(*infos: str, explained: str = "", **chosen: str) -> dict[str, str]:
    (text,) = posture_texts(*infos, explained=explained or None, **chosen)
    return dict(extracted(text))


def test_everything_in_its_order() -> None:
    nested = (
        tag("EXCEPTION", leaves({"ASSIGNEE": "joe", "STATUS": "Approved", "END_DATETIME": SINCE})),
        tag("CAUSE_OF_FAILURE", tag("MISSING", valued("a"), logic="OR")),
        evidence(":dp_1 > #fv_1", point(":dp_1", "3")),
    )
    dates = {f"{when}_{what}_DATE": SINCE for when in ("LAST", "FIRST") for what in ("PASS", "FAIL")}
    record = info(1, *nested, INSTANCE="os", PREVIOUS_STATUS="Passed", REMEDIATION="do it", **dates)
    explained = glossary(
        NAMED,
        technology(),
        control(1071, rationales(t80="why"), tag("CRITICALITY", leaves({"LABEL": "S", "VALUE": 3}))),
        host(),
    )
    (text,) = posture_texts(record, explained=explained)
    assert text.startswith('POSTURE_INFO: POLICY_ID="7", ')
    assert [name for name, _ in extracted(text)] == list(ORDER)


def test_times_and_tally() -> None:
    first, second, third = posture_converted(
        posture_answer(
            info(1), info(2, POSTURE_MODIFIED_DATE=None), info(3, POSTURE_MODIFIED_DATE="-", EVALUATION_DATE="")
        )
    )
    assert (first.moment, first.tally, first.events[0].time) == (EVALUATED, "7:1071|Failed", "1714619045")
    assert (second.moment, second.events[0].time) == (EVALUATED, "1714694400")
    assert (third.moment, third.events[0].time) == ("-", "")
    assert CHANGED < EVALUATED


def test_a_summary_is_right_without_single_events() -> None:
    (found,) = posture_converted(posture_answer(info()), **OFF)
    assert (found.told.times, found.told.text, found.tally) == ((), "", "7:1071|Failed")
    (found,) = posture_converted(posture_answer(info()), log_policy_summary="0")
    assert (len(found.events), found.tally) == (1, "")


@pytest.mark.parametrize("status", ["Not Evaluated", "a|b", ""])
def test_an_unknown_status_is_passed_on_and_counted(status: str) -> None:
    (found,) = posture_converted(posture_answer(info(STATUS=status)))
    assert f'STATUS="{status}"' in found.told.text
    assert found.tally == "7:1071|" + status.replace(" ", "_").replace("|", "_")


def test_only_the_rationale_of_its_technology_is_told() -> None:
    explained = glossary(control(1071, rationales(t80="Linux", t221="Windows")), technology(80))
    first, second, third = posture_texts(
        *(info(number, TECHNOLOGY_ID=number) for number in (80, 221, 3)), explained=explained
    )
    assert (
        'RATIONALE_TECHNOLOGY_ID="80", RATIONALE_TEXT="Linux", TECHNOLOGY_ID="80", TECHNOLOGY_NAME="Red Hat 8"' in first
    )
    assert 'RATIONALE_TECHNOLOGY_ID="221", RATIONALE_TEXT="Windows", TECHNOLOGY_ID="221", STATUS' in second
    assert "RATIONALE" not in third


def test_evidence_is_explained() -> None:
    """L18, which was a method that newer Pythons lack: evidence is told on every one of them."""
    words = tag("PAIR", leaves({"K": "161", "V": "Setting not found"}))
    explained = glossary(
        NAMED,
        labeled("FV", "#fv_1", valued("14", "16")),
        labeled("TP", "$tp_1", valued("0")),
        labeled("TM", "@tm_1", words),
    )
    record = info(1, evidence("(:dp_1 >= #fv_1) or (:dp_1 == $tp_1)", point(":dp_1", "161", "8", words="@tm_1")))
    found = pairs(record, explained=explained)
    assert found["EVIDENCE"] == "(:dp_1 >= 14,16) or (:dp_1 == 0)"
    assert (found["EVIDENCE_CURRENT_VALUE"], found["EVIDENCE_DPD_NAME"]) == ("Setting not found,8", "minlen")


def test_several_data_points_are_told_apart_by_their_labels() -> None:
    record = info(1, evidence(":dp_1 and :dp_2", point(":dp_1", "a", "b"), point(":dp_2", error="no such file")))
    found = pairs(record, explained=glossary(NAMED))
    assert found["EVIDENCE_CURRENT_VALUE"] == ":dp_1=a,b; :dp_2=no such file"
    assert found["EVIDENCE_DPD_NAME"] == ":dp_1=minlen"


def test_labels_that_nothing_explains_stay() -> None:
    record = info(1, evidence("#fv_1 $tp_1 #fv_11", point(":dp_1", "161", words="@tm_9")))
    found = pairs(record, explained=glossary(labeled("FV", "#fv_11", valued("$tp_1"))))
    assert found["EVIDENCE"] == "#fv_1 $tp_1 $tp_1"
    assert found["EVIDENCE_CURRENT_VALUE"] == "161"
    assert "EVIDENCE_DPD_NAME" not in found


def test_a_data_point_without_a_name_is_called_by_its_description() -> None:
    described = labeled("DPD", ":dp_1", leaves({"NAME": "", "DESC": "Characters"}))
    record = info(1, evidence(":dp_1", point(":dp_1", "1")))
    assert pairs(record, explained=glossary(described))["EVIDENCE_DPD_NAME"] == "Characters"


def test_any_cause_of_failure_is_told_by_its_name() -> None:
    cause = tag("CAUSE_OF_FAILURE", tag("UNEXPECTED", valued(" a ", "", "b")), tag("NEW-ONE", "why"), tag("EMPTY"))
    found = pairs(info(1, cause))
    assert found["CAUSE_OF_FAILURE_UNEXPECTED"] == "a,b"
    assert (found["CAUSE_OF_FAILURE_NEW_ONE"], found["CAUSE_OF_FAILURE_EMPTY"]) == ("why", "")
    assert not [name for name in found if name.endswith("LOGIC")]


def test_the_same_labels_of_several_policies_are_not_mixed() -> None:
    record = info(1, evidence("#fv_1"))
    body = postures_answer(
        of_policy(7, record, explained=glossary(control(STATEMENT="one"), labeled("FV", "#fv_1", valued("1")))),
        of_policy(8, record, explained=glossary(control(STATEMENT="two"), labeled("FV", "#fv_1", valued("2")))),
        of_policy(9, record),
        of_policy(10),
    )
    found = [dict(extracted(event.text)) for event in told(posture_converted(body, POSTURES))]
    told_of = {each["POLICY_ID"]: (each.get("CONTROL_STATEMENT"), each["EVIDENCE"]) for each in found}
    assert told_of == {"7": ("one", "1"), "8": ("two", "2"), "9": (None, "#fv_1")}


@pytest.mark.parametrize("number", ["x", "", None, "1" * 19, "٣"])
def test_a_record_without_a_number_is_left_out_alone(number: object) -> None:
    body = posture_answer(info(ID=number), info(2))
    assert [each.record for each in posture_converted(body)] == [2]
    assert posture_converted(body, asked={"policy_id": "x"}) == []


def test_ids_that_are_broken_over_lines_are_joined() -> None:
    explained = glossary(host(" 5\n5 "), control("10\n71"), technology("8 0"))
    (found,) = posture_converted(
        posture_answer(info(HOST_ID="5 5", CONTROL_ID="1071 ", TECHNOLOGY_ID="8\n0", ID="4\n2"), explained=explained)
    )
    told_of = dict(extracted(found.told.text))
    assert (found.record, found.tally) == (42, "7:1071|Failed")
    assert [told_of[name] for name in ("HOST_ID", "HOST_IP", "TECHNOLOGY_NAME")] == ["55", "10.0.0.5", "Red Hat 8"]


def test_an_answer_without_records_is_no_policy_without_posture() -> None:
    """L3: what was not counted makes no event and no tally; an answer of another root is refused before."""
    assert posture_converted(posture_answer()) == []
    assert posture_converted(postures_answer(of_policy(7)), POSTURES) == []


def test_each_event_says_which_posture_it_is_of() -> None:
    """D8: an identity that stays the same, and the times it was touched at."""
    texts = posture_texts(info(1), info(2))
    assert [dict(extracted(text))["POSTURE_ID"] for text in texts] == ["1", "2"]
    assert len(set(texts)) == 2


def test_memory_of_what_was_joined_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "MOST_CHARACTERS", 300)
    explained = glossary(*(host(number, IP=f"10.0.0.{number}") for number in range(20)))
    infos = [info(number, HOST_ID=number % 20) for number in range(60)]
    texts = posture_texts(*infos, explained=explained)
    assert [dict(extracted(text))["HOST_IP"] for text in texts] == [f"10.0.0.{number % 20}" for number in range(60)]
    tiny = remembered.Remembered(lambda name: name * 100)
    assert [tiny[letter,] for letter in "abcdabcd"] == [letter * 100 for letter in "abcdabcd"]
    assert len(tiny) <= 2


@pytest.mark.parametrize("most", [39, 50])
@pytest.mark.parametrize(
    "said",
    [
        evidence("#fv_1 #fv_1 #fv_1 #fv_1"),
        evidence("x", point(":dp_1", "1", "1", "1", "1", words="@tm_1")),
        evidence("x", *(point(f":dp_{number}", "1", words="@tm_1") for number in (1, 2, 3, 4))),
    ],
    ids=["terms", "words", "points"],
)
def test_words_that_a_record_names_too_often_make_it_a_bad_one(
    monkeypatch: pytest.MonkeyPatch, said: str, most: int
) -> None:
    """A word of ten characters, four times."""
    monkeypatch.setattr(posture_joiner, "LONGEST", most)
    term = labeled("FV", "#fv_1", valued("ten/signs."))
    words = labeled("TM", "@tm_1", tag("PAIR", leaves({"K": "1", "V": "ten/signs."})))
    body = posture_answer(info(1, said), info(2), explained=glossary(term, words))
    assert [each.record for each in posture_converted(body)] == ([1, 2] if most == 50 else [2])


def test_joining_asks_for_each_host_and_control_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """S7: looking something up does not walk through all that is known."""
    asked: list[str] = []
    look_up = posture_joiner.PostureJoiner._named

    def counted(self: posture_joiner.PostureJoiner, kind: str, owner: str, *name: str) -> object:
        asked.append(kind)
        return look_up(self, kind, owner, *name)

    monkeypatch.setattr(posture_joiner.PostureJoiner, "_named", counted)
    assert len(posture_texts(*(info(number) for number in range(50)))) == 50
    assert sorted(asked) == ["C", "H", "R", "T"]


def test_nothing_that_newer_pythons_lack() -> None:
    """L18."""
    populator = PACKAGE / "bin" / "qualys_ta" / "populator"
    assert not [path for path in populator.glob("po*.py") if "getchildren" in path.read_text(encoding="utf-8")]
