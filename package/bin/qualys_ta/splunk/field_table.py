"""Everything a person can set, tab by tab: the one table that pages, specs, handlers and settings come from."""

from __future__ import annotations

from collections.abc import Mapping

from ..platforms import PLATFORMS
from ..populator import METRICS
from . import field_checks as checks
from .asset_fields import ASSET_FIELDS, TAG_FIELDS
from .field import (
    ACCOUNT,
    INDEX,
    NUMBER,
    OPEN_CHOICE,
    SECRET,
    Field,
    choice_field,
    flag_field,
    number_field,
    path_field,
    version_field,
)
from .fim_fields import FIM_FIELDS
from .metric_fields import KB_FIELDS, VM_FIELDS, WAS_FIELDS
from .posture_fields import PC_FIELDS
from .report_fields import REPORT_FIELDS
from .ticket_fields import TICKET_FIELDS

ACCOUNT_FIELDS = (
    Field(
        "name",
        "Name",
        "What the inputs call this account. It cannot be changed later.",
        required=True,
        check=checks.matching(checks.ACCOUNT_NAME, "cannot name an account: use 1 to 64 letters, digits, '_' or '-'."),
        pattern=checks.ACCOUNT_NAME,
    ),
    Field(
        "api_server",
        "Qualys API server",
        "Where your subscription lives (in Qualys: Help > About > Security Operations Center). Clear the field to see "
        "all platforms, or type the URL of your own, for example https://qualysapi.customer.example.",
        OPEN_CHOICE,
        PLATFORMS[0].api_server,
        tuple((platform.api_server, f"{platform.api_server} ({platform.label})") for platform in PLATFORMS),
        required=True,
        check=checks.server,
        pattern=checks.HTTPS,
    ),
    Field(
        "gateway_server",
        "Qualys gateway",
        "Leave empty: it follows from the API server. A private platform may need its own URL.",
        check=checks.server,
        pattern=checks.HTTPS,
    ),
    Field("username", "User name", "A Qualys user with API access.", required=True, check=checks.username),
    Field(
        "password",
        "Password",
        "Kept in Splunk's password store and never shown again. When you edit the account, leave it as it is.",
        SECRET,
        required=True,
    ),
    path_field("ca_bundle", "CA certificates", "Path of a PEM file, if your proxy or platform uses a CA of its own."),
    path_field("client_cert", "Client certificate", "Path of a PEM file, only if the platform asks for a certificate."),
    path_field(
        "client_key", "Client key", "Path of the key's PEM file; leave empty if the certificate's file holds it."
    ),
    Field("client_key_password", "Client key passphrase", "Only if the key is encrypted.", SECRET),
    flag_field(
        "skip_test",
        "Save without testing",
        "Saving logs in once to test the account. Check this to save while the platform cannot be reached.",
    ),
)

PROXY_FIELDS = (
    flag_field("use_proxy", "Use a proxy", "All requests to Qualys go through it."),
    Field(
        "proxy_server",
        "Host",
        "Name or IP address, without http:// and without the port.",
        check=checks.host,
        pattern=checks.HOST_OR_ADDRESS,
    ),
    Field(
        "proxy_port",
        "Port",
        "From 1 to 65535.",
        NUMBER,
        limits=(1, 65535),
        check=checks.number(1, 65535),
        empty=0,
    ),
    Field("proxy_username", "User name", "Leave empty if the proxy asks for none.", check=checks.username),
    Field("proxy_password", "Password", "Kept in Splunk's password store and never shown again.", SECRET),
)

API_FIELDS = (
    number_field("api_timeout", "Timeout (seconds)", "How long to wait for a part of an answer.", "300", 1, 86400),
    number_field("max_retries", "Tries after a failure", "Of one request, before the run gives up.", "5", 0, 100),
    number_field(
        "retry_interval_seconds",
        "Longest wait (seconds)",
        "Between two tries. Where Qualys asks for a longer one, the run ends and goes on when that is over.",
        "300",
        1,
        86400,
    ),
    number_field(
        "temp_quota_mb", "Disk quota (MB)", "Most that an input's downloads may take on disk.", "2048", 1, 10_000_000
    ),
    path_field("temp_dir", "Folder for downloads", "Absolute path; leave empty for tmp in the add-on's folder."),
    flag_field(
        "preserve_api_output", "Keep the API's answers", "For support cases: they hold findings and take disk space."
    ),
    number_field(
        "conversion_workers",
        "Conversion processes",
        "Large pages are converted in so many processes of their own, of about 40 MB each; 1: in the run's own.",
        "2",
        1,
        8,
    ),
    version_field("host_detection_api_version", "host detection", "5.0"),
    version_field("host_list_api_version", "host list", "5.0"),
    version_field("knowledge_base_api_version", "knowledge base", "4.0"),
    version_field("was_findings_api_version", "web application findings", "3.0"),
    version_field("policy_list_api_version", "policy list", "5.0"),
    version_field("posture_info_api_version", "posture information", "2.0"),
    version_field("host_assets_api_version", "host assets", "2.0"),
    version_field("asset_tags_api_version", "asset tags", "2.0"),
    version_field("asset_group_api_version", "asset groups", "2.0"),
    version_field("search_list_api_version", "search lists", "2.0"),
    version_field("report_api_version", "reports", "2.0"),
)

_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LOGGING_FIELDS = (
    choice_field(
        "loglevel", "Log level", "DEBUG logs most, ERROR least.", "INFO", tuple((level, level) for level in _LEVELS)
    ),
)

INPUT_FIELDS = (
    Field(
        "name",
        "Name",
        f"{', '.join(METRICS)}, or any name if you choose the metric below.",
        required=True,
        check=checks.input_name,
        pattern=checks.INPUT_NAME,
    ),
    choice_field(
        "metric",
        "Metric",
        "What to pull. Leave empty if the input is named after its metric.",
        "",
        tuple((name, f"{label} ({name})") for name, label in METRICS.items()),
    ),
    Field("account", "Account", "Leave empty to use the only account there is.", ACCOUNT),
    Field(
        "duration",
        "Cron entry or interval",
        "Five cron fields in the server's time (0 9 * * *), or an interval such as 300, 48h, 1w2d3h4m5s. "
        "Empty is once a day. An interval starts at once, a cron entry at its time.",
        default="1d",
        check=checks.duration,
    ),
    Field(
        "start_date",
        "Start date",
        "The first run pulls what happened since then: hosts that were processed, policies that were changed or "
        "evaluated, findings in web applications that were tested. In UTC. The knowledge base is always pulled whole "
        "first.",
        default="1999-01-01T00:00:00Z",
        check=checks.start_date,
        pattern=checks.START_DATE,
    ),
    Field("index", "Index", "Where the events go.", INDEX, "default"),
    Field(
        "shard",
        "Part of the hosts",
        "For host_detection in very large subscriptions: 2/4 is the second of four equal parts, one input each. Empty "
        "is all.",
        check=checks.shard,
        pattern=checks.SHARD,
        empty=(1, 1),
    ),
)

STANZAS: Mapping[str, tuple[Field, ...]] = {
    "account": ACCOUNT_FIELDS,
    "proxy": PROXY_FIELDS,
    "api": API_FIELDS,
    "logging": LOGGING_FIELDS,
    "vm": VM_FIELDS,
    "kb": KB_FIELDS,
    "was": WAS_FIELDS,
    "pc": PC_FIELDS,
    "tickets": TICKET_FIELDS,
    "assets": ASSET_FIELDS,
    "tags": TAG_FIELDS,
    "fim": FIM_FIELDS,
    "reports": REPORT_FIELDS,
    "input": INPUT_FIELDS,
}
