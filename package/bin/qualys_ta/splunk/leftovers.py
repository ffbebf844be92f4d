"""What the vendor's add-on leaves behind where ours was unpacked over it: named once per run, never deleted by us."""

from __future__ import annotations

from pathlib import Path

NAMES = (
    "bin/qualysModule",
    "bin/apply_qualys_tag_to_webapp.py",
    "bin/common.py",
    "bin/run.py",
    "bin/splunk_cluster",
    "bin/whl",
    "default/eventgen.conf",
    "default/qualys.conf",
    "default/data/ui/manager/data_inputs_qualys.xml",
    "default/data/ui/views/setup_view_qualysta.xml",
    "appserver/static/javascript/views/setup_view_qualysta.js",
)


def warning(app_home: Path) -> str:
    """One line that names what should be removed; "" where nothing should."""
    found = [name for name in NAMES if (app_home / name).exists()]
    if not found:
        return ""
    return (
        f"Files of the vendor's add-on are still in {app_home}: {', '.join(found)}. "
        "They are not used and may interfere: stop Splunk and delete them."
    )
