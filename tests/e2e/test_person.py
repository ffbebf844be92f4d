"""What a person does to an input between two starts, and what the vendor's add-on left."""

from __future__ import annotations

import json

import pytest

from support.e2e import EVENTS_PER_PAGE, HOSTS, NAME, PER_PAGE, Site

PAGES = HOSTS // PER_PAGE
SINCE = "vm_processed_after"


def broken_off(site: Site) -> None:
    """A pull of which the first page is written, and that is due at once."""
    site.qualys.faults.set("unavailable*always@2")
    assert site.tick(clock=-120).returncode == 1
    assert site.checkpoint["open"]["pages"] == 1
    site.qualys.faults.set()


def test_leftovers_of_the_vendors_addon_are_named_once_in_a_run(site: Site) -> None:
    left = ("bin/qualysModule/splunkpopulator/utils.py", "default/eventgen.conf")
    for name in left:
        path = site.splunk.app_home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    try:
        assert site.tick().returncode == 0
    finally:
        for name in left:
            (site.splunk.app_home / name).unlink()
    (site.splunk.app_home / "bin/qualysModule/splunkpopulator").rmdir()
    (site.splunk.app_home / "bin/qualysModule").rmdir()
    (warning,) = site.lines("WARNING")
    assert "bin/qualysModule, default/eventgen.conf" in warning
    site.assert_complete()


def test_the_checkpoint_of_the_vendors_addon_is_honored(site: Site) -> None:
    since = "2025-10-20T00:00:00Z"
    (site.checkpoints / NAME).write_text(json.dumps({"last_run_datetime": since}))
    assert site.tick().returncode == 0
    assert {call.params[SINCE] for call in site.calls} == {since}
    site.assert_complete(since=since)
    assert 0 < len(site.raw) < PAGES * EVENTS_PER_PAGE


def test_start_again(site: Site) -> None:
    """Once, and logged; what the overlap keeps from repeating comes again, too."""
    site.qualys.touch(changes=False)
    assert site.tick().returncode == 0
    site.splunk.clean()
    site.ask("start_again", since="2020-01-01T00:00:00Z")
    assert site.tick().returncode == 0
    site.assert_complete()
    assert site.calls[-1].params[SINCE] == "2020-01-01T00:00:00Z"
    assert "2020-01-01T00:00:00Z" in " ".join(site.lines("WARNING"))
    assert (site.tick().returncode, len(site.calls)) == (0, 2 * PAGES)


def test_run_now(site: Site) -> None:
    """Not due, held or waiting: who asks gets a run, one."""
    assert site.tick().returncode == 0
    site.ask("run_now")
    assert site.tick().returncode == 0
    assert site.tick().returncode == 0
    assert len(site.calls) == PAGES + 1
    assert [line for line in site.lines("INFO") if line.startswith("Asked by a person: run_now")] != []
    site.assert_complete()


@pytest.mark.parametrize("fault", ["unauthorized", "unavailable"])
def test_run_now_ends_waiting(site: Site, fault: str) -> None:
    site.qualys.faults.set(f"{fault}*always")
    assert site.tick().returncode == 1
    site.qualys.faults.set()
    asked = len(site.calls)
    assert (site.tick().returncode, len(site.calls)) == (0, asked)
    site.ask("run_now")
    assert site.tick().returncode == 0
    site.assert_complete()


@pytest.mark.parametrize(
    ("tab", "values"),
    [("vm", {"detection_truncation_limit": "2"}), ("vm", {"detection_params": "show_qds=1"}), ("account", {})],
)
def test_an_open_pull_is_opened_again_where_it_asks_for_something_else(
    site: Site, tab: str, values: dict[str, str]
) -> None:
    """From the same `since`: what came comes again, nothing is missed."""
    broken_off(site)
    if tab == "account":
        site.save_account(api_server=site.qualys.url.replace("127.0.0.1", "localhost"), skip_test="1")
    else:
        site.save(tab, **values)
    assert site.tick().returncode == 0
    assert "it is opened again" in " ".join(site.lines("WARNING"))
    assert "id_min" not in site.calls[3].params
    site.assert_complete(repeats=EVENTS_PER_PAGE)


def test_an_open_pull_goes_on_where_nothing_was_changed(site: Site) -> None:
    broken_off(site)
    site.save("api", api_timeout="100")
    assert site.tick().returncode == 0
    assert len(site.calls) == 1 + 2 + 2
    site.assert_complete()


def test_a_full_pull_neither_uses_nor_moves_the_checkpoint(site: Site) -> None:
    """It resumes after a failure like any other, and the pull of changes goes on where it was."""
    assert site.tick().returncode == 0
    since = site.checkpoint["since"]
    site.splunk.clean()
    site.save("vm", enable_full_pull="1")
    site.qualys.faults.set("unavailable*always@2")
    site.ask("run_now")
    assert site.tick(clock=-120).returncode == 1
    site.qualys.faults.set()
    assert site.tick().returncode == 0
    site.assert_complete()
    assert {call.params[SINCE] for call in site.calls} == {"1999-01-01T00:00:00Z"}
    assert (site.checkpoint["since"], site.checkpoint["open"]) == (since, None)
    site.save("vm", enable_full_pull="0")
    site.ask("run_now")
    assert site.tick().returncode == 0
    assert site.calls[-1].params[SINCE] == since
