"""``yichuang up``: three servers, the API, the worker, the relay and the timer on one machine, under one supervisor."""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from pathlib import Path
from typing import Any, Final
from urllib.error import URLError
from urllib.request import urlopen

import click
import uvloop
from pydantic import SecretStr

from api.cli.addresses import embedded_values
from api.cli.preparing import prepare
from engine.checkpoints.checkpointing import KEY_FILE
from engine.settings import Settings, load_settings
from storage.checkpoint_keys import new_checkpoint_keys
from storage.embedded import Child, Embedded, Supervisor
from storage.embedded.supervisor import Step
from storage.sealing import new_key_file
from workflows.errors import Conflict

SHOWN: Final = ("clerk", "officer", "reviewer", "approver", "issuer", "archivist", "auditor", "security_admin")
"""The demo logins that are printed; the file has them all."""
_FIRST_PORT: Final = 8000
_API_SECONDS: Final = 300.0
"""How long the interface may take to answer: on a busy machine of two cores, loading the program took two minutes."""


class Progress:
    """Prints a line for each step, with the seconds since the start."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def __call__(self, text: str) -> None:
        """One finished step."""
        click.echo(f"[{time.monotonic() - self._start:5.1f}s] {text}")

    def of_child(self, name: str, step: Step) -> None:
        """What the supervisor reports; a death is worth a line at any time."""
        if step in {Step.READY, Step.DIED, Step.STOPPED}:
            self(f"{name}: {step.value}")


def run_machine(data: Path, port: int | None) -> None:
    """Start everything in this data folder and stay until Ctrl-C or SIGTERM.

    When it is running already, says where and leaves it alone.

    :raises Unavailable: when the place or a server cannot work.
    """
    progress = Progress()
    embedded = Embedded(data)
    try:
        embedded.prepare()
    except Conflict as refusal:
        if refusal.code != "already_running":
            raise
        click.echo(f"{refusal.zh}\n{refusal.en}")
        return
    progress(f"data folder {data.absolute()}")
    try:
        with Supervisor(data, progress.of_child) as supervisor:
            supervisor.start(*embedded.commands())
            settings = _settings(data, port)
            logins = _prepare(data, settings)
            progress("database and object store are up to date")
            supervisor.start(*_children(settings, data))
            url = f"http://{settings.host}:{settings.port}/"
            supervisor.announce(url)
            _welcome(url, data, logins, progress)
            supervisor.run_until_stopped()
    finally:
        embedded.close()
    progress("stopped")


def _settings(data: Path, port: int | None) -> Settings:
    key_file = data.absolute() / "keys.toml"
    if not key_file.exists():
        new_key_file(key_file)
    signing = key_file.with_name(KEY_FILE)
    if not signing.exists():
        new_checkpoint_keys(signing)
    uploads = data.absolute() / "uploads"
    uploads.mkdir(mode=0o700, exist_ok=True)
    given = {"port": port or _free_port()} if port or "YICHUANG_PORT" not in os.environ else {}
    return load_settings(**embedded_values(data), upload_dir=uploads, **given)


def _free_port() -> int:
    """The first port from 8000 on that nobody listens on."""
    for port in range(_FIRST_PORT, _FIRST_PORT + 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    return _FIRST_PORT


def _prepare(data: Path, settings: Settings) -> dict[str, str]:
    """Migrate, load the sample hall, and keep the passwords of its people beside the data, for their owner only."""
    file = data / "logins.json"
    known: dict[str, str] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    added = uvloop.run(prepare(settings, sample=True))
    if added:
        known |= added
        file.touch(mode=0o600)
        file.write_text(json.dumps(known, indent=1, sort_keys=True), "utf-8")
    return known


def environment_of(settings: Settings) -> dict[str, str]:
    """The settings as the environment of a child; secrets travel here, never on a command line."""
    values = {}
    for name in Settings.model_fields:
        value: Any = getattr(settings, name)
        if value is not None:
            plain = value.get_secret_value() if isinstance(value, SecretStr) else value
            values[f"YICHUANG_{name.upper()}"] = str(plain)
    return values


def _children(settings: Settings, data: Path) -> list[Child]:
    whole = {name: value for name, value in os.environ.items() if not name.startswith("YICHUANG_")}
    environment = whole | environment_of(settings) | {"PYTHONUNBUFFERED": "1"}
    program = (sys.executable, "-m", "api.cli")

    def child(name: str, **more: Any) -> Child:
        return Child(
            name=name, argv=(*program, more.pop("command", name)), env=environment, cwd=data.absolute(), **more
        )

    live = f"http://{settings.host}:{settings.port}/health/live"
    return [
        child("api", command="serve", ready=lambda: answers(live), ready_timeout=_API_SECONDS),
        child("worker", stop_timeout=20.0),
        child("relay"),
        child("timer"),
    ]


def answers(url: str) -> bool:
    """Whether something there says that it is well."""
    try:
        with urlopen(url, timeout=1) as answer:  # noqa: S310  # our own address
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def _welcome(url: str, data: Path, logins: dict[str, str], progress: Progress) -> None:
    progress("ready")
    click.echo(f"\n  pages       {url}\n  interface   {url}api/v1/openapi.json\n")
    if logins:
        for login in SHOWN:
            if login in logins:
                click.echo(f"  {login:<15} {logins[login]}")
        click.echo(f"\n  all demo logins: {data / 'logins.json'}")
    click.echo("  stop with Ctrl-C\n")
