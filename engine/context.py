"""What every operation needs at hand: settings, keys, published flows and items, the calendar."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from engine.settings import Settings
from storage import calendars, catalogues
from storage.objects import ObjectStore
from storage.sealing import Sealer, load_key_file
from workflows.calendar import Calendar, build_calendar
from workflows.clock import HallHours
from workflows.errors import DefinitionError, NotFound
from workflows.flow import Flow, parse_flow
from workflows.item import ItemVersion, from_wire
from workflows.place import Hours

_CALENDAR_FRESH: Final = timedelta(seconds=30)
"""How long an imported calendar may take to reach a running process."""


@dataclass
class Context:
    """One process's view of what is published. Published versions never change, so they are kept once read."""

    settings: Settings
    sealer: Sealer
    objects: ObjectStore
    wake: Callable[[], None] = lambda: None
    """Called after a commit that left work in the outbox; a process that serves requests sets it."""
    _flows: dict[tuple[str, int], Flow] = field(default_factory=dict)
    _items: dict[UUID, ItemVersion] = field(default_factory=dict)
    _hours: dict[str, HallHours] = field(default_factory=dict)
    _calendar: Calendar | None = None
    _calendar_read: datetime | None = None
    _calendar_stamp: int = 0

    async def flow(self, name: str, version: int | None = None, *, on: date | None = None) -> Flow:
        """A published flow, by default in its newest version.

        :param on: a day of the hall; with it, the newest version under which cases are opened that day.
        :raises NotFound: ``flow_not_found``.
        """
        chosen = version if version is not None else await self._newest(name, on)
        if (name, chosen) not in self._flows:
            source = await catalogues.flow_source(name, chosen)
            if source is None:
                number, number_en = (f"的第{version}版", f"version {version} of ") if version is not None else ("", "")
                raise NotFound(
                    "flow_not_found", f"没有已发布的流程“{name}”{number}。", f"There is no {number_en}flow {name}."
                )
            self._flows[name, chosen] = parse_flow(source, f"{name}.toml")
        return self._flows[name, chosen]

    async def _newest(self, name: str, on: date | None) -> int:
        """The number of the newest version; 0 where there is none."""
        heads = [row for row in await catalogues.flow_heads() if row["name"] == name]
        begun = (row["version"] for row in heads if on is None or (row["in_force_from"] or on) <= on)
        return max(begun, default=0)

    async def newest_flows(self) -> list[Flow]:
        """The newest published version of every flow."""
        newest = {row["name"]: row["version"] for row in await catalogues.flow_heads()}
        return [await self.flow(name, version) for name, version in newest.items()]

    async def item(self, key: UUID) -> ItemVersion:
        """The item version that a case is pinned to."""
        known = self._items.get(key)
        if known is None:
            row = await catalogues.item_by_id(key)
            if row is None:
                raise NotFound("item_not_found", "没有该事项。", "There is no such item.")
            known = self._items[key] = from_wire(row["data"])
        return known

    async def calendar(self, now: datetime, stamp: int = 0) -> Calendar:
        """The calendar in force, read again when it is older than half a minute, or than ``stamp`` says at once.

        :param now: UTC. :param stamp: how many editions there are, where the caller has read it (with the case).
        :raises DefinitionError: ``no_calendar`` before any year was imported.
        """
        old = self._calendar_read is None or now - self._calendar_read > _CALENDAR_FRESH
        if self._calendar is None or old or stamp > self._calendar_stamp:
            self._calendar = await self._newest_calendar()
            self._calendar_read = now
        return self._calendar

    async def _newest_calendar(self) -> Calendar:
        """The calendar that was read before, or another one where an edition has come since."""
        stamp = await calendars.stamp()
        if self._calendar is not None and stamp == self._calendar_stamp:
            return self._calendar
        editions = await calendars.in_force()
        if not editions:
            raise DefinitionError(
                "no_calendar",
                "尚未导入工作日历，无法计算期限。请运行 yichuang calendar import。",
                "No working-day calendar has been imported; run yichuang calendar import.",
            )
        found = build_calendar(editions)
        self._calendar_stamp = stamp
        return found

    def hours(self, stored: dict[str, Any] | None) -> HallHours:
        """The hall's hours as the clocks need them: its zone, its first opening and its last closing."""
        name = json.dumps(stored, sort_keys=True)
        if name not in self._hours:
            self._hours[name] = _hours(stored)
        return self._hours[name]


def _hours(stored: dict[str, Any] | None) -> HallHours:
    if stored is None:
        return HallHours()
    hours = msgspec.convert(stored, Hours)
    return HallHours(ZoneInfo(hours.zone), hours.sessions[0][0], hours.sessions[-1][1])


def open_context(settings: Settings) -> Context:
    """The context of a process, before it is connected.

    :raises DefinitionError: ``key_file_wrong`` when the keys cannot be read.
    """
    try:
        sealer = load_key_file(settings.key_file)
    except ValueError as problem:
        raise DefinitionError(
            "key_file_wrong",
            f"密钥文件无法使用（YICHUANG_KEY_FILE）：{problem}",
            f"The key file cannot be used (YICHUANG_KEY_FILE): {problem}",
        ) from problem
    encrypted = settings.object_encryption == "sse-s3"
    objects = ObjectStore(settings.objects_url.get_secret_value(), settings.bucket_prefix, encrypted=encrypted)
    return Context(settings, sealer, objects)
