"""All topics of `make bench`, in the order of the page."""

from __future__ import annotations

from benchmarks import converted, end_to_end, knowledge, memory, other_feeds, tick, writing
from benchmarks.figures import Topic

TOPICS = (
    Topic(
        "conversion",
        "Conversion",
        f"""\
From the file of a page of host detections to the event stream in a pipe that another process reads: judged,
converted with default fields and host information, escaped, kept on disk until the page proved whole, written
in order. The **unit** is one pass of `xml.parsers.expat` without any handlers over the same file in the same
interpreter: what it costs to read XML at all. The file is what `python -m benchmarks.hld_page {converted.HOSTS}
{converted.FINDINGS} page.xml` writes (102,067,186 bytes). Processor time, the least of seven tries; of several
processes the time on the wall.""",
        converted.figures,
    ),
    Topic(
        "parallel",
        "Parallel",
        """\
A pull of the installed add-on from a platform that has its pages ready, over TLS on one machine, against the slower of
two programs that do half of it: only download, only convert, as many at once. With fewer than four cores the platform,
the download and the conversion get in each other's way: then this says nothing.""",
        end_to_end.figures,
    ),
    Topic(
        "memory",
        "Memory",
        """\
Whole runs of the installed add-on that pull one page. The largest resident size that the operating system saw of any
one process of the run, child processes included; pipes, page cache and the platform are not counted.""",
        memory.figures,
    ),
    Topic(
        "tick",
        "Tick",
        f"""\
splunkd starts the script once a minute for every input; mostly the input is not due. Against an interpreter that does
nothing, in turn; the median of {tick.STARTS} starts, and the largest memory of any.""",
        tick.figures,
    ),
    Topic(
        "writing",
        "Writing",
        f"""\
Events of {writing.EVENT_BYTES} bytes, escaped and wrapped, through a pipe whose other end another process reads. The
best of {writing.TRIES} times {writing.EVENTS:,} events.""",
        writing.figures,
    ),
    Topic(
        "knowledge",
        "Knowledge base",
        """\
Memory as above. The **unit** is again one pass of expat without handlers over the same page; processor time, the least
of two tries. The page is what `python -m benchmarks.kb_page 400 page.xml` writes.""",
        knowledge.figures,
    ),
    Topic(
        "compliance",
        "Policy compliance",
        f"""\
Conversion, its unit and memory as above. The pages are what `python -m benchmarks.posture_page
{other_feeds.BASIC_POSTURES} page.xml basic` and `python -m benchmarks.posture_page {other_feeds.POSTURES} page.xml`
write; their postures wait on disk for the glossary behind them.""",
        other_feeds.compliance,
    ),
    Topic(
        "web",
        "Web applications",
        f"""\
Conversion, its unit and memory as above. The page is what `python -m benchmarks.was_page {other_feeds.FINDINGS}
page.xml` writes, with all details as default fields need them, too.""",
        other_feeds.web,
    ),
    Topic(
        "file_integrity",
        "File integrity",
        f"""\
From the page to the event stream as above, and memory as above; JSON is measured against one `json.loads` over the same
bytes in the same process. The pages are what `python -m benchmarks.fim_page events {other_feeds.CHANGES} page.json`
writes, the same with `ignored`, and with `incidents {other_feeds.INCIDENTS}`. What memory is measured with is for
incidents the page of the events of one.""",
        other_feeds.file_integrity,
    ),
    Topic(
        "tickets",
        "Tickets",
        f"""\
Conversion, its unit and memory as above. The answer is what `python -m benchmarks.ticket_page {other_feeds.TICKETS}
page.xml` writes.""",
        other_feeds.tickets,
    ),
    Topic(
        "assets",
        "Assets",
        f"""\
Conversion, its unit and memory as above. The page is what `python -m benchmarks.asset_page {other_feeds.ASSETS}
page.xml` writes.""",
        other_feeds.assets,
    ),
    Topic(
        "reports",
        "Scan reports",
        f"""\
Conversion, its unit and memory as above. The report is what `python -m benchmarks.report_page
{other_feeds.REPORTED_HOSTS} report.xml` writes; its findings wait on disk for the glossary behind them. What memory is
measured with lies on this server's disk.""",
        other_feeds.reports,
    ),
)
