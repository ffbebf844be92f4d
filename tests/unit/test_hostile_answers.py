"""Answers that want our memory, our time, or our credentials for somebody else."""

from __future__ import annotations

import gzip
import threading
import time
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from qualys_ta.api import pace
from qualys_ta.api.inflate import LARGEST_PIECE, unpacked
from qualys_ta.errors import ConfigError, TryLater
from qualys_ta.model import Request
from support.core import answer, cdata, host, tag
from support.hostile import Answer, HostilePlatform, answered
from support.pulls import client

MEGABYTE = 1_000_000
GZIP = "Content-Encoding: gzip"
LIST = Request("/api/5.0/fo/asset/host/vm/detection/", {"action": "list"})


@contextmanager
def measured() -> Iterator[list[int]]:
    """The peak of memory that Python took meanwhile, in bytes."""
    peak: list[int] = []
    tracemalloc.start()
    try:
        yield peak
    finally:
        peak.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()


def body(platform: HostilePlatform, timeout_s: float = 10.0) -> bytes:
    with platform.transport(timeout_s).send(LIST) as response:
        return b"".join(response.chunks())


def fault(folder: Path, said: Answer, timeout_s: float = 10.0, *, hangs_up: bool = False) -> str:
    """What a person reads where the answer cannot be used for now."""
    with HostilePlatform(folder, said, hangs_up=hangs_up) as platform, pytest.raises(TryLater) as caught:
        body(platform, timeout_s)
    return str(caught.value)


# Compressed answers.


@pytest.mark.parametrize("name", ["gzip", "X-GZIP", "identity", ""])
@pytest.mark.parametrize("text", [b"", b"<x/>", b"ab" * MEGABYTE])
def test_what_we_ask_for_is_unpacked(tmp_path: Path, name: str, text: bytes) -> None:
    packed = gzip.compress(text) if "zip" in name.lower() else text
    with HostilePlatform(tmp_path, answered(packed, f"Content-Encoding: {name}")) as platform:
        assert body(platform) == text
    (asked,) = platform.heads
    assert "Accept-Encoding: gzip\r\n" in asked


@pytest.mark.parametrize("size", [1, 100, 1 << 16])
def test_members_of_gzip_follow_one_another_wherever_they_are_cut(size: int) -> None:
    packed = gzip.compress(b"ab" * MEGABYTE) + gzip.compress(b"") + gzip.compress(b"tail")
    chunks = (packed[start : start + size] for start in range(0, len(packed), size))
    pieces = list(unpacked(chunks, "gzip"))
    assert b"".join(pieces) == b"ab" * MEGABYTE + b"tail"
    assert max(map(len, pieces)) <= LARGEST_PIECE


@pytest.mark.parametrize(
    ("headers", "packed", "said"),
    [
        ((GZIP,), gzip.compress(b"x" * 1000)[:-2], "The compressed answer is cut."),
        ((GZIP,), b"<html>", "The compressed answer is damaged: "),
        (("Content-Encoding: deflate",), zlib.compress(b"x"), "encoded as 'deflate', which was not asked for"),
        (("Content-Encoding: br",), b"x", "encoded as 'br', which was not asked for"),
        (("Content-Encoding: gzip, gzip, gzip",), b"x", "encoded as 'gzip, gzip, gzip', which was not asked for"),
        ((GZIP, GZIP), b"x", "encoded as 'gzip, gzip', which was not asked for"),
    ],
    ids=["cut", "damaged", "deflate", "brotli", "three layers", "two headers"],
)
def test_what_we_did_not_ask_for_is_not_unpacked(
    tmp_path: Path, headers: tuple[str, ...], packed: bytes, said: str
) -> None:
    assert said in fault(tmp_path, answered(packed, *headers))


def test_a_bomb_meets_the_quota_and_takes_no_memory(tmp_path: Path) -> None:
    """A gigabyte in two megabytes: only as much as the quota allows is ever unpacked."""
    bomb = gzip.compress(bytes(64 * MEGABYTE)) * 16
    assert len(bomb) < 2 * MEGABYTE
    with HostilePlatform(tmp_path / "platform", answered(bomb, GZIP)) as platform, measured() as peak:
        pull = client(platform.transport(), tmp_path, [], tries=0, quota=30 * MEGABYTE)  # type: ignore[arg-type]
        with pytest.raises(ConfigError, match="temp_quota_mb"):
            pull.fetch(LIST)
    assert peak[0] < 8 * MEGABYTE
    assert list((tmp_path / "pages").iterdir()) == []


# The connection.


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See", "307 Moved", "308 Moved"])
@pytest.mark.parametrize(
    "there", ["{abroad}/api/", "{home}/api/", "//{abroad_host}/api/", "/api/", "http://{abroad_host}/"]
)
def test_a_redirect_is_not_followed(tmp_path: Path, status: str, there: str) -> None:
    with HostilePlatform(tmp_path / "abroad", answered(answer(host(1)))) as abroad:
        host_name = abroad.url.partition("://")[2]
        home = HostilePlatform(tmp_path / "home", lambda: ())
        target = there.format(abroad=abroad.url, home=home.url, abroad_host=host_name)
        home.says(answered(b"", f"Location: {target}", status=status))
        with home, pytest.raises(ConfigError, match="check the account's API server") as caught:
            client(home.transport(), tmp_path, []).fetch(LIST)  # type: ignore[arg-type]
    assert caught.value.setting == "api_server"
    assert (len(home.heads), abroad.heads) == (1, [])


def test_the_next_page_is_asked_of_the_same_server_with_our_own_parameters(tmp_path: Path) -> None:
    """The URL in the answer decides nothing but where to go on."""
    with HostilePlatform(tmp_path / "abroad", answered(answer(host(9)))) as abroad:
        url = cdata(f"{abroad.url}/api/x?id_min=8&action=purge&truncation_limit=1&vm_processed_after=2099&ids=1")
        cut = answer(host(7), warning=tag("WARNING", tag("CODE", "1980"), tag("URL", url)))
        answers = iter([cut, answer(host(8))])
        with HostilePlatform(tmp_path / "home", lambda: answered(next(answers))()) as home:
            pull = client(home.transport(), tmp_path, [])  # type: ignore[arg-type]
            following = pull.fetch(Request(LIST.path, {"action": "list", "truncation_limit": "1000"})).next
            assert following is not None
            assert pull.fetch(following).next is None
    assert abroad.heads == []
    assert home.bodies[1] == "action=list&truncation_limit=1000&id_min=8"
    assert {head.splitlines()[0] for head in home.heads} == {f"POST {LIST.path} HTTP/1.1"}


def test_a_flood_of_headers_is_no_answer(tmp_path: Path) -> None:
    many = answered(b"<x/>", *(f"X-{number}: {number}" for number in range(10_000)))
    assert "broke" in fault(tmp_path / "many", many)


def test_a_header_without_end_is_no_answer(tmp_path: Path) -> None:
    ended = threading.Event()

    def endless() -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nX-Long: "
        for _ in range(1000):
            if ended.is_set():
                return
            yield b"x" * 65_536

    try:
        with measured() as peak:
            assert "broke" in fault(tmp_path, endless)
    finally:
        ended.set()
    assert peak[0] < 8 * MEGABYTE


def test_an_answer_of_http_1_0_ends_where_the_connection_does(tmp_path: Path) -> None:
    """It has no length, so only its XML tells whether it is whole."""
    whole = answer(host(7))
    said = [b"HTTP/1.0 200 OK\r\n\r\n", whole]
    with HostilePlatform(tmp_path, lambda: said, hangs_up=True) as platform:
        assert body(platform) == whole
        said[1] = whole[:-9]
        pull = client(platform.transport(), tmp_path, [], tries=0)  # type: ignore[arg-type]
        with pytest.raises(TryLater, match="not whole"):
            pull.fetch(LIST)


def test_an_answer_that_drips_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte comes within the API timeout, so the timeout alone would wait for ever."""
    monkeypatch.setattr(pace, "LONGEST_S", 0.3)
    ended = threading.Event()

    def drips() -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
        for _ in range(500):  # ten seconds, so that the test ends where nobody gives up
            if ended.wait(0.02):
                return
            yield b"<"

    started = time.monotonic()
    try:
        assert "did not answer /api/5.0/fo/asset/host/vm/detection/ in time" in fault(tmp_path, drips, timeout_s=5.0)
        assert time.monotonic() - started < 5.0
    finally:
        ended.set()


def test_the_pace_counts_neither_thinking_nor_an_answer_that_flows() -> None:
    socket = pace.PacedSocket.__new__(pace.PacedSocket)
    for count, waited_s in [(1, 10_000.0), (100_000, 599.0), (1, 1.0), (60_000, 601.0), (59_000, 599.0)]:
        socket._count(count, waited_s)
    with pytest.raises(OSError, match="only 59001 bytes came in 600 s"):
        socket._count(1, 1.0)
