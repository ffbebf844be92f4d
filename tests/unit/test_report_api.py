"""What a person may choose of reports, and what is asked for then."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest

from qualys_ta.errors import ConfigError, Refused
from qualys_ta.model import Request
from qualys_ta.populator import report_api as api
from qualys_ta.splunk import fields
from support.reports import report_settings

HELD = [
    api.Template("1", "Weekly", "Scan"),
    api.Template("2", "Twice", "Scan"),
    api.Template("3", "Twice", "Scan"),
    api.Template("4", "Patches", "Patch"),
    api.Template("5", "1", "Scan"),
]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("424242", ("424242",)),
        ("424242,535353", ("424242", "535353")),
        ("424242, 535353\n\n  Weekly, by group  \n424242", ("424242", "535353", "Weekly, by group")),
        ("", ()),
    ],
)
def test_templates_are_one_a_line_and_ids_may_stand_together(text: str, found: tuple[str, ...]) -> None:
    assert report_settings(report_templates=text)["report_templates"] == found


@pytest.mark.parametrize(
    ("text", "said"),
    [("a\x07b", "neither the id nor the title"), ("\n".join(map(str, range(51))), "choose 50 at most")],
)
def test_what_cannot_be_templates_is_refused(text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as refused:
        report_settings(report_templates=text)
    assert refused.value.setting == "report_templates"


def test_an_id_goes_before_a_title_and_each_template_comes_once() -> None:
    assert [each.number for each in api.chosen(("1", "Weekly", "3"), HELD)] == ["1", "3"]


@pytest.mark.parametrize(
    ("wanted", "said"),
    [("Daily", "lists no report template 'Daily'"), ("Twice", "name one of 2, 3"), ("Patches", "is of type Patch")],
)
def test_a_template_that_cannot_be_had_is_named(wanted: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        api.chosen((wanted,), HELD)


def test_a_path_must_be_absolute() -> None:
    with pytest.raises(ConfigError, match="not an absolute path"):
        fields.checked("reports", {"report_file": "reports/a.xml"})


def test_a_folder_gives_its_reports_by_name(tmp_path: Path) -> None:
    for name in ("b.xml", "a.XML", "c.csv"):
        (tmp_path / name).touch()
    (tmp_path / "folder.xml").mkdir()
    assert [path.name for path in api.report_files(str(tmp_path))] == ["a.XML", "b.xml"]
    assert api.report_files(str(tmp_path / "c.csv")) == [tmp_path / "c.csv"]
    with pytest.raises(ConfigError, match="no file and no folder"):
        api.report_files(str(tmp_path / "d.xml"))


def test_our_notes_are_not_sent() -> None:
    params = {**api.launch_params("1", "T"), api.LEFT: "2,3", api.LAUNCHED: "17", api.TEMPLATE: "1"}
    assert api.sent(params) == {
        "action": "launch",
        "report_type": "Scan",
        "output_format": "xml",
        "template_id": "1",
        "report_title": "T",
    }


def test_the_number_of_a_launched_report() -> None:
    item = fromstring("<ITEM><KEY>ID</KEY><VALUE>4888438</VALUE></ITEM>")
    assert api.launched_number([item], Request("/p")) == "4888438"
    for markup in ("<ITEM><KEY>ID</KEY><VALUE>x</VALUE></ITEM>", "<ITEM><KEY>NAME</KEY><VALUE>1</VALUE></ITEM>"):
        with pytest.raises(Refused, match="as its number"):
            api.launched_number([fromstring(markup)], Request("/p"))


def test_only_other_templates_make_another_window() -> None:
    assert api.made_of(report_settings(report_templates="1")) != api.made_of(report_settings(report_templates="2"))
    assert api.made_of(report_settings(report_details="1")) == api.made_of(report_settings())
