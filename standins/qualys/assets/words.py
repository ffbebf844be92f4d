"""What assets are made of: products, machines, tags and titles, with text that breaks careless readers."""

from __future__ import annotations

PRODUCTS = (
    "Microsoft .NET Framework {0}",
    'Vendor "Suite", Edition {0} & Tools',
    "libssl1.1-{0}",
    "Büro-Software für Straßen {0}",
    "日本語入力 {0}",
    'x"}}]}},"eventKind":"software","id":"{0}',
    "kernel-core-{0}\\",
)
VERSIONS = ("1.1.1k-7.el8", "10.0.19041.1", "22.03.1", "", '4.2 "beta", x64', "9007199254740993")
MACHINES = (
    ("Dell Inc.", "PowerEdge R740", "Dell Inc. 2.10.0 11/12/2020"),
    ("VMware, Inc.", "VMware7,1", "Phoenix Technologies LTD 6.00"),
    ('LENOVO "EMEA"', "ThinkPad X1 & Yoga", "LENOVO N2HET58W (1.41 )"),
)
PROCESSORS = (("Intel(R) Xeon(R) CPU           E5-2680 v4 @ 2.40GHz", 2394), ("AMD EPYC 7571", 2200))
VOLUMES = ("C:", "/", "/var/lib/straße", "D:")
ACCOUNTS = ("Administrator", "root", "svc_backup", "ACME\\jörg", 'o"neill')
SERVICES = ((22, "TCP", 4, "ssh"), (443, "TCP", 10, "http over ssl"), (161, "UDP", 25, "snmp"), (8443, "TCP", 0, ""))
"""Port, protocol, number and name of the service."""
TIMEZONES = ("-08:00", "+01:00", "UTC")
MODULES = ("AGENT_VM,AGENT_PC", "AGENT_VM", "AGENT_FIM,AGENT_VM,AGENT_SCA")
RULES = (
    (None, None),
    ("OS_REGEX", "^Windows.*Server"),
    ("NETWORK_RANGE", "10.0.0.0-10.0.3.255"),
    ("GROOVY", 'if (asset.getAssetType() == Asset.AssetType.HOST && "a < b")\n  return true;'),
    ("NAME_CONTAINS", 'prod, "eu"'),
    ("CLOUD_ASSET", "ec2.region:us-east-1"),
    (None, None),
)
"""Rule type and text of a tag, in turn."""
PARENTS = ((7_640_000, "Asset Groups"), (7_640_001, "Business Units"), (7_640_002, "Cloud Agent"))
"""Tags that the platform itself makes."""
TITLES = ("All of site {0}", 'PCI, "in scope" {0}', "Büro Köln & Söhne <b>{0}</b>", "日本語 {0}")
COLORS = ("#CC0000", "#66A182", "#FFFFFF")
IMPACTS = ("Critical", "High", "Medium", "Minor", "Low")
