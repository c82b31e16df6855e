"""Databases of tests: clones of a template that are emptied and used again, for a clone costs more than most tests.

The template keeps its own rows in the schema ``kept``. A database whose definitions a test changed is not used again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import uuid4

import asyncpg

from storage.embedded import Addresses, with_database

KEEP: Final = """
CREATE SCHEMA kept;
CREATE TABLE kept.definitions (tag text);
DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('CREATE TABLE kept.%I AS TABLE public.%I', name, name);
  END LOOP;
END $$;
CREATE FUNCTION kept.note() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS
  $$ BEGIN
    IF starts_with(tg_tag, 'DROP') OR EXISTS (
      SELECT FROM pg_event_trigger_ddl_commands() WHERE schema_name IS DISTINCT FROM 'pg_temp')
    THEN INSERT INTO kept.definitions VALUES (tg_tag); END IF;
  END $$;
CREATE EVENT TRIGGER noted ON ddl_command_end EXECUTE FUNCTION kept.note();
"""
"""Run once in the template: keeps its rows aside and notes every change of a lasting definition from then on."""

_RESTORE: Final = """
SET session_replication_role = replica;
DO $$ DECLARE name text; filled boolean; BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', name) INTO filled;
    IF filled THEN
      EXECUTE format('DELETE FROM public.%I', name);
    END IF;
    EXECUTE format('INSERT INTO public.%I SELECT * FROM kept.%I', name, name);
  END LOOP;
END $$;
"""
_END_CONNECTIONS: Final = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1"


@dataclass(frozen=True)
class Database:
    """One test's own database, under the application's role, the owner's and the superuser's."""

    name: str
    app: str
    owner: str
    superuser: str


class Databases:
    """Hands out databases that are as the template is, one test after another."""

    def __init__(self, addresses: Addresses, template: str) -> None:
        self._addresses, self._template = addresses, template
        self._ready: list[str] = []

    async def take(self) -> Database:
        """A database with the template's rows and no others."""
        if not self._ready:
            self._ready.append(await self._clone())
        name = self._ready.pop()
        addresses = self._addresses
        return Database(
            name,
            with_database(addresses.database_url, name),
            with_database(addresses.migration_database_url, name),
            with_database(addresses.superuser_database_url, name),
        )

    async def give_back(self, database: Database) -> None:
        """Make it as the template is, or drop it where a test changed more than rows."""
        admin = await asyncpg.connect(self._addresses.superuser_database_url)
        try:
            await admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", database.name
            )
            if await _restored(database):
                self._ready.append(database.name)
            else:
                await admin.execute(f"DROP DATABASE {database.name} WITH (FORCE)")
        finally:
            await admin.close()

    async def _clone(self) -> str:
        name = f"t_{uuid4().hex[:16]}"
        admin = await asyncpg.connect(self._addresses.superuser_database_url)
        try:
            await admin.execute(
                f"CREATE DATABASE {name} TEMPLATE {self._template} OWNER yichuang_owner STRATEGY FILE_COPY"
            )
        finally:
            await admin.close()
        return name


async def _restored(database: Database) -> bool:
    connection = await asyncpg.connect(database.superuser)
    try:
        if await connection.fetchval("SELECT EXISTS (SELECT FROM kept.definitions)"):
            return False
        await connection.execute(_RESTORE)
    finally:
        await connection.close()
    return True
