"""What is wrong with an installation is said at once, by name, without showing a secret."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.context import open_context
from engine.settings import Settings, load_settings
from storage.sealing import new_key_file
from workflows.errors import DefinitionError

RIGHT = {
    "YICHUANG_DATABASE_URL": "postgresql://app:s3cret-db@127.0.0.1:5432/yc",
    "YICHUANG_OBJECTS_URL": "http://access:s3cret-s3@127.0.0.1:9000",
    "YICHUANG_BROKER_URL": "redis://:s3cret-redis@127.0.0.1:6379/0",
    "YICHUANG_KEY_FILE": "/nowhere/keys.toml",
}


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings but those of the test."""
    for name in [name for name in os.environ if name.startswith("YICHUANG_")]:
        monkeypatch.delenv(name)


def environment(monkeypatch: pytest.MonkeyPatch, **more: str) -> None:
    for name, value in (RIGHT | {f"YICHUANG_{name.upper()}": value for name, value in more.items()}).items():
        monkeypatch.setenv(name, value)


def refusal() -> DefinitionError:
    with pytest.raises(DefinitionError) as found:
        load_settings()
    assert found.value.code == "settings_wrong"
    return found.value


def test_production_is_the_same_program_with_three_addresses_and_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    environment(monkeypatch)
    settings = load_settings()
    assert settings.database_url.get_secret_value() == RIGHT["YICHUANG_DATABASE_URL"]
    assert (settings.port, settings.sign_in_failures, settings.idle_minutes) == (8000, 5, 15)


def test_what_is_missing_is_listed_at_once() -> None:
    found = refusal()
    named = [line.partition(":")[0] for line in found.extra["settings"]]
    assert named == list(RIGHT)
    assert all(name in found.zh and name in found.en for name in RIGHT)


def test_everything_wrong_is_listed_at_once_by_name_and_no_value_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    environment(
        monkeypatch,
        database_url="mysql://app:s3cret-db@127.0.0.1/yc",
        broker_url="carrier-pigeon://s3cret-redis",
        port="70000",
        bucket_prefix="Not A Bucket",
        digest_algorithm="md5",
        secure_cookies="perhaps",
        worker_processes="0",
    )
    found = refusal()
    named = {line.partition(":")[0] for line in found.extra["settings"]}
    assert named == {
        f"YICHUANG_{name}"
        for name in ("DATABASE_URL", "BROKER_URL", "PORT", "BUCKET_PREFIX", "DIGEST_ALGORITHM", "SECURE_COOKIES",
                     "WORKER_PROCESSES")
    }  # fmt: skip
    for text in (found.zh, found.en, str(found), *found.extra["settings"]):
        assert "s3cret" not in text


def test_a_file_gives_what_the_environment_does_not(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('port = 8100\nhost = "0.0.0.0"\nidle_minutes = 20\n', "utf-8")
    environment(monkeypatch, settings=str(file), port="8200")
    settings = load_settings(idle_minutes=25)
    assert (settings.host, settings.port, settings.idle_minutes) == ("0.0.0.0", 8200, 25)


@pytest.mark.parametrize("text", ["port = ", "colour = 'red'\n", None])
def test_a_wrong_settings_file_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "settings.toml"
    if text is not None:
        file.write_text(text, "utf-8")
    environment(monkeypatch, settings=str(file))
    (line,) = refusal().extra["settings"]
    assert line.startswith(("YICHUANG_SETTINGS:", "YICHUANG_COLOUR:"))


def test_secrets_do_not_show_when_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    environment(monkeypatch)
    settings = load_settings()
    assert "s3cret" not in repr(settings) + str(settings) + str(settings.model_dump())
    with pytest.raises(Exception, match="frozen"):
        settings.port = 1
    assert isinstance(settings, Settings)


def test_a_wrong_key_file_is_refused_before_anything_starts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment(monkeypatch)
    with pytest.raises(DefinitionError) as found:
        open_context(load_settings())
    assert found.value.code == "key_file_wrong"
    assert "YICHUANG_KEY_FILE" in found.value.zh
    path = tmp_path / "keys.toml"
    new_key_file(path)
    environment(monkeypatch, key_file=str(path))
    assert open_context(load_settings()).sealer.current == "k1"


def test_a_gateway_needs_its_key_and_a_long_one(monkeypatch: pytest.MonkeyPatch) -> None:
    environment(monkeypatch, sms_url="http://sms.example.cn/send", voice_url="ftp://voice", voice_key="short")
    monkeypatch.setenv("YICHUANG_SMTP_URL", "http://mail.example.cn")
    lines = {line.partition(":")[0]: line for line in refusal().extra["settings"]}
    assert set(lines) == {f"YICHUANG_{name}" for name in ("SMS_KEY", "VOICE_URL", "VOICE_KEY", "SMTP_URL")}
    assert "YICHUANG_SMS_URL" in lines["YICHUANG_SMS_KEY"]
    assert not any("short" in line or "example" in line for line in lines.values())
