"""Commands that run a process: everything on one machine, or one part of a deployment."""

from __future__ import annotations

import asyncio
import signal
from datetime import timedelta
from pathlib import Path

import click
import uvloop

from engine.logs import configure_logs
from engine.parents import end_with_parent
from engine.settings import load_settings


@click.command()
@click.option(
    "--data", type=click.Path(path_type=Path, file_okay=False), default=Path("var"), help="Where everything is kept."
)
@click.option(
    "--port", type=click.IntRange(1, 65535), default=None, help="Port of the pages; default 8000 or a free one."
)
@click.option("--ends-with", type=int, default=None, hidden=True, help="Process whose end ends this one too.")
def up(data: Path, port: int | None, ends_with: int | None) -> None:
    """Start everything on this machine and stop it with Ctrl-C."""
    if ends_with is not None:
        end_with_parent(ends_with)
    from api.cli.machine import run_machine  # noqa: PLC0415  # only this command needs the embedded servers

    run_machine(data, port)


@click.command()
@click.option("--host", default=None, help="Address to listen on; default from the settings.")
@click.option("--port", type=int, default=None, help="Port to listen on; default from the settings.")
def serve(host: str | None, port: int | None) -> None:
    """Serve the pages and the JSON interface in this process."""
    from granian.constants import Interfaces, Loops  # noqa: PLC0415  # only this command needs the server
    from granian.log import LogLevels  # noqa: PLC0415  # idem

    from api.cli.serving import Server  # noqa: PLC0415  # idem

    settings = load_settings()
    Server(
        "api.app:serving_app",
        factory=True,
        address=host or settings.host,
        port=port or settings.port,
        interface=Interfaces.ASGI,
        loop=Loops.uvloop,
        workers=1,
        workers_kill_timeout=10,
        respawn_failed_workers=True,
        websockets=False,
        log_level=LogLevels.warning,
    ).serve()


@click.command()
def worker() -> None:
    """Do the work that acts leave behind."""
    from engine.worker import configure  # noqa: PLC0415  # celery is heavy

    settings = load_settings()
    configure_logs(settings.log_level)
    app = configure(settings)
    app.worker_main(
        [
            "worker",
            "--pool=prefork",
            "--loglevel=warning",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
        ]
    )


@click.command()
def timer() -> None:
    """Send periodic work on its time."""
    from engine.worker import configure  # noqa: PLC0415  # celery is heavy

    settings = load_settings()
    configure_logs(settings.log_level)
    configure(settings).start(["beat", "--loglevel=warning", "--pidfile="])


@click.command()
def relay() -> None:
    """Carry outbox rows to the broker."""
    from engine.relay import relay_forever  # noqa: PLC0415
    from engine.worker import configure, send_rows, waiting_rows  # noqa: PLC0415  # celery is heavy
    from storage.db import connected  # noqa: PLC0415

    settings = load_settings()
    configure_logs(settings.log_level)
    configure(settings)
    url = settings.database_url.get_secret_value()

    async def run() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        async with connected(url):
            resend = timedelta(seconds=settings.outbox_resend_seconds)
            await relay_forever(send_rows, url, resend, stop, waiting_rows)

    uvloop.run(run())


@click.command()
@click.option("--sample", is_flag=True, help="Also load the sample hall and print the passwords of its people.")
def migrate(sample: bool) -> None:
    """Bring the database and the object store to this version."""
    from api.cli.preparing import prepare  # noqa: PLC0415  # the records are heavy, and most commands need none

    settings = load_settings()
    passwords = uvloop.run(prepare(settings, sample=sample))
    for login, password in sorted(passwords.items()):
        click.echo(f"{login}\t{password}")
