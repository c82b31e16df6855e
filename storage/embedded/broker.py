"""Redis on a unix socket, as the broker of background jobs. Nothing depends on what it remembers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from storage.embedded.binaries import redis_server
from storage.embedded.child import Child
from storage.embedded.credentials import Credentials
from storage.embedded.places import private_folder, write_private

_ONE_TRY = Retry(NoBackoff(), 0)
_CONFIG = """\
port 0
unixsocket {socket}
unixsocketperm 700
requirepass {password}
daemonize no
dir ./
save ""
appendonly no
maxmemory 64mb
maxmemory-policy noeviction
"""


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


@dataclass(frozen=True)
class Broker:
    """The broker of one data folder.

    :param run: the folder of sockets; this server's is ``run/redis.sock``.
    """

    data: Path
    run: Path
    credentials: Credentials

    @property
    def _folder(self) -> Path:
        return self.data / "redis"

    @property
    def _socket(self) -> Path:
        return self.run / "redis.sock"

    @property
    def url(self) -> str:
        """The address as Celery and kombu take it."""
        return f"redis+socket://:{quote(self.credentials.redis, safe='')}@{quote(str(self._socket))}"

    def prepare(self) -> None:
        """Write the configuration (0600), which holds the password."""
        private_folder(self._folder)
        text = _CONFIG.format(socket=_quoted(str(self._socket)), password=self.credentials.redis)
        write_private(self._folder / "redis.conf", text.encode())

    def child(self) -> Child:
        """Return the server for the supervisor to run."""
        return Child(
            name="redis",
            argv=(str(redis_server()), "redis.conf"),
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            cwd=self._folder,
            ready=self.is_ready,
            stop_timeout=5.0,
        )

    def is_ready(self) -> bool:
        """Tell whether it answers to the password now."""
        client = redis.Redis(
            unix_socket_path=str(self._socket),
            password=self.credentials.redis,
            socket_timeout=1.0,
            retry=_ONE_TRY,
        )
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()
