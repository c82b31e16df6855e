"""An outside service of electronic certificates, spoken to for real: what it says is believed only as far as agreed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from engine.materials.licences import HttpLicenceService, service_of
from engine.settings import Settings, load_settings
from storage.scan_files import UploadSink
from tests.licences import KEY, LicenceHouse, licence_house
from workflows.errors import DefinitionError, NotFound, TooLarge, Unavailable

HOLDER = "91350100M000100Y43"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LicenceHouse]:
    with licence_house(tmp_path_factory.mktemp("licences")) as house:
        yield house


@pytest.fixture
def house(running: LicenceHouse) -> LicenceHouse:
    running.trouble, running.held, running.files, running.asked = "", {}, {}, []
    return running


def settings(house: LicenceHouse, **changes: Any) -> Settings:
    usual: dict[str, Any] = {
        "database_url": "postgresql://a@127.0.0.1/a",
        "objects_url": "http://127.0.0.1:1",
        "broker_url": "redis://127.0.0.1:1",
        "key_file": Path("keys.toml"),
        "licence_url": house.url,
        "licence_key": KEY,
        "licence_ca_file": house.authority,
        "licence_seconds": 5,
    }
    return load_settings(**(usual | changes))


def service(house: LicenceHouse, **changes: Any) -> HttpLicenceService:
    return HttpLicenceService(settings(house, **changes), lambda: house.now)


@pytest.mark.parametrize("auth", ["bearer", "hmac"])
async def test_a_certificate_is_found_and_fetched(house: LicenceHouse, tmp_path: Path, auth: str) -> None:
    house.issue(HOLDER, "a", "营业执照", valid_to="2026-03-02")
    house.issue(HOLDER, "b", "营业执照", state="revoked")
    house.issue(HOLDER, "c", "开户许可证")
    house.files["a"] = PDF
    here = service(house, licence_auth=auth)
    first, second = await here.find("营业执照", "uscc", HOLDER)
    assert (first.id, first.issuer, first.number, first.valid_to) == (
        "a",
        "示例市公安局",
        "证字第a号",
        date(2026, 3, 2),
    )
    assert first.in_force(date(2026, 3, 2))
    assert not first.in_force(date(2026, 3, 3))
    assert not second.in_force(date(2026, 3, 2))
    assert await here.find("营业执照", "uscc", "another") == []
    with UploadSink(tmp_path) as sink:
        assert await here.fetch("a", sink) == "application/pdf"
        received = sink.finish("application/pdf", None)
        assert (received.size, received.path.read_bytes()) == (len(PDF), PDF)
    with UploadSink(tmp_path) as sink, pytest.raises(NotFound, match="licence_not_found"):
        await here.fetch("z", sink)


@pytest.mark.parametrize(
    ("trouble", "auth"),
    [
        ("slow", "bearer"),
        ("garbage", "bearer"),
        ("huge", "bearer"),
        ("moved", "bearer"),
        ("another_question", "bearer"),
        ("wrong_signature", "hmac"),
        ("garbage", "hmac"),
    ],
)
async def test_what_cannot_be_believed_is_told_and_stops_nobody(house: LicenceHouse, trouble: str, auth: str) -> None:
    house.trouble = trouble
    with pytest.raises(Unavailable) as found:
        await service(house, licence_auth=auth, licence_seconds=0.5).find("营业执照", "uscc", HOLDER)
    assert found.value.code == "licence_service_unavailable"
    assert "扫描纸质件" in found.value.zh
    assert HOLDER not in found.value.en
    assert len(house.asked) == 1  # no redirect was followed, nothing was asked twice


async def test_a_file_is_no_larger_than_an_upload_and_signed_where_that_is_agreed(
    house: LicenceHouse, tmp_path: Path
) -> None:
    house.files["a"] = PDF
    house.trouble = "huge"
    with UploadSink(tmp_path, 2**20) as sink, pytest.raises(TooLarge, match="file_too_large"):
        await service(house).fetch("a", sink)
    house.trouble = "wrong_signature"
    with UploadSink(tmp_path) as sink, pytest.raises(Unavailable, match="signature"):
        await service(house, licence_auth="hmac").fetch("a", sink)


async def test_only_a_server_that_we_trust_is_asked(house: LicenceHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    for changes in ({"licence_ca_file": None}, {"licence_key": "another-key-of-some-length"}):
        with pytest.raises(Unavailable):
            await service(house, **changes).find("营业执照", "uscc", HOLDER)
    assert house.asked == []
    assert await service(house).find("营业执照", "uscc", HOLDER) == []
    with pytest.raises(httpx.HTTPError):
        async with httpx.AsyncClient(trust_env=False) as stranger:
            await stranger.post(f"{house.url}/licences/search", json={})


def test_the_address_is_of_a_server_with_tls_and_comes_with_a_key(house: LicenceHouse) -> None:
    for changes in ({"licence_url": "http://127.0.0.1:1"}, {"licence_key": ""}, {"licence_key": "short"}):
        with pytest.raises(DefinitionError, match="LICENCE"):
            settings(house, **changes)
    assert service_of(settings(house, licence_url=None, licence_key=""), lambda: house.now) is None
