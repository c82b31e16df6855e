"""Migrations make exactly the declared tables, by whomever and however often they are run, with the declared rights."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from piccolo.table import create_db_tables

from storage import migrate as migration
from storage.db import DB, connected
from storage.embedded import with_database
from storage.migrate import migrate, role_of
from storage.migrations import (
    m0002_constraints,
    m0004_law_constraints,
    m0006_materials_constraints,
    m0008_figures_constraints,
)
from storage.piccolo_app import APP_CONFIG
from tests.conftest import Database, Servers

COLUMNS = """
SELECT table_name, column_name, data_type, udt_name, character_maximum_length, is_nullable, column_default
FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'migration' ORDER BY 1, 2
"""
CONSTRAINTS = """
SELECT conrelid::regclass::text AS "table", contype::text AS kind, pg_get_constraintdef(oid) AS definition
FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'migration' ORDER BY 1,
2, 3
"""
INDEXES = """
SELECT tablename, regexp_replace(indexdef, 'INDEX \\S+ ON', 'INDEX ON') AS definition
FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'migration' ORDER BY 1, 2
"""
TRIGGERS = """
SELECT tgrelid::regclass::text AS "table", pg_get_triggerdef(oid) AS definition FROM pg_trigger
WHERE NOT tgisinternal ORDER BY 1, 2
"""


@asynccontextmanager
async def empty(servers: Servers, name: str) -> AsyncIterator[Database]:
    """A database with nothing in it, dropped afterwards."""
    admin = await asyncpg.connect(servers.addresses.superuser_database_url)
    await admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    await admin.execute(f"CREATE DATABASE {name} OWNER yichuang_owner TEMPLATE template0")
    try:
        addresses = servers.addresses
        yield Database(
            name,
            with_database(addresses.database_url, name),
            with_database(addresses.migration_database_url, name),
            with_database(addresses.superuser_database_url, name),
        )
    finally:
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await admin.close()


async def schema(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that can be told apart in a schema."""
    connection = await asyncpg.connect(database.superuser)
    try:
        queries = {"columns": COLUMNS, "constraints": CONSTRAINTS, "indexes": INDEXES, "triggers": TRIGGERS}
        return {name: [tuple(row) for row in await connection.fetch(query)] for name, query in queries.items()}
    finally:
        await connection.close()


async def declare(database: Database) -> None:
    """The schema as the table classes and the files of constraints declare it, without a migration."""
    folder = Path(m0002_constraints.__file__).parent
    foundation = m0002_constraints._statements((folder / "constraints.sql").read_text("utf-8"))
    law = m0004_law_constraints._statements((folder / "law.sql").read_text("utf-8"))
    async with connected(database.owner):
        await create_db_tables(*APP_CONFIG.table_classes, if_not_exists=False)
        beside = [*m0006_materials_constraints.statements(), *m0008_figures_constraints.statements()]
        for statement in [*foundation, *law, *beside]:
            await DB.run_ddl(statement)


async def test_migrations_make_exactly_the_declared_tables(servers: Servers) -> None:
    async with empty(servers, "t_migrated") as migrated, empty(servers, "t_declared") as declared:
        await migrate(migrated.owner, migrated.app)
        await declare(declared)
        found, wanted = await schema(migrated), await schema(declared)
        assert len(wanted["columns"]) > 200
        assert len({row[0] for row in found["columns"]}) == len(APP_CONFIG.table_classes)
        for part in wanted:
            assert found[part] == wanted[part], part


async def test_migrating_again_or_two_at_once_changes_nothing(servers: Servers) -> None:
    async with empty(servers, "t_migrated") as database:
        await migrate(database.owner, database.app)
        first = await schema(database)
        await migrate(database.owner, database.app)
        assert await schema(database) == first
    async with empty(servers, "t_twice") as database:
        script = (
            "import asyncio, sys; from storage.migrate import migrate; asyncio.run(migrate(*sys.stdin.read().split()))"
        )
        both = [await started(script) for _ in range(2)]
        said = await asyncio.gather(*(one.communicate(f"{database.owner} {database.app}".encode()) for one in both))
        assert [one.returncode for one in both] == [0, 0], said
        assert await schema(database) == first


async def started(script: str) -> asyncio.subprocess.Process:
    """Another process that runs a script; it ends by itself."""
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(sys.executable, "-c", script, stdin=pipe, stdout=pipe, stderr=pipe)


_TABLES = "SELECT relname FROM pg_stat_user_tables WHERE schemaname = 'public'"


async def test_the_application_has_the_rights_that_are_declared_and_no_more(database: Database) -> None:
    connection = await asyncpg.connect(database.superuser)
    role = role_of(database.app)
    try:
        names = [row["relname"] for row in await connection.fetch(_TABLES)]
        for table in names:
            rights = {
                right
                for right in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
                if await connection.fetchval("SELECT has_table_privilege($1, $2, $3)", role, table, right)
            }
            assert rights == declared_rights(table), table
        flags = await connection.fetchrow(
            "SELECT rolsuper, rolcreatedb, rolcreaterole, rolbypassrls, rolreplication FROM pg_roles"
            " WHERE rolname = $1",
            role,
        )
        assert flags is not None
        assert not any(flags.values())
        assert not await connection.fetchval("SELECT has_schema_privilege($1, 'public', 'CREATE')", role)
        assert not await connection.fetchval(
            "SELECT has_parameter_privilege($1, 'session_replication_role', 'SET')", role
        )
        owned = "SELECT count(*) FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname = $1"
        assert await connection.fetchval(owned, role) == 0
    finally:
        await connection.close()


def declared_rights(table: str) -> set[str]:
    if table == "migration":
        return {"SELECT"}
    rights = {"SELECT", "INSERT"}
    if table not in {*migration.APPEND_ONLY, *migration.WRITTEN_ONCE, *migration.CHANGEABLE}:
        rights.add("UPDATE")
    return rights | ({"DELETE"} if table in migration.PASSING else set())


async def test_an_owner_that_is_also_the_application_is_found_out(database: Database) -> None:
    """Whoever could rewrite the trail is told apart from who cannot."""
    answers = []
    for url in (database.app, database.owner, database.superuser):
        connection = await asyncpg.connect(url)
        answers.append(await migration.can_rewrite_trail(connection))
        await connection.close()
    assert answers == [False, True, True]


async def test_a_migration_that_cannot_run_says_so(servers: Servers) -> None:
    async with empty(servers, "t_migrated") as database:
        owner = await asyncpg.connect(database.owner)
        await owner.execute("CREATE TABLE cases (id int)")
        await owner.close()
        with pytest.raises(Exception, match=r"cases|migration failed"):
            await migrate(database.owner, database.app)
