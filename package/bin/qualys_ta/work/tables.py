"""The lookups as what the stores of the checkpoint folder hold: written after a pull, and again when they got lost."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path

from ..model import Table
from ..populator import host_list, knowledge_tables
from ..populator.asset_lists import ASSET_LISTS
from ..splunk.asset_store import AssetStore, lists_path
from ..splunk.hosts import KnownHosts, hosts_path
from ..splunk.knowledge_store import KnowledgeStore
from ..splunk.lookups import lost, write_tables

TEXTS, SLIM, NONE = "texts", "slim", "none"
"""What of the knowledge base becomes lookups."""


def write_knowledge(app_home: Path, store: KnowledgeStore, what: str) -> tuple[str, ...]:
    """Write what the store does not note as written; returns the names of its lookups that have rows to lose."""
    with_texts = what == TEXTS
    tables = {} if what == NONE else knowledge_tables.tables(with_texts)
    if tables:
        write_tables(app_home, tables, store.entries(knowledge_tables.fetched(with_texts)))
    store.published(what)
    return tuple(name for name in tables if not lost(app_home, (name,)))


def write_gone(app_home: Path, hosts: KnownHosts) -> tuple[str, ...]:
    """Write the hosts that are gone; returns the name of the lookup, if it has rows to lose."""
    with hosts.rows_of_gone() as rows:
        write_tables(app_home, {host_list.GONE_TABLE: Table(host_list.GONE_COLUMNS, iter)}, [rows])
    return (host_list.GONE_TABLE,) if rows else ()


def write_lists(app_home: Path, store: AssetStore) -> tuple[str, ...]:
    """Write tags and asset groups; returns the names of the lookups that have rows to lose."""
    written = []
    for which in ASSET_LISTS:
        with store.rows(which) as rows:
            write_tables(app_home, {which.table: Table(which.header, iter)}, [rows])
        if rows:
            written.append(which.table)
    return tuple(written)


def restore(folder: Path, app_home: Path, lookups: Mapping[str, str]) -> dict[str, str]:
    """Write the lookups again from their stores: name of the lookup -> name of the store. Returns those that it could.

    A store that is lost, too, is left to the next pull. Raises as the stores do.
    """
    written: dict[str, str] = {}
    for source in sorted(set(lookups.values())):
        path = folder / source
        if path.exists():
            written.update(dict.fromkeys(_restored(path, app_home), source))
    return written


def _restored(path: Path, app_home: Path) -> tuple[str, ...]:
    if path == lists_path(path.parent):
        with contextlib.closing(AssetStore(path)) as store:
            return write_lists(app_home, store)
    if path == hosts_path(path.parent):
        with contextlib.closing(KnownHosts(path, account="")) as hosts:
            return write_gone(app_home, hosts)
    with contextlib.closing(KnowledgeStore(path, knowledge_tables.KEPT)) as knowledge:
        return write_knowledge(app_home, knowledge, knowledge.published_as() or NONE)
