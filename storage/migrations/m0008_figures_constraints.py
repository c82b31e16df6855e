"""Constraints and indexes beside the tables of the fifth migration, one file for each subject."""

from pathlib import Path

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from storage.db import DB

ID = "2026-11-21T00:00:00:000008"
VERSION = "1.38.0"
DESCRIPTION = "constraints and indexes of proof and figures"
FOLDER = Path(__file__).parent / "figures"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="yichuang", description=DESCRIPTION)

    async def run() -> None:
        for statement in statements():
            await DB.run_ddl(statement)

    manager.add_raw(run)
    return manager


def statements() -> list[str]:
    """Every statement of every file, in the order of their names; split at semicolons that end a line."""
    lines = (line for path in sorted(FOLDER.glob("*.sql")) for line in path.read_text("utf-8").splitlines())
    kept = (line for line in lines if not line.startswith("--"))
    return [found.strip() for found in ("\n".join(kept) + "\n").split(";\n") if found.strip()]
