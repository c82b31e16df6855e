"""The tables that contractors are scored by: published once, read by every assessment that was opened under them."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from storage import access, assessment_tables
from storage.db import Connection, transaction
from workflows.actor import SYSTEM
from workflows.assessment import AssessmentTable, packaged_table, packaged_text, parse_table
from workflows.errors import Conflict, NotFound

NAME: Final = "monthly"
"""The name of the table by which months are scored."""
_READ: Final[dict[UUID, AssessmentTable]] = {}
"""Published versions never change, so they are kept once read."""


async def import_table(text: str, filename: str, now: datetime) -> bool:
    """Publish a table, as the machine's owner, on the record; False when this very version is there.

    :param text: TOML or JSON. :param now: UTC.
    :raises DefinitionError: ``definition_not_wellformed``.
    :raises Conflict: ``version_taken`` by another text; ``version_out_of_order`` below one that is published;
        ``table_name_wrong`` for a name by which nothing is scored.
    """
    table = parse_table(text, filename)
    if table.name != NAME:
        raise Conflict("table_name_wrong", f"考核表的名称应为 {NAME}。", f"The table's name must be {NAME}.")
    async with transaction() as connection:
        await _published(connection)
        done = await _put(connection, table, text, now)
        if done:
            row = {"at": now, "actor": SYSTEM.person, "subject": f"table:{table.name}", "action": "table.import"}
            await access.add(connection, row | {"purpose": "命令行导入", "version": table.version})
    return done


async def _put(connection: Connection, table: AssessmentTable, text: str, now: datetime) -> bool:
    digest = hashlib.sha256(text.encode()).hexdigest()
    known = await assessment_tables.of_version(connection, table.name, table.version)
    if known is not None and known["digest"] != digest:
        raise Conflict(
            "version_taken",
            f"第{table.version}版已发布且内容不同，请使用新的版本号。",
            f"Version {table.version} is published with another text; use a new number.",
        )
    newest = await assessment_tables.newest(connection, table.name)
    if known is None and newest is not None and newest["version"] > table.version:
        raise Conflict(
            "version_out_of_order",
            f"已发布第{newest['version']}版，新版本号应大于它。",
            f"Version {newest['version']} is published; a new one needs a higher number.",
        )
    return await assessment_tables.publish(connection, table.name, table.version, text, digest, now)


async def newest_table(connection: Connection, now: datetime) -> tuple[UUID, AssessmentTable]:
    """The table by which a month is scored that is opened now; the packaged one is published where there is none.

    :param now: UTC.
    """
    row = await _published(connection)
    if row is None:
        await _put(connection, packaged_table(), packaged_text(), now)
        row = await _published(connection)
    if row is None:
        raise LookupError(NAME)
    return row["id"], _of(row)


async def _published(connection: Connection) -> dict[str, Any] | None:
    return await assessment_tables.newest(connection, NAME)


async def table_of(key: UUID) -> AssessmentTable:
    """A published version. :raises NotFound: ``table_not_found``."""
    if key not in _READ:
        row = await assessment_tables.read(key)
        if row is None:
            raise NotFound("table_not_found", "没有该考核表版本。", "There is no such version of the table.")
        _of(row)
    return _READ[key]


def _of(row: dict[str, Any]) -> AssessmentTable:
    return _READ.setdefault(row["id"], parse_table(row["source"], f"{row['name']}.toml"))


async def table_in_force() -> AssessmentTable:
    """The newest published version, or the packaged one before any was."""
    async with transaction() as connection:
        row = await _published(connection)
    return packaged_table() if row is None else _of(row)
