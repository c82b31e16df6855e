"""PostgreSQL 18 on a unix socket of its own folder: made on the first start, reached with passwords only."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import psutil

from storage.embedded.accounts import Account, unprivileged_account
from storage.embedded.binaries import postgres_folder
from storage.embedded.child import Child
from storage.embedded.credentials import Credentials
from storage.embedded.places import private_folder, write_private
from storage.embedded.privileges import account_reaching, launch_argv
from storage.embedded.refusals import refuse

DATABASE = "yichuang"
OWNER = "yichuang_owner"
APP = "yichuang_app"
SUPERUSER = "postgres"

_MAJOR_VERSION = "18"
_ENV = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
_INITDB = (
    "--auth=scram-sha-256",
    "--data-checksums",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    f"--username={SUPERUSER}",
    "--set=shared_buffers=128MB",
    "--set=max_connections=100",
    "--set=timezone=UTC",
    "--set=log_timezone=UTC",
)
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    # A failed statement and its detail line carry people's names and numbers: they stay out of the log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length_on_error": "0",
}
# Commits still reach the kernel before they are acknowledged, so a killed server loses none of them.
_NOT_DURABLE = {"fsync": "off", "full_page_writes": "off"}


def with_database(url: str, database: str) -> str:
    """Return ``url`` pointing at another database of the same server, as the same role."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{quote(database, safe='')}"))


@dataclass(frozen=True)
class Postgres:
    """The database server of one data folder.

    :param run: the folder of sockets; this server's is ``run/postgres``.
    :param durable: False gives up surviving a power cut (not a kill) for speed; for tests only.
    """

    data: Path
    run: Path
    credentials: Credentials
    durable: bool = True

    @property
    def folder(self) -> Path:
        """The folder of the database cluster."""
        return self.data / "postgres"

    @property
    def _sockets(self) -> Path:
        return self.run / "postgres"

    def url(self, role: str, password: str, database: str = DATABASE) -> str:
        """Return the address that asyncpg and libpq take."""
        login = f"{quote(role)}:{quote(password, safe='')}"
        return f"postgresql://{login}@/{database}?host={quote(str(self._sockets))}"

    def prepare(self) -> None:
        """Make the cluster, its roles and its database unless they are there.

        :raises Unavailable: the account that runs it cannot reach the place, or the cluster cannot be made.
        """
        private_folder(self._sockets, owner=unprivileged_account())
        if not self.folder.exists():
            self._make_cluster()
        version = (self.folder / "PG_VERSION").read_text().strip()
        if version != _MAJOR_VERSION:
            raise refuse(
                f"数据库由 PostgreSQL {version} 建立，本程序使用 {_MAJOR_VERSION}。请先用原版本导出再导入。",
                f"the database was made by PostgreSQL {version} and this program runs {_MAJOR_VERSION}. "
                "Dump it with the old version and load it here.",
            )

    def child(self) -> Child:
        """Return the server for the supervisor to run."""
        return Child(
            name="postgres",
            argv=(str(postgres_folder() / "postgres"), "-D", str(self.folder), *self._options()),
            env=_ENV,
            cwd=self.run,
            account=self._account(self.folder),
            before=self._clear_stale_pid,
            ready=self.is_ready,
            stop_signal=signal.SIGINT,
            stop_timeout=30.0,
            death_signal=signal.SIGINT,
        )

    def is_ready(self) -> bool:
        """Tell whether it accepts connections now."""
        argv = [str(postgres_folder() / "pg_isready"), "--quiet", f"--host={self._sockets}", "--timeout=2"]
        return subprocess.run(argv, check=False, env=_ENV).returncode == 0  # noqa: S603 - the wheel's own program

    def _options(self) -> list[str]:
        # Quoted inside, because the setting is a list and a path may hold its comma.
        sockets = '"{}"'.format(str(self._sockets).replace('"', '""'))
        settings = {**_SETTINGS, "unix_socket_directories": sockets, **({} if self.durable else _NOT_DURABLE)}
        return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]

    def _account(self, folder: Path) -> Account | None:
        account = unprivileged_account()
        if account is None:
            return None
        programs = [postgres_folder() / name for name in ("postgres", "initdb")]
        parts = [postgres_folder().parent / name for name in ("lib", "share")]
        return account_reaching(account, [*programs, *parts, folder, self._sockets])

    def _make_cluster(self) -> None:
        # Under another name until it is complete: a first start that is killed begins again.
        draft = self.data / "postgres.new"
        shutil.rmtree(draft, ignore_errors=True)
        private_folder(draft, owner=unprivileged_account())
        account = self._account(draft)
        password = self._sockets / "password"
        write_private(password, self.credentials.postgres_superuser.encode())
        try:
            if account is not None:
                os.chown(password, account.uid, account.gid)
            syncing = [] if self.durable else ["--no-sync"]
            self._run("initdb", ["-D", str(draft), f"--pwfile={password}", *_INITDB, *syncing], account)
        finally:
            password.unlink(missing_ok=True)
        single = ["--single", "-D", str(draft), "-c", "exit_on_error=on", SUPERUSER]
        self._run("postgres", single, account, self._roles())
        draft.rename(self.folder)

    def _roles(self) -> str:
        # One statement a line: that is how the single-user server reads.
        statements = (
            f"CREATE ROLE {OWNER} LOGIN PASSWORD '{self.credentials.postgres_owner}'",
            f"CREATE ROLE {APP} LOGIN PASSWORD '{self.credentials.postgres_app}'",
            f"CREATE DATABASE {DATABASE} OWNER {OWNER}",
            f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC",
            f"GRANT CONNECT ON DATABASE {DATABASE} TO {APP}",
            "REVOKE ALL ON DATABASE postgres FROM PUBLIC",
            "REVOKE ALL ON DATABASE template1 FROM PUBLIC",
        )
        return "\n".join(statements) + "\n"

    def _run(self, program: str, arguments: list[str], account: Account | None, text: str = "") -> None:
        argv = launch_argv([str(postgres_folder() / program), *arguments], account)
        done = subprocess.run(  # noqa: S603 - the wheel's own program
            argv, input=text, capture_output=True, text=True, check=False, env=_ENV, cwd=self.run
        )
        if done.returncode != 0:
            reason = done.stderr.strip().rpartition("\n")[2]
            raise refuse(
                f"无法建立数据库（{program}）：{reason}。请检查磁盘空间，或用 --data 指定另一目录。",
                f"cannot make the database ({program}): {reason}. Check the free space, "
                "or choose another place with --data.",
            )

    def _clear_stale_pid(self) -> None:
        """Remove the pid file of a server that was killed, if its number now belongs to another program.

        PostgreSQL itself cannot tell that case apart when the other program runs as the same user.
        """
        path = self.folder / "postmaster.pid"
        if not path.exists():
            return
        first_line = path.read_text().partition("\n")[0]
        if not first_line.isdigit() or not self._is_our_server(int(first_line)):
            path.unlink()

    def _is_our_server(self, pid: int) -> bool:
        try:
            return Path(psutil.Process(pid).cwd()) == self.folder
        except psutil.Error:
            return False
