"""A hall of one's own: from an empty database to the first application, with the commands of the operator's guide."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.cli import cli
from engine.context import open_context
from engine.opening import Opening, open_case
from storage.db import connected
from tests.conftest import PASSWORD, Servers, settings_for
from tests.factories import START, firm
from tests.people import actor
from tests.storage.test_migrations import empty
from workflows.item import load_catalogue

ROOT = Path(__file__).parents[2]
PLACES = ROOT / "docs" / "examples" / "places.toml"
ITEM = ROOT / "workflows" / "catalogue" / "items" / "01-food-business-permit.toml"
"""The sample item, which the test makes its own department's."""
_OWN = {
    "11460100MB9A00014Q3460110001000": "11330199MB1A0001XY3460110001000",
    '"amr"': '"market"',
    '"460100"': '"330199"',
}


@pytest.fixture
def at_the_machine(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands of this process find the session's object store and keys."""
    settings = settings_for(servers, "postgresql://nobody@127.0.0.1/none")
    monkeypatch.setenv("YICHUANG_BUCKET_PREFIX", settings.bucket_prefix)
    monkeypatch.setenv("YICHUANG_OBJECTS_URL", servers.addresses.objects_url)
    monkeypatch.setenv("YICHUANG_BROKER_URL", servers.addresses.broker_url)
    monkeypatch.setenv("YICHUANG_KEY_FILE", str(servers.key_file))


@pytest.mark.usefixtures("at_the_machine")
async def test_from_nothing_to_the_first_application(
    servers: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = ITEM.read_text("utf-8")
    for sample, own in _OWN.items():
        assert sample in text
        text = text.replace(sample, own)
    item = tmp_path / "item.toml"
    item.write_text(text, "utf-8")

    async def run(*arguments: str) -> str:
        result = await asyncio.to_thread(CliRunner().invoke, cli, list(arguments))
        assert result.exit_code == 0, (arguments, result.output, result.exception)
        return result.output

    async with empty(servers, "own_hall") as database:
        monkeypatch.setenv("YICHUANG_DATABASE_URL", database.app)
        monkeypatch.setenv("YICHUANG_MIGRATION_DATABASE_URL", database.owner)
        await run("migrate")
        assert "4 of 4 added" in await run("organisation", "import", str(PLACES))
        assert "0 of 4 added" in await run("organisation", "import", str(PLACES))
        assert "330199/hall/w01\twindow\t综合窗口1号" in await run("organisation", "list")
        calendars = sorted(str(path) for path in (ROOT / "workflows" / "calendars").glob("*.toml"))
        await run("calendar", "import", *calendars)
        await run("flow", "publish", "PERMIT")
        await run("item", "import", str(item))
        await run("user", "add", "first.clerk", "--name", "示例甲", "--role", "clerk@hall", "--password", PASSWORD)
        async with connected(database.app):
            context = open_context(settings_for(servers, database.app))
            request = Opening(item=_OWN[load_catalogue()[0].code], applicant=firm())
            opened = await open_case(context, await actor("first.clerk"), request, START)
        assert opened["case"].startswith("330199")
