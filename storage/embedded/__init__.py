"""PostgreSQL, S3 and Redis from Python wheels, for one machine that has nothing but Python.

Everything lives in one data folder: the servers' files, their passwords and keys (0600), their sockets and
their logs. No listener serves a client without a password, a signature or a certificate, loopback included.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

from storage.embedded.broker import Broker
from storage.embedded.child import Child
from storage.embedded.credentials import Credentials, ensure_credentials, read_credentials
from storage.embedded.lock import InstanceLock
from storage.embedded.objects_server import ObjectsServer
from storage.embedded.places import data_folder, ensure_socket_folder, socket_folder
from storage.embedded.postgres import APP, OWNER, SUPERUSER, Postgres, with_database
from storage.embedded.supervisor import Supervisor
from workflows.errors import Unavailable

__all__ = ["Addresses", "Child", "Embedded", "Supervisor", "with_database"]

_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Addresses:
    """What the application needs to reach the three servers. Each holds a secret, so none is in ``repr``.

    :param database_url: for the application's role, which owns nothing and cannot create or alter tables.
    :param migration_database_url: for the role that owns the database and its schema.
    :param superuser_database_url: for the superuser, in database ``postgres``; for tests and repairs only.
    :param objects_url: S3, as ``http://ACCESS:SECRET@127.0.0.1:PORT``.
    :param broker_url: Redis, as Celery takes it.
    """

    database_url: str = field(repr=False)
    migration_database_url: str = field(repr=False)
    superuser_database_url: str = field(repr=False)
    objects_url: str = field(repr=False)
    broker_url: str = field(repr=False)


class Embedded:
    """The three servers of one data folder.

    :param data: the folder that holds everything; created on the first start.
    :param durable: False gives up surviving a power cut for faster tests; a killed server still loses nothing.
    """

    def __init__(self, data: Path, durable: bool = True) -> None:
        self._data = data.absolute()
        self._durable = durable
        self._lock = InstanceLock(self._data)

    def prepare(self) -> None:
        """Make whatever the servers miss: folders, passwords, certificates, ports, the database.

        From here until :meth:`close` the data folder belongs to this process.

        :raises Conflict: another process runs on this data folder.
        :raises Unavailable: the servers cannot work in this place; the message says why and what to do.
        """
        self._lock.acquire()
        data_folder(self._data)
        credentials = ensure_credentials(self._data)
        ensure_socket_folder(self._data)
        for server in self._servers(credentials):
            server.prepare()

    def commands(self) -> list[Child]:
        """Return the three servers for :class:`Supervisor` to run, after :meth:`prepare`."""
        return [server.child() for server in self._servers(self._credentials())]

    def addresses(self) -> Addresses:
        """Return how to reach the servers, whether this process runs them or another does.

        :raises Unavailable: nothing was ever prepared here.
        """
        credentials = self._credentials()
        postgres, objects, broker = self._servers(credentials)
        return Addresses(
            database_url=postgres.url(APP, credentials.postgres_app),
            migration_database_url=postgres.url(OWNER, credentials.postgres_owner),
            superuser_database_url=postgres.url(SUPERUSER, credentials.postgres_superuser, "postgres"),
            objects_url=objects.url,
            broker_url=broker.url,
        )

    def wait_ready(self, timeout: float) -> None:
        """Return when all three servers answer.

        :param timeout: seconds.
        :raises Unavailable: one does not answer in time; the message names it.
        """
        deadline = time.monotonic() + timeout
        for child in self.commands():
            while not child.ready():
                if time.monotonic() > deadline:
                    raise Unavailable(
                        "server_not_ready",
                        f"{child.name} 在 {timeout:g} 秒内没有应答。请查看 {self._data / 'log'} 中的日志。",
                        f"{child.name} did not answer within {timeout:g} seconds. See its log in {self._data / 'log'}.",
                    )
                time.sleep(_POLL_SECONDS)

    def close(self) -> None:
        """Give the data folder back, once the servers have stopped."""
        self._lock.release()

    def _credentials(self) -> Credentials:
        return read_credentials(self._data / "credentials.json")

    def _servers(self, credentials: Credentials) -> tuple[Postgres, ObjectsServer, Broker]:
        run = socket_folder(self._data)
        return (
            Postgres(self._data, run, credentials, self._durable),
            ObjectsServer(self._data, run, credentials),
            Broker(self._data, run, credentials),
        )
