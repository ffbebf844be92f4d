"""The pages for people say what the code does: each metric, field, setting, parameter and command; no dead link."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from qualys_ta import VERSION
from qualys_ta.platforms import PLATFORMS
from qualys_ta.populator import METRICS
from qualys_ta.populator import host_detection_api as api
from qualys_ta.populator import knowledge_tables as tables
from qualys_ta.populator.finding_plan import ALWAYS
from qualys_ta.splunk import leftovers
from qualys_ta.splunk.field import CHOICES, Field
from qualys_ta.splunk.field_table import STANZAS
from standins.qualys import FAULTS, UNKNOWN_QIDS, control, dirt
from support.core import PACKAGE
from support.doc_pages import DOCS, named, rows, section, text

ROOT = PACKAGE.parent
PAGES = sorted((*ROOT.glob("*.md"), *DOCS.rglob("*.md")))
METRIC_PAGES = {
    "vm": "host_detection.md",
    "pc": "policy_posture_info.md",
    "was": "was_findings.md",
    "assets": "host_assets.md",
    "tags": "asset_tags.md",
    "tickets": "tickets.md",
    "fim": "fim_events.md",
    "reports": "scan_report.md",
}
"""Tab of the set-up pages -> the metric's page that explains it; any other tab is on settings.md."""

FOREIGN_OPTIONS = {"--cacert", "--help", "--scheme", "--validate-arguments"}
"""Of curl, of every command, and of the add-on's script."""

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_NOT_FOR_READERS = re.compile(
    r"/(?:work|root|home)/|\b(?:TO[D]O|FIX[M]E)\b|(?i:sub-?agen[t]|\bpromp[t]s?\b|language mode[l]|shared/fact)"
)


def marks(page: str, title: str) -> dict[str, str]:
    """Field -> what its column *Default* says."""
    return {name: cells[1] for cells in rows(section(page, title)) for name in named(cells[0])}


def settings() -> list[tuple[str, Field]]:
    return [(METRIC_PAGES.get(tab, "settings.md"), field) for tab, fields in STANZAS.items() for field in fields]


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_has_its_page_and_the_index_leads_there(metric: str) -> None:
    assert text(f"{metric}.md").startswith(f"# {metric}\n")
    assert f"]({metric}.md)" in text("README.md")


@pytest.mark.parametrize(("page", "field"), settings(), ids=lambda value: getattr(value, "name", value))
def test_every_setting_is_explained_with_its_label_and_default(page: str, field: Field) -> None:
    found = [cells for cells in rows(text(page)) if cells[:2] == [f"`{field.name}`", field.label]]
    assert found, f"docs/{page}: no row | `{field.name}` | {field.label} | …"
    expected = f"`{field.default}`" if field.default else "required" if field.required else ""
    assert field.kind == CHOICES or expected in {cells[2] for cells in found}


def test_host_fields_are_all_there_with_their_defaults() -> None:
    found = marks("host_detection.md", "Host fields")
    assert list(found) == list(api.HOST_FIELDS)
    assert [name for name, mark in found.items() if mark] == list(api.DEFAULT_HOST_FIELDS)


def test_detection_fields_are_all_there_with_their_defaults() -> None:
    found = marks("host_detection.md", "Detection fields")
    assert set(found) == {*api.DETECTION_FIELDS, *ALWAYS, "SEVERITY"}
    assert {name for name, mark in found.items() if mark == "always"} == {*ALWAYS, "SEVERITY"}
    assert {name for name, mark in found.items() if mark} >= set(api.DEFAULT_DETECTION_FIELDS)


def test_what_a_chosen_field_asks_of_the_api() -> None:
    found = {}
    for chosen, added, *_ in rows(section("host_detection.md", "API parameters")):
        asked = dict(pair.split("=") for pair in named(added) if "=" in pair)
        found.update({name.removesuffix(" (default)"): asked for name in named(chosen)})
    assert {name: found.get(name) for name in api.SWITCHES} == api.SWITCHES


def test_what_every_call_asks_of_the_api() -> None:
    asked = {name for cells in rows(section("host_detection.md", "API parameters")) for name in named(cells[0])}
    ours = api.request_params(frozenset(), {}, 1000)
    assert asked >= {*ours, *api.since_params("2024-01-01T00:00:00Z")}


def test_parameters_that_are_not_allowed_are_there_with_the_reason() -> None:
    table = rows(section("host_detection.md", "Parameters that are not allowed"))
    found = {name: reason.replace("`", "") for cell, reason in table for name in named(cell)}
    assert found == api.FORBIDDEN


@pytest.mark.parametrize("name", ["eventtypes", "macros", "savedsearches"])
def test_knowledge_objects_are_named(name: str) -> None:
    page = "".join(map(text, (*METRIC_PAGES.values(), "fim_ignored_events.md", "fim_incidents.md")))
    stanzas = re.findall(
        r"^\[(?:Qualys: )?(.+)\]$", (PACKAGE / "default" / f"{name}.conf").read_text("utf-8"), re.MULTILINE
    )
    assert stanzas
    assert [stanza for stanza in stanzas if stanza not in page] == []


def test_installation_names_every_platform_and_every_file_to_delete() -> None:
    page = text("installation.md")
    wanted = [url.partition("//")[2] for each in PLATFORMS for url in (each.api_server, each.gateway_server)]
    assert [each for each in (*wanted, *leftovers.NAMES) if each not in page] == []


def test_standins_page_names_every_fault_and_every_dirt() -> None:
    page = text("standins.md")
    assert [kind for kind in (*FAULTS, *dirt.KINDS) if f"`{kind}`" not in page] == []


def test_standins_page_names_every_verb_of_the_control_path_and_the_unknown_qids() -> None:
    verbs = re.findall(r"^(GET|POST) +(\w+)", control.__doc__ or "", re.MULTILINE)
    assert len(verbs) > 8
    assert [verb for verb in verbs if f"`{' '.join(verb)}`" not in text("standins.md")] == []
    assert [qid for qid in UNKNOWN_QIDS if str(qid) not in text("standins.md")] == []


def test_options_on_the_standins_page_exist() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "standins").rglob("*.py"))
    options = set(re.findall(r"--[a-z][a-z-]+", text("standins.md"))) - FOREIGN_OPTIONS
    assert len(options) > 10
    assert [option for option in options if f'"{option}"' not in sources] == []


@pytest.mark.parametrize(
    ("lookup", "columns"),
    [("qualys_kb", tables.COLUMNS), ("qualys_kb_cim", tables.CIM_COLUMNS), ("qualys_kb_cve", tables.CVE_COLUMNS)],
)
def test_every_column_of_the_knowledge_base_is_explained_in_its_order(lookup: str, columns: tuple[str, ...]) -> None:
    found = [name for cells in rows(section("knowledge_base.md", f"{lookup}.csv")) for name in named(cells[0])]
    assert found == list(columns)


def test_every_folder_of_tests_and_of_tools_is_explained() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    folders = {f"`tests/{path.parent.name}`" for path in (ROOT / "tests").glob("*/*.py")}
    made = re.findall(r"^(\.venv[\w-]*)/installed:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert [name for name in (*folders, *(f"`{name}`" for name in made)) if name not in page] == []
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in made if f"`{name}`" not in readme] == []


def test_files_that_the_recipes_name_exist() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`([\w./-]+\.(?:py|conf|md|txt|xml|json|default))`", page))
    parts = ("package", "standins", "tests", "tools", "docs", "benchmarks")
    known = {f"/{path.relative_to(ROOT).as_posix()}" for part in parts for path in (ROOT / part).rglob("*.*")}
    known |= {f"/{path.name}" for path in ROOT.iterdir()}
    missing = [name for name in told if "was_findings" not in name and not any(k.endswith(f"/{name}") for k in known)]
    assert missing == []


def test_readme_lists_the_make_targets_and_no_other() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `make (\w+)`", readme, re.MULTILINE)
    assert sorted(listed) == sorted(re.findall(r"^(\w+):.*## ", makefile, re.MULTILINE))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_make_target_that_is_spoken_of_exists(page: Path) -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make (\w+)", page.read_text(encoding="utf-8"), re.MULTILINE)) <= targets


def test_version_and_license_are_those_of_the_package() -> None:
    assert f"## [{VERSION}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"TA-QualysCloudPlatform-{VERSION}.tar.gz" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert (ROOT / "LICENSE").read_bytes() == (PACKAGE / "LICENSES" / "Apache-2.0.txt").read_bytes()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    for link in _LINK.findall(page.read_text(encoding="utf-8")):
        if link.startswith("https://"):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.is_file(), f"{link} leads nowhere"
        assert not anchor or anchor in anchors(target), f"{link}: no such heading"


def anchors(page: Path) -> set[str]:
    """The headings of a page as links name them: small letters, hyphens for spaces, no other marks."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_pages_speak_of_the_product_only(page: Path) -> None:
    assert _NOT_FOR_READERS.findall(page.read_text(encoding="utf-8")) == []


def test_every_decision_is_in_the_index_and_short() -> None:
    for path in (DOCS / "decisions").glob("*.md"):
        assert f"](decisions/{path.name})" in text("README.md")
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 14, path.name


def test_every_picture_is_shown_somewhere() -> None:
    shown = {Path(link).name for page in PAGES for link in _LINK.findall(page.read_text(encoding="utf-8"))}
    assert {path.name for path in (DOCS / "images").iterdir()} <= shown
