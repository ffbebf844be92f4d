"""The dirt of the Qualys stand-in: it is there when asked for, and the hosts stay what they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from standins.qualys import EVERYTHING, QualysStandin
from standins.qualys.dirt import KINDS
from support.qualys import ALL_ELEMENTS, Client, same_as_ledger


@pytest.mark.parametrize("kind", [*KINDS, "all"])
def test_dirt_still_describes_the_same_hosts(tmp_path: Path, kind: str) -> None:
    with QualysStandin(tmp_path, hosts=7, findings=9, dirt=kind) as standin, Client(standin) as client:
        assert same_as_ledger(standin, client, {**ALL_ELEMENTS, "truncation_limit": "3"})
        clean = standin.ledger.identities()
        standin.dirt.set(())
        assert list(standin.ledger.identities()) == list(clean)


@pytest.mark.parametrize(
    ("kind", "mark"),
    [
        ("comments", b"CONFIDENTIAL AND PROPRIETARY"),
        ("keepalive", b"<!-- keep-alive for HOST_LIST_VM_DETECTION_OUTPUT  -->"),
        ("tag_comment", b"<!-- <EC2_INSTANCE_ID> tag"),
        ("doctype", b"<!DOCTYPE HOST_LIST_VM_DETECTION_OUTPUT\n  SYSTEM\n"),
        ("control_chars", b"\x00caf\xe9 \x0b"),
        ("entities", b"&lt;BR&gt;"),
        ("tag_space", b"<RESULTS\n            >"),
        ("no_value", b"<PORT>0</PORT>"),
    ],
)
def test_dirt_is_there_when_it_is_on_and_only_then(tmp_path: Path, kind: str, mark: bytes) -> None:
    with QualysStandin(tmp_path, hosts=7, findings=9) as standin, Client(standin) as client:
        assert mark not in client.detections(**EVERYTHING).body
        standin.dirt.set([kind])
        assert mark in client.detections(**EVERYTHING).body


def test_duplicates_stand_at_both_sides_of_a_cut(tmp_path: Path) -> None:
    with QualysStandin(tmp_path, hosts=5, dirt=("duplicates",)) as standin, Client(standin) as client:
        pages = [[host.findtext("ID") for host in page.iter("HOST")] for page in client.pages(truncation_limit="2")]
        single = list(client.pages(truncation_limit="1"))
    assert all(former[-1] == later[0] for former, later in zip(pages, pages[1:]))
    assert len({ident for page in pages for ident in page}) == 5
    assert len(single) == 5


def test_unknown_dirt_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no such dirt: mud"):
        QualysStandin(tmp_path, dirt="comments,mud")
