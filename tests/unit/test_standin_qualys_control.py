"""The Qualys stand-in steered by other processes: its own door, and its command."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from standins.qualys import QualysStandin
from standins.qualys.clock import stamp
from support.qualys import Client, Reply

ROOT = Path(__file__).parents[2]


def test_another_process_can_steer(standin: QualysStandin, client: Client) -> None:
    def post(verb: str, **body: object) -> Reply:
        return client.call(f"/_standin/{verb}", headers={"Authorization": ""}, body=json.dumps(body))

    first = standin.population.ids[0]
    post("clock", set="2026-01-01T00:00:00Z")
    assert json.loads(post("touch", hosts=[first]).body) == [first]
    assert stamp(standin.population.host(first).processed_at) == "2026-01-01T00:00:00Z"
    assert json.loads(post("hosts", add=2, remove=[first]).body)["added"] == list(standin.population.ids[-2:])
    post("faults", set=["unavailable"])
    assert client.detections().status == 503
    post("dirt", set=["comments"])
    assert "evaluation version" in client.detections().text
    assert json.loads(post("clock", advance=60).body) == {"now": "2026-01-01T00:01:00Z"}
    assert json.loads(client.call("/_standin/state", method="GET").body)["hosts"] == 4
    assert [entry["status"] for entry in json.loads(client.call("/_standin/requests", method="GET").body)] == [503, 200]


def test_ledger_can_be_read_by_another_process(standin: QualysStandin, client: Client) -> None:
    client.detections()
    ledger = json.loads(client.call("/_standin/ledger", {"hosts": "1"}, method="GET").body)
    assert (ledger["hosts"], ledger["findings"], ledger["served_hosts"]) == (3, 12, 3)
    assert {found["host_id"] for host in ledger["expected"] for found in host["findings"]} == set(
        standin.population.ids
    )


@pytest.mark.parametrize(
    ("verb", "body", "status"),
    [("faults", '{"set": ["nonsense"]}', 400), ("touch", '{"hosts": [1]}', 400), ("touch", "{", 400), ("x", "{}", 404)],
)
def test_own_door_says_what_is_wrong(client: Client, verb: str, body: str, status: int) -> None:
    reply = client.call(f"/_standin/{verb}", body=body)
    assert (reply.status, "error" in json.loads(reply.body)) == (status, True)


def test_command_serves_until_it_is_told_to_stop() -> None:
    command = [
        sys.executable,
        "-m",
        "standins",
        "qualys",
        "--port",
        "0",
        "--seed",
        "7",
        "--hosts",
        "3",
        "--findings",
        "2",
    ]
    options = ["--faults", "busy,cut*2@3", "--dirt", "all", "--epoch", "now"]
    with subprocess.Popen([*command, *options], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        greeting = json.loads(process.stdout.readline())
        assert greeting["url"].startswith("https://127.0.0.1:")
        assert Path(greeting["ca"]).is_file()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_command_without_a_name_says_how() -> None:
    asked = subprocess.run(
        [sys.executable, "-m", "standins", "x"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (asked.returncode, asked.stdout) == (2, "")
    assert "usage: python -m standins" in asked.stderr
