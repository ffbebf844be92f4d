"""Draws assets, tags and asset groups: the same seed, host and time always give the same."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Optional

from ..clock import DAY_S, seconds
from ..hosts import TAGS, draw_uuid
from ..model import Finding, Host
from . import words
from .model import Agent, Asset, AssetGroup, FullTag, Interface, Port

CREATED_FROM_S = seconds("2023-01-01")
"""No asset is older."""
FIRST_GROUP, GROUPS = 400, 20
MOST_SOFTWARE = 1500
_SIZES = (0, 1, 5, 12, 25, 40, 60)
"""How many products hosts have; each fiftieth has `MOST_SOFTWARE`."""


def draw_asset(seed: int, host: Host, number: int, findings: Sequence[Finding]) -> Asset:
    """The asset of `host`, whose ordinal is `number`. What changes with each processing: user, boot, one version."""
    rng = random.Random(f"{seed}/asset/{host.id}")
    lately = random.Random(f"{seed}/asset/{host.id}/{host.processed_at}")
    scanned = rng.random() < 0.8
    manufacturer, model, bios = rng.choice(words.MACHINES)
    windows = "Windows" in host.os
    return Asset(
        host=host,
        name=host.hostname if rng.random() < 0.9 else f'{host.hostname} "old", <spare> & Söhne',
        created_at=CREATED_FROM_S + rng.randrange(600 * DAY_S),
        booted_at=host.processed_at - lately.randrange(20 * DAY_S) if scanned else None,
        last_user=lately.choice(words.ACCOUNTS) if scanned else None,
        manufacturer=manufacturer if scanned else None,
        model=model if scanned else None,
        memory=rng.choice((2048, 16_384, 9_007_199_254_740_993)) if scanned else None,
        timezone=rng.choice(words.TIMEZONES) if scanned else None,
        bios=bios if scanned else None,
        agent=_agent(rng, host) if host.tracking_method == "AGENT" else None,
        ports=_ports(rng),
        software=_software(rng, lately, number),
        vulns=tuple((each.qid, each.unique_vuln_id, each.first_found_at, each.last_found_at) for each in findings),
        processors=tuple(rng.sample(words.PROCESSORS, rng.randint(0, 2))) if scanned else (),
        volumes=_volumes(rng, lately) if scanned else (),
        accounts=tuple(rng.sample(words.ACCOUNTS, rng.randint(0, 3))),
        interfaces=_interfaces(rng, host, windows=windows),
    )


def _agent(rng: random.Random, host: Host) -> Agent:
    return Agent(
        id=host.qg_hostid or draw_uuid(rng),
        version="4.8.0.31",
        platform="Windows" if "Windows" in host.os else "Linux",
        status=rng.choice(("STATUS_ACTIVE", "STATUS_INACTIVE")),
        checked_in_at=host.processed_at,
        connected_from=host.ip,
        activation_id=draw_uuid(rng),
        module=rng.choice(words.MODULES),
    )


def _ports(rng: random.Random) -> tuple[Port, ...]:
    chosen = rng.sample(words.SERVICES, rng.randint(0, len(words.SERVICES)))
    return tuple(Port(port, protocol, ident or None, name or None) for port, protocol, ident, name in sorted(chosen))


def _software(rng: random.Random, lately: random.Random, number: int) -> tuple[tuple[str, str], ...]:
    size = MOST_SOFTWARE if number % 50 == 7 else rng.choice(_SIZES)
    if not size:
        return ()
    products = [
        (words.PRODUCTS[place % len(words.PRODUCTS)].format(place), rng.choice(words.VERSIONS)) for place in range(size)
    ]
    products[0] = (products[0][0], f"{lately.randint(1, 9)}.{lately.randint(0, 99)}")
    return tuple(products)


def _volumes(rng: random.Random, lately: random.Random) -> tuple[tuple[str, int, int], ...]:
    sizes = ((name, rng.randint(1, 900) << 30) for name in rng.sample(words.VOLUMES, rng.randint(0, 3)))
    return tuple((name, size, lately.randrange(size)) for name, size in sizes)


def _interfaces(rng: random.Random, host: Host, *, windows: bool) -> tuple[Interface, ...]:
    if rng.random() < 0.1:
        return (Interface(host.ip),)
    mac = ":".join(f"{rng.getrandbits(8):02x}" for _ in range(6))
    first = Interface(
        address=host.ip,
        name='Intel(R) "PRO/1000" MT & <x>' if windows else "eth0",
        hostname=host.dns or None,
        mac=mac,
        gateway=f"{host.ip.rpartition('.')[0]}.1",
        type="PRIVATE" if host.cloud else None,
        ident=f"eni-{rng.getrandbits(32):08x}" if host.cloud and host.cloud.provider == "AWS" else None,
    )
    return (first, Interface(host.ipv6, name=first.name, mac=mac)) if host.ipv6 else (first,)


def draw_tags(epoch_s: int) -> tuple[FullTag, ...]:
    """The tags that hosts have, below those that the platform itself made; each third hangs under one of these."""
    made = CREATED_FROM_S
    roots = (
        FullTag(ident, name, made, made, "#FFFFFF", reserved=name.upper().replace(" ", "_"))
        for ident, name in words.PARENTS
    )
    return (*roots, *(draw_tag(tag.id, tag.name, place, epoch_s) for place, tag in enumerate(TAGS)))


def draw_tag(ident: int, name: str, place: int, at: int) -> FullTag:
    """A tag made some time before `at`; `place` decides on its rule and its parent."""
    rng = random.Random(f"tag/{ident}")
    rule_type, rule_text = words.RULES[place % len(words.RULES)]
    created_at = at - rng.randrange(1, 400 * DAY_S)
    parent = words.PARENTS[place % len(words.PARENTS)][0] if place % 2 else None
    return FullTag(
        id=ident,
        name=name,
        created_at=created_at,
        modified_at=created_at + rng.randrange(max(at - created_at, 1)),
        color=words.COLORS[place % len(words.COLORS)],
        parent_id=parent,
        rule_type=rule_type,
        rule_text=rule_text,
        group_id=FIRST_GROUP + place if parent == words.PARENTS[0][0] else None,
    )


def draw_group(ident: int, epoch_s: int, host_ids: Sequence[int]) -> AssetGroup:
    """The asset group `ident`; each fifth holds no addresses at all."""
    rng = random.Random(f"group/{ident}")
    place = ident - FIRST_GROUP
    return AssetGroup(
        id=ident,
        title=words.TITLES[place % len(words.TITLES)].format(ident),
        owner_id=17_729_931,
        unit_id=rng.choice((0, 77_001)),
        updated_at=epoch_s - rng.randrange(300 * DAY_S),
        addresses=() if place % 5 == 4 else _addresses(rng, place),
        host_ids=tuple(host_ids),
        domains=("example.com",) if place % 3 == 0 else (),
        dns=(f"host-{ident}.example.com",) if place % 4 == 1 else (),
        impact=rng.choice(words.IMPACTS),
        comments='See "wiki";\nnext line & <b>' if place % 3 == 1 else "",
    )


def _addresses(rng: random.Random, place: int) -> tuple[tuple[str, Optional[int]], ...]:
    start = f"10.{place // 256}.{place % 256}"
    return (
        (f"{start}.{rng.randint(1, 9)}", None),
        (f"{start}.16-{start}.{rng.randint(17, 254)}", 1001 if place % 3 == 2 else None),
    )
