"""Constraints, indexes and triggers beside the tables of the first migration."""

from pathlib import Path

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from storage.db import DB

ID = "2026-11-20T00:00:00:000002"
VERSION = "1.38.0"
DESCRIPTION = "constraints, indexes, append-only trail"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="yichuang", description=DESCRIPTION)

    async def run() -> None:
        for statement in _statements((Path(__file__).parent / "constraints.sql").read_text("utf-8")):
            await DB.run_ddl(statement)

    manager.add_raw(run)
    return manager


def _statements(text: str) -> list[str]:
    """Split at semicolons that end a line, keeping function bodies between dollar quotes whole."""
    found, current, quoted = [], [], False
    for line in text.splitlines():
        if line.startswith("--"):
            continue
        current.append(line)
        quoted ^= line.count("$$") % 2 == 1
        if line.rstrip().endswith(";") and not quoted:
            found.append("\n".join(current).strip())
            current = []
    return found
