"""Constraints and indexes beside the tables of the third migration."""

from pathlib import Path

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from storage.db import DB

ID = "2026-11-21T00:00:00:000004"
VERSION = "1.38.0"
DESCRIPTION = "constraints and indexes of the law"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="yichuang", description=DESCRIPTION)

    async def run() -> None:
        for statement in _statements((Path(__file__).parent / "law.sql").read_text("utf-8")):
            await DB.run_ddl(statement)

    manager.add_raw(run)
    return manager


def _statements(text: str) -> list[str]:
    """Split at semicolons that end a line; there are no function bodies here."""
    lines = (line for line in text.splitlines() if not line.startswith("--"))
    return [found.strip() for found in "\n".join(lines).split(";\n") if found.strip()]
