"""Draws hosts: the same seed and id always give the same host."""

from __future__ import annotations

import random
from typing import Optional

from .clock import DAY_S
from .model import Attribute, Cloud, Host, Tag

FIRST_ID = 6_506_432
MEAN_GAP = 8
SCAN_SPREAD_S = 30 * DAY_S

TAGS = tuple(
    Tag(7_650_000 + number, name)
    for number, name in enumerate(("Prod", "DMZ", "Büro Köln", 'PCI, "in scope"', "Linux", "<no owner>", "EU & UK"))
)
SYSTEMS = (
    ("Windows 2008 R2 Enterprise Service Pack1", "cpe:/o:microsoft:windows_server_2008:r2:sp1:enterprise:"),
    ("Windows Server 2019 Datacenter 64 bit Edition Version 1809", "cpe:/o:microsoft:windows_server_2019:1809::"),
    ("Windows 10 Enterprise 64 bit Edition Version 22H2", "cpe:/o:microsoft:windows_10:22h2::"),
    ("Ubuntu Linux 14.04.5", "cpe:/o:canonical:ubuntu_linux:14.04.5:::"),
    ("Red Hat Enterprise Linux 8.6", "cpe:/o:redhat:enterprise_linux:8.6:::"),
    ('Cisco IOS 12.2 / "Nexus" & <lab>', ""),
)
CLOUDS = (
    ("AWS", "EC2", "EC2", "EC2", "i-{0:017x}"),
    ("Azure", "VM", "AZURE", "VIRTUAL_MACHINE_ID", "{0:08x}-5de5-480a-90f5-5ea09a8077fb"),
    ("GCP", "COMPUTE_ENGINE", "GOOGLE", "INSTANCE_ID", "{0:019d}"),
)
METADATA = (
    ("latest/dynamic/instance-identity/document/region", "us-east-1"),
    ("latest/meta-data/instance-type", "t3.micro"),
    ("latest/meta-data/placement/availability-zone", ""),
)
NETWORKS = ((0, "Global Default Network"), (1001, 'Lab, "east"'))
ON_PREMISE_TRACKING = ("IP", "DNS", "NETBIOS", "AGENT")


def host_id(rng_seed: int, number: int) -> int:
    """The id of the host with this ordinal: ascending, with gaps that depend on the seed."""
    return FIRST_ID + number * MEAN_GAP + random.Random(f"{rng_seed}/gap/{number}").randrange(MEAN_GAP)


def draw_host(seed: int, ident: int, number: int, processed_at: int) -> Host:
    """The host with id `ident` and ordinal `number`, last processed at `processed_at`.

    Each fiftieth host has its predecessor's address in another network, as customers do.
    """
    rng = random.Random(f"{seed}/host/{ident}")
    place, (network_id, network_name) = _placed(number)
    cloud = _draw_cloud(rng, processed_at) if rng.random() < 0.3 else None
    tracking = _tracking(rng, cloud)
    system, cpe = rng.choice(SYSTEMS)
    hostname, domain, fqdn = _named(rng, ident, cloud)
    scanned_at = processed_at - rng.randint(10, 120)
    authenticated = rng.random() < 0.6
    return Host(
        id=ident,
        asset_id=ident + 10_000_000,
        ip=f"10.{place >> 16 & 255}.{place >> 8 & 255}.{place & 255}",
        ipv6=f"2001:db8::{ident >> 16:x}:{ident & 65535:x}" if rng.random() < 0.1 else None,
        tracking_method=tracking,
        network_id=network_id,
        network_name=network_name,
        os=system,
        os_cpe=cpe,
        hostname=hostname,
        domain=domain,
        fqdn=fqdn,
        dns=fqdn or hostname,
        netbios=hostname.upper()[:15] if "Windows" in system else None,
        qg_hostid=draw_uuid(rng) if tracking == "AGENT" or cloud else None,
        cloud=cloud,
        processed_at=processed_at,
        scanned_at=scanned_at,
        scan_duration_s=rng.randint(60, 2400),
        auth_scanned_at=scanned_at if authenticated else None,
        auth_scan_duration_s=rng.randint(60, 2400) if authenticated else None,
        compliance_scanned_at=scanned_at - rng.randint(0, DAY_S) if rng.random() < 0.3 else None,
        tags=tuple(sorted(rng.sample(TAGS, rng.randint(0, 3)), key=lambda tag: tag.id)),
        asset_groups=tuple(sorted(rng.sample(range(400, 420), rng.randint(0, 2)))),
        owner=rng.choice(("", "acme_ab1")),
    )


def _placed(number: int) -> tuple[int, tuple[int, str]]:
    """The number that makes the address, and the network."""
    twin = number % 50 == 49
    return number - 1 if twin else number, NETWORKS[twin]


def _named(rng: random.Random, ident: int, cloud: Optional[Cloud]) -> tuple[str, str, str]:
    """Host name, domain and both."""
    hostname = f"host-{ident}" if cloud is None else cloud.resource_id.lower()
    domain = rng.choice(("", "example.com", "corp.example"))
    return hostname, domain, f"{hostname}.{domain}" if domain else ""


def first_processed_at(seed: int, ident: int, epoch_s: int) -> int:
    """When a host of the first population was last processed: within `SCAN_SPREAD_S` before `epoch_s`."""
    return epoch_s - random.Random(f"{seed}/processed/{ident}").randrange(SCAN_SPREAD_S)


def _tracking(rng: random.Random, cloud: Optional[Cloud]) -> str:
    if cloud is None:
        return rng.choice(ON_PREMISE_TRACKING)
    return next(row[3] for row in CLOUDS if row[0] == cloud.provider)


def _draw_cloud(rng: random.Random, seen_at: int) -> Cloud:
    provider, service, metadata, _, form = rng.choice(CLOUDS)
    attributes = tuple(
        Attribute(name, value, "Success" if value else "Failure", seen_at if value else None)
        for name, value in METADATA
    )
    owner = rng.choice(("web", "billing & tax", '"shared"'))
    tags = (
        Attribute("Name", f"{owner} {rng.randint(1, 99)}", seen_at=seen_at),
        Attribute("cost center/№", "4711", seen_at=seen_at),
    )
    return Cloud(provider, service, form.format(rng.getrandbits(32)), metadata, attributes, tags)


def draw_uuid(rng: random.Random) -> str:
    """Digits in the form of a UUID."""
    digits = f"{rng.getrandbits(128):032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
