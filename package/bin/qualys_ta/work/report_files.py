"""Reports that a person put on this server's disk, each content read once."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Optional

from ..chains import Fetch
from ..errors import ConfigError, Refused, TryLater
from ..job import Job
from ..model import Page
from ..populator.report_api import ENDING, file_request, report_files
from ..splunk.log import Log
from ..splunk.read_files import ReadFiles, Version, read_files_path


def read_files(job: Job) -> ReadFiles:
    """What this input has read."""
    return ReadFiles(read_files_path(job.folder, job.stanza.name), job.key)


@dataclass(frozen=True)
class ReportFiles:
    """The reports at `where`, a file or a folder. What is wrong with one of them is logged, and stops nothing; `amiss`
    keeps it for the end of the run."""

    where: str
    files: ReadFiles
    log: Log
    amiss: list[str] = field(default_factory=list)

    def unread(self, fetch: Fetch) -> Iterator[tuple[Version, Page]]:
        """Each that is new or changed, read; `note` it once it is written."""
        for file in self._files():
            version: Optional[Version] = None
            with self._told(file):
                version = self.files.unread(file)
            page = self._page(fetch, version) if version else None
            if version and page:
                yield version, page

    def note(self, version: Version) -> None:
        self.files.add(version)

    def _files(self) -> list[Path]:
        try:
            found = report_files(self.where)
        except ConfigError as error:
            self.log.error(f"{error} (setting: {error.setting})")
            self.amiss.append(str(error))
            return []
        if not found:
            self.amiss.append(f"There is no {ENDING} in {self.where}.")
            self.log.warning(self.amiss[-1])
        return found

    def _page(self, fetch: Fetch, version: Version) -> Optional[Page]:
        with self._told(version.file):
            return fetch(file_request(version.file))
        return None

    @contextlib.contextmanager
    def _told(self, file: Path) -> Iterator[None]:
        try:
            yield
        except (ConfigError, Refused, TryLater) as error:
            self._unreadable(file, str(error))
        except OSError as error:
            self._unreadable(file, f"{error.strerror}.")

    def _unreadable(self, file: Path, why: str) -> None:
        self.amiss.append(f"The report {file} could not be read; the next pull tries again. {why}")
        self.log.error(self.amiss[-1])
