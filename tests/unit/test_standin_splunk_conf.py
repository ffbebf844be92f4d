"""Conf files as splunkd reads, layers and writes them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standins.splunk.conf import ConfFiles, parse, render
from standins.splunk.errors import StandinError

APP = "TA-x"
_KEYS = st.from_regex(r"[A-Za-z][\w.-]{0,8}", fullmatch=True)
_LINES = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=8)
_VALUES = st.lists(_LINES, min_size=1, max_size=3).map("\n".join).map(str.strip)


@pytest.fixture
def confs(tmp_path: Path) -> ConfFiles:
    for folder in ("system/default", f"apps/{APP}/default", f"apps/{APP}/local", "apps/other/default"):
        (tmp_path / folder).mkdir(parents=True)
    return ConfFiles(tmp_path)


def _write(confs_home: Path, name: str, text: str) -> None:
    (confs_home / name).write_text(text, "utf-8")


def test_syntax() -> None:
    text = (
        "\ufeffglobal = 1\n# [no]\n[a b]\nKey = x = y  \nkey=2\nlong = one \\\n  two\\\nthree\n; c\nno equals sign\n"
        "[empty]\n"
    )
    assert parse(text) == {
        "default": {"global": "1"},
        "a b": {"Key": "x = y", "key": "2", "long": "one \n  two\nthree"},
        "empty": {},
    }


@given(st.dictionaries(_KEYS, st.dictionaries(_KEYS, _VALUES, max_size=3), max_size=3))
def test_what_is_written_is_read_again(stanzas: dict[str, dict[str, str]]) -> None:
    named = {f"s{name}": settings for name, settings in stanzas.items()}
    assert parse(render(named)) == named


def test_layers_and_inheritance(confs: ConfFiles, tmp_path: Path) -> None:
    _write(tmp_path, "system/default/inputs.conf", "[default]\nindex = default\nhost = h\n")
    _write(tmp_path, f"apps/{APP}/default/inputs.conf", "[qualys]\ninterval = 60\n[qualys://a]\ninterval = 5\nk = d\n")
    _write(tmp_path, "apps/other/default/inputs.conf", "[qualys://a]\nk = other\nfar = 1\n")
    _write(tmp_path, f"apps/{APP}/local/inputs.conf", "[qualys://a]\nk = local\n")
    seen = confs.stanza("inputs", APP, "qualys://a")
    assert seen.settings == {"index": "default", "host": "h", "interval": "5", "k": "local", "far": "1"}
    assert (seen.app, seen.shipped) == (APP, True)


def test_writing_touches_only_local_and_keeps_the_rest(confs: ConfFiles, tmp_path: Path) -> None:
    _write(tmp_path, f"apps/{APP}/default/x.conf", "[s]\na = 1\nb = 2\n")
    confs.write("x", APP, "s", {"b": "3"})
    confs.write("x", APP, "t", {"c": "4"})
    assert parse((tmp_path / f"apps/{APP}/local/x.conf").read_text("utf-8")) == {"s": {"b": "3"}, "t": {"c": "4"}}
    assert confs.stanza("x", APP, "s").settings == {"a": "1", "b": "3"}


def test_only_what_is_not_shipped_can_be_removed(confs: ConfFiles, tmp_path: Path) -> None:
    _write(tmp_path, f"apps/{APP}/default/x.conf", "[s]\na = 1\n")
    confs.write("x", APP, "t", {"c": "4"})
    confs.remove("x", APP, "t")
    assert list(confs.stanzas("x", APP)) == ["s"]
    with pytest.raises(StandinError, match="403"):
        confs.remove("x", APP, "s")
    with pytest.raises(StandinError, match="404"):
        confs.remove("x", APP, "t")


@pytest.mark.parametrize(("stanza", "key"), [("a]\n[b", "k"), ("", "k"), ("a", "k\n[b]\nx"), ("a", "[b]"), ("a", "")])
def test_no_name_forges_a_stanza(confs: ConfFiles, stanza: str, key: str) -> None:
    with pytest.raises(StandinError, match="400"):
        confs.write("x", APP, stanza, {key: "v"})


def test_no_value_forges_a_stanza(confs: ConfFiles) -> None:
    confs.write("x", APP, "s", {"k": "a\r[b]\r\nc = d\\"})
    assert {name: stanza.settings for name, stanza in confs.stanzas("x", APP).items()} == {
        "s": {"k": "a\n[b]\nc = d\\"}
    }


@pytest.mark.parametrize(("conf", "app"), [("../etc", APP), ("x", ".."), ("x", "nobody")])
def test_no_path_leads_out_of_the_apps(confs: ConfFiles, conf: str, app: str) -> None:
    with pytest.raises(StandinError):
        confs.write(conf, app, "s", {})
