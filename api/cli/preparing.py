"""Brings an installation to this version: database, object store, and the sample hall if asked for."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from engine.sample import load_sample
from engine.settings import Settings
from storage.db import connected
from storage.migrate import migrate as migrate_database
from storage.objects import ObjectStore


async def prepare(settings: Settings, *, sample: bool) -> dict[str, str]:
    """Migrate, make the buckets, and load the sample hall if asked; the passwords that were made."""
    app_url = settings.database_url.get_secret_value()
    owner = settings.migration_database_url
    await migrate_database(owner.get_secret_value() if owner else app_url, app_url)
    encrypted = settings.object_encryption == "sse-s3"
    store = ObjectStore(settings.objects_url.get_secret_value(), settings.bucket_prefix, encrypted=encrypted)
    await asyncio.to_thread(store.ensure_buckets)
    if not sample:
        return {}
    async with connected(app_url):
        return await load_sample(datetime.now(UTC))
