"""One page of host assets, always the same bytes: what the figures of its conversion refer to.

``python -m benchmarks.asset_page 2000 page.xml`` writes 2,000 assets with ports, software and vulnerabilities.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable
from typing import TextIO

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<ServiceResponse xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="https://qualysapi.qualys.com/qps/xsd/2.0/am/hostasset.xsd">
  <responseCode>SUCCESS</responseCode>
  <count>{assets}</count>
  <hasMoreRecords>false</hasMoreRecords>
  <data>
"""
TAIL = """  </data>
</ServiceResponse>
"""
ASSET = """    <HostAsset>
      <id>{id}</id>
      <name>srv-{number}</name>
      <created>2023-08-12T23:54:53Z</created>
      <modified>2026-11-{day:02}T03:04:05Z</modified>
      <type>HOST</type>
{tags}      <sourceInfo>
        <list>
          <AssetSource/>
        </list>
      </sourceInfo>
      <qwebHostId>{host}</qwebHostId>
      <lastVulnScan>2026-11-{day:02}T03:00:00Z</lastVulnScan>
      <lastSystemBoot>2026-04-18T13:52:39Z</lastSystemBoot>
      <lastLoggedOnUser>ACME\\jörg</lastLoggedOnUser>
      <fqdn>srv-{number}.example.com</fqdn>
      <os>Windows Server 2019 Datacenter 64 bit Edition Version 1809</os>
      <dnsHostName>srv-{number}.example.com</dnsHostName>
      <netbiosName>SRV-{number}</netbiosName>
      <agentInfo>
        <agentVersion>4.8.0.31</agentVersion>
        <agentId>2e689bb2-53ab-4a58-be0a-{host:012}</agentId>
        <status>STATUS_ACTIVE</status>
        <lastCheckedIn>2026-11-{day:02}T03:04:05Z</lastCheckedIn>
        <connectedFrom>10.0.{high}.{low}</connectedFrom>
        <chirpStatus>Inventory Scan Complete</chirpStatus>
        <platform>Windows</platform>
        <activatedModule>AGENT_VM,AGENT_PC</activatedModule>
        <manifestVersion>
          <vm>VULNSIGS-2.6.430.3-2</vm>
        </manifestVersion>
        <agentConfiguration>
          <id>8099</id>
          <name>Initial Profile</name>
        </agentConfiguration>
      </agentInfo>
      <address>10.0.{high}.{low}</address>
      <trackingMethod>QAGENT</trackingMethod>
      <manufacturer>Dell Inc.</manufacturer>
      <model>PowerEdge R740</model>
      <totalMemory>16384</totalMemory>
      <timezone>+01:00</timezone>
{lists}      <isDockerHost>false</isDockerHost>
    </HostAsset>
"""
PORT = """          <HostAssetOpenPort>
            <port>{port}</port>
            <protocol>TCP</protocol>
            <serviceId>{n}</serviceId>
            <serviceName>service {n}</serviceName>
          </HostAssetOpenPort>
"""
SOFTWARE = """          <HostAssetSoftware>
            <name>Microsoft .NET Framework {n} &amp; tools</name>
            <version>4.8.{port}</version>
          </HostAssetSoftware>
"""
VULN = """          <HostAssetVuln>
            <qid>{qid}</qid>
            <hostInstanceVulnId>{port}{n}</hostInstanceVulnId>
            <firstFound>2026-01-01T00:00:00Z</firstFound>
            <lastFound>2026-11-02T03:00:00Z</lastFound>
            <source>QUALYS</source>
          </HostAssetVuln>
"""
VOLUME = """          <HostAssetVolume>
            <name>{letter}:</name>
            <size>64424509440</size>
            <free>{port}21474836480</free>
          </HostAssetVolume>
"""
INTERFACE = """          <HostAssetInterface>
            <interfaceName>Ethernet {n}</interfaceName>
            <hostname>srv.example.com</hostname>
            <address>10.0.0.{n}</address>
            <macAddress>00:50:56:00:00:{n:02}</macAddress>
            <gatewayAddress>10.0.0.1</gatewayAddress>
          </HostAssetInterface>
"""
TAG = """          <TagSimple>
            <id>765000{n}</id>
            <name>PCI, "in scope" {n}</name>
          </TagSimple>
"""
LISTS = {
    "openPort": (PORT, 8),
    "software": (SOFTWARE, 40),
    "vuln": (VULN, 60),
    "volume": (VOLUME, 2),
    "networkInterface": (INTERFACE, 2),
}
"""Name -> a member, and how many of them an asset has."""

FIRST_ID, FIRST_HOST = 16_000_000, 6_000_000


def _listed(name: str, members: Iterable[str]) -> str:
    return f"      <{name}>\n        <list>\n{''.join(members)}        </list>\n      </{name}>\n"


def _asset(dice: random.Random, number: int) -> str:
    lists = (
        _listed(
            name,
            (
                member.format(n=n, port=dice.randint(1, 9999), qid=38_000 + dice.randrange(6000), letter="CD"[n % 2])
                for n in range(count)
            ),
        )
        for name, (member, count) in LISTS.items()
    )
    return ASSET.format(
        id=FIRST_ID + number,
        host=FIRST_HOST + number,
        number=number,
        day=dice.randint(1, 19),
        high=number >> 8 & 255,
        low=number & 255,
        tags=_listed("tags", (TAG.format(n=n) for n in range(3))),
        lists="".join(lists),
    )


def write_page(assets: int, out: TextIO) -> None:
    """Write a page of so many assets; the same bytes for the same number."""
    dice = random.Random(7)
    out.write(HEAD.format(assets=assets))
    out.writelines(_asset(dice, number) for number in range(assets))
    out.write(TAIL)


if __name__ == "__main__":
    with open(sys.argv[2], "w", encoding="utf-8", newline="\n") as page:
        write_page(int(sys.argv[1]), page)
