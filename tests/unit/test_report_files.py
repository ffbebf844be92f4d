"""Reports on this server's disk: what a person hears where there are none, or none that can be read."""

from __future__ import annotations

from pathlib import Path

from qualys_ta.errors import Refused
from qualys_ta.model import Page, Request
from qualys_ta.splunk.log import Log
from qualys_ta.splunk.read_files import ReadFiles
from qualys_ta.work.report_files import ReportFiles


def fetched(_request: Request) -> Page:
    raise Refused("It is no report.")


def heard(where: Path, tmp_path: Path) -> tuple[list[str], str]:
    """What the input's row says of the reports there, and the log."""
    log = tmp_path / "log"
    files = ReportFiles(str(where), ReadFiles(tmp_path / "x.files", "acme 1/1"), Log(log, "x", "INFO"))
    assert list(files.unread(fetched)) == []
    return files.amiss, log.read_text("utf-8")


def test_a_path_with_nothing_there_is_an_error(tmp_path: Path) -> None:
    amiss, log = heard(tmp_path / "gone", tmp_path)
    assert amiss == [f"There is no file and no folder {tmp_path / 'gone'}."]
    assert f"ERROR: {amiss[0]} (setting: report_file)\n" in log


def test_a_folder_without_reports_is_a_warning(tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "report.csv").touch()
    (folder / "folder.xml").mkdir()
    amiss, log = heard(folder, tmp_path)
    assert amiss == [f"There is no *.xml in {folder}."]
    assert f"WARNING: {amiss[0]}\n" in log
    assert "ERROR" not in log


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "a.XML"
    file.write_text("no report", "utf-8")
    amiss, log = heard(tmp_path, tmp_path)
    assert amiss == [f"The report {file} could not be read; the next pull tries again. It is no report."]
    assert f"ERROR: {amiss[0]}\n" in log
