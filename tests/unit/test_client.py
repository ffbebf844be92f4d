"""The classic dialect: which answers are data, where the next page is, and what is kept of an unreadable one."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Optional

import pytest

from qualys_ta.api.client import ApiPage
from qualys_ta.errors import AuthError, ConfigError, Refused, TaError, TryLater
from qualys_ta.model import Event, Request
from qualys_ta.populator.host_detection import FEED
from qualys_ta.work import conversion
from support.core import PLATFORM_TIME, answer, detection, events, host, tag
from support.pulls import Answers, Said, client, converting, unrendered

DATE = "Thu, 02 May 2024 10:00:00 GMT"


class Platform:
    """A client whose sleep takes no time, over a scripted platform."""

    def __init__(self, folder: Path, *answers: Said, quota: int = 1 << 30) -> None:
        self.answers = Answers(*answers)
        self.slept: list[float] = []
        self.client = client(self.answers, folder, self.slept, tries=2, quota=quota, qids="1")
        self.folder = folder / "pages"

    def fetch(self, **params: str) -> ApiPage:
        return self.client.fetch(self.client.first({"action": "list", **params}))

    def files(self) -> list[str]:
        return [path.suffix for path in self.folder.iterdir()]


def warning(url: Optional[str], code: str = "1980") -> str:
    return tag("WARNING", tag("CODE", code) if code else "", tag("TEXT", "cut"), tag("URL", url) if url else "")


def following(folder: Path, markup: str, **params: str) -> Optional[Request]:
    return Platform(folder, Said(answer(host(7), warning=markup))).fetch(**params).next


def test_the_next_page_is_the_id_of_the_url_and_nothing_else_of_it(tmp_path: Path) -> None:
    url = "<![CDATA[\n https://evil.example/other/?action=list&id_min=8&x=1%2C2&empty= \n]]>"
    found = following(tmp_path, warning(url), status="New")
    assert found is not None
    assert found.path == "/api/5.0/fo/asset/host/vm/detection/"
    assert found.params == {"action": "list", "status": "New", "id_min": "8"}


@pytest.mark.parametrize("url", ["https://q/?a=1&amp;id_min=8", "<![CDATA[https://q/?a=1&amp;id_min=8]]>"])
def test_a_url_that_is_escaped_twice_is_understood(tmp_path: Path, url: str) -> None:
    found = following(tmp_path, warning(url))
    assert found is not None
    assert found.params["id_min"] == "8"


def test_what_we_ask_for_no_link_can_change(tmp_path: Path) -> None:
    found = following(
        tmp_path, warning("https://q/?id_min=8&amp;action=delete&amp;vm_processed_after=2099"), status="New"
    )
    assert found is not None
    assert found.params == {"action": "list", "status": "New", "id_min": "8"}


@pytest.mark.parametrize("next_id", ["7", "6", "x", "", "٨", "9" * 5000])
def test_a_next_page_that_does_not_ascend_is_refused(tmp_path: Path, next_id: str) -> None:
    platform = Platform(tmp_path, Said(answer(host(7), warning=warning(f"https://q/?id_min={next_id}"))))
    with pytest.raises(Refused, match="next page"):
        platform.fetch(id_min="7")
    assert (platform.answers.calls, platform.files()) == (1, [".errored"])


def test_only_1980_is_a_next_page(tmp_path: Path) -> None:
    platform = Platform(tmp_path, Said(answer(host(7), warning=warning("https://q/?id_min=8", "1981"))))
    assert platform.fetch().next is None
    assert any("1981 cut" in line for line in platform.client.log.lines)


def test_a_next_page_without_its_code_never_ends_a_pull_silently(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="1980"):
        following(tmp_path, warning("https://q/?id_min=8", code=""))


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (tag(FEED.resource.root, tag("RESPONSE", tag("CODE", "2000"), tag("TEXT", "Bad Login/Password"))), AuthError),
        (tag(FEED.resource.root, tag("RESPONSE", tag("CODE", "1905"), tag("TEXT", "parameter qids: x"))), ConfigError),
        (tag("SIMPLE_RETURN", tag("RESPONSE", tag("CODE", "1903"), tag("TEXT", "Missing"))), Refused),
    ],
)
def test_an_answer_without_data_never_closes_a_window(tmp_path: Path, body: str, error: type[TaError]) -> None:
    platform = Platform(tmp_path, Said(body.encode(), headers={"date": DATE}))
    with pytest.raises(error, match=r"/api/5\.0/fo/asset/host/vm/detection/"):
        platform.fetch()
    assert platform.answers.calls == 1
    assert not platform.files()


def test_an_answer_with_only_its_time_is_an_empty_page(tmp_path: Path) -> None:
    page = Platform(tmp_path, Said(answer())).fetch()
    assert (list(page.records()), page.next, page.platform_time) == ([], None, PLATFORM_TIME)


def test_records_without_a_time_take_the_headers(tmp_path: Path) -> None:
    body = answer(host(7)).replace(tag("DATETIME", PLATFORM_TIME).encode(), b"")
    assert Platform(tmp_path, Said(body, headers={"date": DATE})).fetch().platform_time == "2024-05-02T10:00:00Z"


NO_DATA = (
    answer(host(7))[:-20],
    b"<html><p>Bad gateway</html>",
    b"",
    tag(FEED.resource.root).encode(),
    tag(FEED.resource.root, tag("RESPONSE")).encode(),
    tag("OTHER", tag("RESPONSE", tag("DATETIME", PLATFORM_TIME))).encode(),
)


@pytest.mark.parametrize("bad", [Said(body, headers={"date": DATE}) for body in NO_DATA])
def test_an_unreadable_page_is_fetched_again_and_kept_when_it_stays_so(tmp_path: Path, bad: Said) -> None:
    good = Said(answer(host(7)))
    assert len(list(Platform(tmp_path / "once", bad, good).fetch().records())) == 1
    platform = Platform(tmp_path / "for-ever", bad)
    with pytest.raises(TryLater, match="errored"):
        platform.fetch()
    assert platform.answers.calls == 3
    assert platform.files() == [".errored"]


def test_a_body_that_breaks_is_fetched_again(tmp_path: Path) -> None:
    platform = Platform(tmp_path, Said(answer(host(7)), cut=True), Said(answer(host(7), host(8))))
    assert len(list(platform.fetch().records())) == 2
    assert platform.slept == [2.0]


def test_an_entity_declaration_is_refused_as_unreadable(tmp_path: Path) -> None:
    body = b'<!DOCTYPE x [<!ENTITY a "b">]>' + tag(FEED.resource.root).encode()
    with pytest.raises(TryLater, match="entity 'a'"):
        Platform(tmp_path, Said(body)).fetch()


def test_a_page_beyond_the_quota_names_the_setting(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="temp_quota_mb"):
        Platform(tmp_path, Said(answer(host(7))), quota=100).fetch()


def test_a_wait_that_the_platform_names_is_kept(tmp_path: Path) -> None:
    busy = tag("SIMPLE_RETURN", tag("RESPONSE", tag("CODE", "1965"), tag("TEXT", "wait")))
    platform = Platform(tmp_path, Said(busy.encode(), 409, {"x-ratelimit-towait-sec": "30"}), Said(answer(host(7))))
    platform.fetch()
    assert platform.slept == [32.0]


# Pages that become events as they arrive.


class Converting(Platform):
    """A client that converts."""

    def __init__(self, folder: Path, *answers: Said, quota: int = 1 << 30, **chosen: str) -> None:
        super().__init__(folder, *answers, quota=quota)
        self.client = converting(self.client, **chosen)


def spooled(page: ApiPage) -> list[Event]:
    return [event for batch in page.batches() for event in unrendered(batch.data)]


GOOD = answer(
    host(7, NETBIOS="é"), host("x"), host(8, detections=[detection()]), warning=warning("https://q/?id_min=9")
)
READ = {
    "clean": GOOD,
    "without records": answer(),
    "spoiled bytes": GOOD.replace("é".encode(), b"\xe9"),
    "forbidden characters": GOOD.replace("é".encode(), b"\x1b"),
    "unexplained entities": GOOD.replace("é".encode(), b"&nbsp;").replace(b"?>", b"?><!DOCTYPE x SYSTEM 'y'>"),
}


@pytest.mark.parametrize("kind", READ)
def test_a_page_is_its_events_once_it_was_fetched(tmp_path: Path, kind: str) -> None:
    """A dirty one, too; what it says around its records is what is known without conversion."""
    plain = Platform(tmp_path / "plain", Said(READ[kind])).fetch()
    platform = Converting(tmp_path / "converting", Said(READ[kind]))
    page = platform.fetch()
    good = READ[kind].replace(host("x").encode(), b"")
    assert spooled(page) == events(good)
    assert (page.next, page.platform_time, page.size) == (plain.next, plain.platform_time, plain.size)
    assert (page.bad, page.first_bad[:6]) == ((1, "a HOST") if good != READ[kind] else (0, ""))
    assert platform.files() == [".events"], "the page itself is not needed any more"
    page.discard()
    assert platform.files() == []


def test_what_was_replaced_is_said_of_a_converted_page(tmp_path: Path) -> None:
    platform = Converting(tmp_path, Said(READ["spoiled bytes"]))
    platform.fetch()
    assert [line for line in platform.client.log.lines if "1 characters were not UTF-8" in line]


@pytest.mark.parametrize("bad", [Said(body, headers={"date": DATE}) for body in NO_DATA])
def test_an_unreadable_page_leaves_no_events(tmp_path: Path, bad: Said) -> None:
    good = Said(answer(host(7)))
    once = Converting(tmp_path / "once", bad, good)
    assert spooled(once.fetch()) == events(good.body)
    assert once.slept == [2.0]
    platform = Converting(tmp_path / "for-ever", bad)
    with pytest.raises(TryLater, match="errored"):
        platform.fetch()
    assert platform.answers.calls == 3
    assert platform.files() == [".errored"]


def test_a_body_that_breaks_is_not_converted(tmp_path: Path) -> None:
    """Even where all of it came before the connection broke."""
    platform = Converting(tmp_path, Said(answer(host(7)), cut=True), Said(answer(host(8))))
    assert spooled(platform.fetch()) == events(answer(host(8)))
    assert platform.slept == [2.0]


@pytest.mark.parametrize("next_id", ["7", "6", "x"])
def test_a_page_refused_for_its_next_one_leaves_no_events(tmp_path: Path, next_id: str) -> None:
    platform = Converting(tmp_path, Said(answer(host(7), warning=warning(f"https://q/?id_min={next_id}"))))
    with pytest.raises(Refused, match="next page"):
        platform.fetch(id_min="7")
    assert platform.files() == [".errored"]


def test_an_error_in_the_promised_root_is_no_page_of_events(tmp_path: Path) -> None:
    body = tag(FEED.resource.root, tag("RESPONSE", tag("CODE", "2000"), tag("TEXT", "Bad Login/Password")))
    platform = Converting(tmp_path, Said(body.encode(), headers={"date": DATE}))
    with pytest.raises(AuthError):
        platform.fetch()
    assert platform.files() == []


def test_events_beyond_the_quota_name_the_setting(tmp_path: Path) -> None:
    """The page fits and its events do not."""
    body = answer(*(host(number) for number in range(1, 50)))
    platform = Converting(tmp_path, Said(body), quota=len(body) + 1000)
    with pytest.raises(ConfigError, match=r"The events of .* do not fit") as caught:
        platform.fetch()
    assert caught.value.setting == "temp_quota_mb"
    assert ".events" not in platform.files()


def test_a_disk_that_is_full_of_events_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full = [OSError(errno.ENOSPC, "No space left on device")]
    true_write = conversion.os.write

    def write(fd: int, data: bytes) -> int:
        if full:
            raise full.pop()
        return true_write(fd, data)

    platform = Converting(tmp_path, Said(answer(host(7))))
    monkeypatch.setattr(conversion.os, "write", write)
    assert spooled(platform.fetch()) == events(answer(host(7)))
    assert platform.slept == [2.0]
