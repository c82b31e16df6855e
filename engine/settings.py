"""Settings, typed, from the environment (``YICHUANG_…``) and a TOML file; what is wrong is listed at once, by name."""

from __future__ import annotations

import os
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, FilePath, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from workflows.errors import DefinitionError, Malformed
from workflows.identification import read_format
from workflows.risk import weights
from workflows.webhook import read_networks

_SHORTEST_KEY = 16


def _with_scheme(*schemes: str) -> Any:
    def check(value: SecretStr) -> SecretStr:
        found = urlsplit(value.get_secret_value()).scheme
        if found not in schemes:
            raise ValueError(f"must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}")
        return value

    return AfterValidator(check)


def _networks(text: str) -> str:
    read_networks(text)
    return text


def _card_format(text: str) -> str:
    read_format(text)
    return text


def _risk_weights(changed: dict[str, int]) -> dict[str, int]:
    try:
        weights(changed)
    except Malformed as refusal:
        raise ValueError(refusal.en) from None
    return changed


def _long_enough(key: SecretStr) -> SecretStr:
    if 0 < len(key.get_secret_value()) < _SHORTEST_KEY:
        raise ValueError(f"must be empty or at least {_SHORTEST_KEY} characters long")
    return key


GatewayUrl = Annotated[SecretStr, _with_scheme("http", "https")]
GatewayKey = Annotated[SecretStr, Field(validate_default=True), AfterValidator(_long_enough)]
DatabaseUrl = Annotated[SecretStr, _with_scheme("postgresql", "postgres")]


class Settings(BaseSettings):
    """Everything that differs between two installations. The first three and the key file have no default."""

    model_config = SettingsConfigDict(env_prefix="YICHUANG_", extra="forbid", frozen=True)

    database_url: DatabaseUrl
    objects_url: Annotated[SecretStr, _with_scheme("http", "https")]
    broker_url: Annotated[SecretStr, _with_scheme("redis", "rediss", "redis+socket", "amqp", "amqps")]
    key_file: Path
    migration_database_url: DatabaseUrl | None = None

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    public_url: str = ""
    secure_cookies: bool = False
    database_connections: Annotated[int, Field(ge=2, le=200)] = 16
    bucket_prefix: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,30}$")] = "yichuang"
    upload_max_bytes: Annotated[int, Field(ge=1024, le=2**31)] = 50 * 2**20
    upload_dir: Path | None = None
    faces_dir: Path | None = None
    seals_dir: Path | None = None
    payload_max_bytes: Annotated[int, Field(ge=1024, le=16 * 2**20)] = 256 * 2**10
    session_hours: Annotated[int, Field(ge=1, le=24)] = 12
    idle_minutes: Annotated[int, Field(ge=1, le=720)] = 15
    sign_in_failures: Annotated[int, Field(ge=1, le=20)] = 5
    lock_minutes: Annotated[int, Field(ge=1, le=1440)] = 30
    status_asks_phone: bool = True
    status_minutes: Annotated[int, Field(ge=1, le=60)] = 15
    digest_algorithm: Literal["sha256", "sm3"] = "sha256"
    object_encryption: Literal["none", "sse-s3"] = "none"
    scrub_seconds: Annotated[int, Field(ge=10, le=86400)] = 600
    scrub_bytes: Annotated[int, Field(ge=2**20, le=2**40)] = 256 * 2**20
    link_seconds: Annotated[int, Field(ge=5, le=300)] = 300
    worker_processes: Annotated[int, Field(ge=1, le=64)] = 2
    outbox_attempts: Annotated[int, Field(ge=1, le=50)] = 8
    outbox_resend_seconds: Annotated[int, Field(ge=1, le=3600)] = 60
    sweep_seconds: Annotated[int, Field(ge=1, le=3600)] = 30
    webhook_networks: Annotated[str, AfterValidator(_networks)] = ""
    webhook_plain_http: bool = False
    webhook_ca_file: FilePath | None = None
    webhook_seconds: Annotated[float, Field(ge=0.1, le=60)] = 10.0
    webhook_attempts: Annotated[int, Field(ge=1, le=50)] = 12
    passing_days: Annotated[int, Field(ge=1, le=3650)] = 30
    dossier_days: Annotated[int, Field(ge=1, le=366)] = 7
    export_days: Annotated[int, Field(ge=1, le=366)] = 7
    webhook_dead_limit: Annotated[int, Field(ge=1, le=1000)] = 20
    explanation_days: Annotated[int, Field(ge=1, le=30)] = 3
    checkpoint_key_file: Path | None = None
    checkpoint_years: Annotated[int, Field(ge=1, le=100)] = 30
    archive_days: Annotated[int, Field(ge=1, le=366)] = 30
    rating_days: Annotated[int, Field(ge=1, le=366)] = 30
    paper_return_days: Annotated[int, Field(ge=1, le=250)] = 10
    audit_same_minute_seconds: Annotated[int, Field(ge=1, le=3600)] = 60
    audit_margin_minutes: Annotated[int, Field(ge=0, le=600)] = 30
    audit_claim_minutes: Annotated[int, Field(ge=1, le=100_000)] = 60
    audit_unmask_days: Annotated[int, Field(ge=0, le=366)] = 7
    audit_burst_acts: Annotated[int, Field(ge=2, le=10_000)] = 30
    audit_burst_minutes: Annotated[int, Field(ge=1, le=600)] = 5
    audit_risk_weights: Annotated[dict[str, int], AfterValidator(_risk_weights)] = {}
    access_log_months: Annotated[int, Field(ge=6, le=600)] = 36
    sms_url: GatewayUrl | None = None
    sms_key: GatewayKey = SecretStr("")
    voice_url: GatewayUrl | None = None
    voice_key: GatewayKey = SecretStr("")
    call_url: GatewayUrl | None = None
    call_key: GatewayKey = SecretStr("")
    courier_url: GatewayUrl | None = None
    courier_key: GatewayKey = SecretStr("")
    licence_url: Annotated[SecretStr, _with_scheme("https")] | None = None
    licence_key: GatewayKey = SecretStr("")
    licence_auth: Literal["bearer", "hmac"] = "bearer"
    licence_ca_file: FilePath | None = None
    licence_seconds: Annotated[float, Field(ge=0.1, le=60)] = 5.0
    card_reader: Annotated[str, AfterValidator(_card_format)] = "name|sex|ethnicity|born|address|number"
    smtp_url: Annotated[SecretStr, _with_scheme("smtp", "smtps")] | None = None
    mail_from: Annotated[str, Field(pattern=r"^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,190}$")] = "noreply@localhost"
    gateway_seconds: Annotated[float, Field(gt=0, le=60)] = 10
    gateway_per_second: Annotated[float, Field(gt=0, le=1000)] = 10
    gateway_burst: Annotated[int, Field(ge=1, le=1000)] = 10
    notification_hours: Annotated[int, Field(ge=1, le=720)] = 72
    quiet_from: time = time(21)
    quiet_until: time = time(8)
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("sms_key", "voice_key", "call_key", "courier_key", "licence_key")
    @classmethod
    def _keyed(cls, key: SecretStr, info: ValidationInfo) -> SecretStr:
        """A gateway is spoken to with a key, and signs what it reports with it."""
        address = str(info.field_name).replace("_key", "_url")
        if info.data.get(address) is not None and not key.get_secret_value():
            raise ValueError(f"is needed with YICHUANG_{address.upper()}")
        return key

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # the signature is the library's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # idem
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then the file that ``YICHUANG_SETTINGS`` names."""
        named = os.environ.get("YICHUANG_SETTINGS")
        if named and not Path(named).is_file():
            raise FileNotFoundError(f"there is no file {named}")
        files = (TomlConfigSettingsSource(settings_cls, Path(named)),) if named else ()
        return (init_settings, env_settings, *files)


def load_settings(**given: Any) -> Settings:
    """Read the settings.

    :raises DefinitionError: ``settings_wrong``, naming every setting that is missing or wrong; values are never shown.
    """
    try:
        return Settings(**given)
    except ValidationError as problem:
        lines = [
            f"YICHUANG_{'.'.join(str(part) for part in error['loc']).upper()}: {error['msg']}"
            for error in problem.errors(include_input=False, include_url=False)
        ]
    except (OSError, ValueError) as problem:
        lines = [f"YICHUANG_SETTINGS: {problem}"]
    listed = "\n".join(lines)
    raise DefinitionError(
        "settings_wrong",
        f"配置有误，请更正以下各项后重新启动：\n{listed}",
        f"These settings are missing or wrong; correct them and start again:\n{listed}",
        settings=lines,
    )
