"""A whole pull of many pages against the slower of its two halves: the download alone, the conversion alone."""

from __future__ import annotations

import http.client
import mmap
import ssl
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from benchmarks import converted, hld_page
from benchmarks.figures import CORES, Bench, Figure, most
from benchmarks.installed import HOST_LIST, installed
from benchmarks.pythons import call
from standins.replay import Recorded

PER_PAGE = 200
PAGES = converted.HOSTS // PER_PAGE
LANES = min(CORES, 4)
"""Downloads side by side, and conversions."""

JUDGED_CORES = 4
FIRST_ID, NO_END = 100_000, 10**18
RUN_MB = 80
DETECTIONS = "/api/5.0/fo/asset/host/vm/detection/"


def figures(bench: Bench) -> Iterator[Figure]:
    bench.doing("writing the pages")
    hosts = HostPages(converted.write_page(bench.folder))
    with installed(bench.folder) as site:
        site.answers.update({DETECTIONS: hosts.detections, HOST_LIST: hosts.listed})
        site.save("api", conversion_workers=str(LANES), temp_quota_mb="4096")
        site.save("vm", num_threads=str(LANES), detection_truncation_limit=str(PER_PAGE))
        bench.doing(f"pulling {PAGES} pages, {LANES} downloads and {LANES} conversions at once")
        pulled = site.run("host_detection")
        bench.doing("the download alone")
        arguments = (site.platform.url, str(site.platform.ca), str(bench.folder), LANES)
        download_s = call(sys.executable, __name__, "download_s", *arguments)
        bench.doing("the conversion alone")
        convert_s = call(sys.executable, "benchmarks.converted", "wall_s", list(map(str, _pages(bench.folder))), LANES)
    told = f"{PAGES} pages of {pulled.page_mb / PAGES:.0f} MB, {LANES} at once"
    ratio = pulled.used.seconds / max(download_s, convert_s)
    yield Figure(f"{told}: the pull against its slower half", ratio, "×", most(1.25), JUDGED_CORES)
    yield Figure(f"{told}: the pull", pulled.used.seconds, "s")
    yield Figure(f"{told}: the download alone", download_s, "s")
    yield Figure(f"{told}: the conversion alone", convert_s, "s")
    yield Figure(f"{told}: largest process", pulled.used.peak_mb, "MB", most(RUN_MB))


class HostPages:
    """A platform whose hosts lie rendered in one file, so that any range of them is only copied out of it."""

    def __init__(self, page: Path) -> None:
        with page.open("rb") as file:
            self._text = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._starts = list(self._find(b"      <HOST>\n"))
        self._ends = [*self._starts[1:], self._text.rfind(hld_page.TAIL.encode())]

    def detections(self, params: Mapping[str, str]) -> Recorded:
        """Hosts from `id_min` to `id_max`, at most `truncation_limit` of them, with the platform's warning if cut."""
        first = max(int(params.get("id_min", 0)) - FIRST_ID, 0)
        last = min(int(params.get("id_max", NO_END)) - FIRST_ID, len(self._starts) - 1)
        end = min(first + int(params["truncation_limit"]), last + 1)
        hosts = self._text[self._starts[first] : self._ends[end - 1]] if first < end else b""
        tail = hld_page.TAIL
        if end <= last:
            url = f"https://platform{DETECTIONS}?{urlencode({**params, 'id_min': FIRST_ID + end})}"
            warning = f"<WARNING><CODE>1980</CODE><TEXT>cut</TEXT><URL><![CDATA[{url}]]></URL></WARNING>\n  </RESPONSE>"
            tail = tail.replace("  </RESPONSE>", warning)
        return Recorded(200, hld_page.HEAD.encode() + hosts + tail.encode())

    def listed(self, params: Mapping[str, str]) -> Recorded:
        """The ids of all hosts from `id_min` on."""
        first = max(int(params.get("id_min", 0)), FIRST_ID)
        spans = f"<ID_SET><ID_RANGE>{first}-{FIRST_ID + len(self._starts) - 1}</ID_RANGE></ID_SET>"
        time_text = "<DATETIME>2026-11-20T10:00:00Z</DATETIME>"
        return Recorded(200, f"<HOST_LIST_OUTPUT><RESPONSE>{time_text}{spans}</RESPONSE></HOST_LIST_OUTPUT>".encode())

    def _find(self, mark: bytes) -> Iterator[int]:
        place = self._text.find(mark)
        while place >= 0:
            yield place
            place = self._text.find(mark, place + 1)


def _pages(folder: Path) -> list[Path]:
    return [folder / f"page_{number}.xml" for number in range(PAGES)]


def download_s(url: str, ca: str, folder: str, lanes: int) -> float:
    """Seconds to download all pages to files, so many side by side, each on one connection."""
    context = ssl.create_default_context(cafile=ca)
    pages = _pages(Path(folder))

    def lane(number: int) -> None:
        connection = http.client.HTTPSConnection(urlsplit(url).netloc, context=context)
        for page in range(number, len(pages), lanes):
            ids = {"id_min": FIRST_ID + page * PER_PAGE, "id_max": FIRST_ID + (page + 1) * PER_PAGE - 1}
            form = urlencode({**ids, "truncation_limit": PER_PAGE})
            connection.request("POST", DETECTIONS, form)
            with connection.getresponse() as response, pages[page].open("wb") as file:
                for chunk in iter(lambda: response.read(1 << 16), b""):
                    file.write(chunk)
        connection.close()

    started = time.perf_counter()
    with ThreadPoolExecutor(lanes) as pool:
        list(pool.map(lane, range(lanes)))
    return time.perf_counter() - started
