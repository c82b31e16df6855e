"""Folders and files of the embedded servers: what is created, with which mode, and which places are refused.

Only what this program creates gets a mode from it. The mode of a folder that was there before never changes.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from storage.embedded.accounts import Account, unprivileged_account
from storage.embedded.refusals import refuse

SOCKET_PATH_LIMIT = 107
"""Bytes that a unix socket's path may have on Linux (``sun_path`` without its end mark)."""

_LONGEST_SOCKET_NAME = len("/postgres/.s.PGSQL.5432.lock")


def private_folder(path: Path, owner: Account | None = None, group: int | None = None) -> Path:
    """Create ``path``, or check that the one that is there is still in the right hands.

    :param owner: whose it is; None is the present user.
    :param group: a group that may pass through it (mode 0710); None lets nobody in (mode 0700).
    :raises Unavailable: it cannot be created, or it exists as something else or in somebody else's hands.
    """
    if not os.path.lexists(path):
        _create(path, owner, group)
    _check(path, os.geteuid() if owner is None else owner.uid)
    return path


def data_folder(path: Path) -> Path:
    """Create the data folder with any missing parent, or check the one that is there.

    It is closed to everyone else (0700); when root creates it, the group of the account that runs PostgreSQL
    may pass through (0710).

    :raises Unavailable: read-only, not a folder, owned by another user, writable for others, or with a
        control character in its path.
    """
    path = path.absolute()
    if not str(path).isprintable():
        raise refuse(
            "数据目录的路径含有控制字符，请换一个目录。",
            "the path of the data folder has a control character in it. Choose another place with --data.",
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _cannot_create(path.parent, error) from error
    private_folder(path, group=_group())
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        raise refuse(
            f"数据目录 {path} 不可写。请用 --data 指定本用户可写的目录。",
            f"the data folder {path} cannot be written. Choose a place you may write to with --data.",
        )
    return path


def socket_folder(data: Path) -> Path:
    """Return where the sockets go: ``data/run`` if it can, else a folder in the temporary folder.

    :raises Unavailable: every candidate is too long.
    """
    mark = hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    name = f"yichuang-{os.geteuid()}-{mark}"
    temporary = Path("/tmp")  # noqa: S108 - made 0700 and its owner checked by ensure_socket_folder
    for candidate in (data / "run", Path(tempfile.gettempdir()) / name, temporary / name):
        fits = len(os.fsencode(candidate)) + _LONGEST_SOCKET_NAME <= SOCKET_PATH_LIMIT
        # PostgreSQL's clients read a comma as the start of another host.
        if fits and "," not in str(candidate):
            return candidate
    raise refuse(
        "数据目录与系统临时目录的路径都过长，无法放置套接字。请用 --data 指定较短的路径。",
        "both the data folder's path and the temporary folder's are too long for a socket. "
        "Choose a shorter path with --data.",
    )


def ensure_socket_folder(data: Path) -> Path:
    """Create the folder that :func:`socket_folder` names, or check that it is ours.

    :raises Unavailable: it is in somebody else's hands, or every candidate is too long.
    """
    return private_folder(socket_folder(data), group=_group())


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read (0600), whole or not at all, and durably.

    :raises Unavailable: it cannot be written.
    """
    draft = path.with_name(f".{path.name}.new")
    try:
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise refuse(
            f"无法写入 {path}：{error.strerror}。请检查磁盘空间和权限。",
            f"cannot write {path}: {error.strerror}. Check the free space and the permissions.",
        ) from error


def _group() -> int | None:
    account = unprivileged_account()
    return None if account is None else account.gid


def _create(path: Path, owner: Account | None, group: int | None) -> None:
    # Under another name until it is complete: a start that is killed here leaves nothing half made.
    draft = path.with_name(f".{path.name}.new")
    try:
        if draft.exists():
            draft.rmdir()
        draft.mkdir(mode=0o700)
    except OSError as error:
        raise _cannot_create(path, error) from error
    try:
        if owner is not None:
            os.chown(draft, owner.uid, owner.gid)
        elif group is not None:
            os.chown(draft, -1, group)
            draft.chmod(0o710)
        draft.rename(path)
    except OSError as error:
        draft.rmdir()
        raise refuse(
            f"{path.parent} 所在的文件系统不允许更改文件所有者（{error.strerror}），"
            "而以 root 运行时 PostgreSQL 需要专用账户的目录。"
            "请用 --data 指定本机磁盘上的目录，或以普通用户运行。",
            f"the file system of {path.parent} does not let an owner be changed ({error.strerror}), "
            "and under root PostgreSQL needs a folder of its own account. "
            "Choose a place on a local disk with --data, or run as an ordinary user.",
        ) from error


def _cannot_create(path: Path, error: OSError) -> Exception:
    return refuse(
        f"无法建立目录 {path}：{error.strerror}。请用 --data 指定本用户可写的目录。",
        f"cannot create the folder {path}: {error.strerror}. Choose a place you may write to with --data.",
    )


def _check(path: Path, owner: int) -> None:
    state = path.lstat()
    if not stat.S_ISDIR(state.st_mode):
        raise refuse(
            f"{path} 不是目录。请移走它，或用 --data 指定另一目录。",
            f"{path} is not a folder. Move it away, or choose another place with --data.",
        )
    if state.st_uid != owner:
        raise refuse(
            f"目录 {path} 属于另一用户（uid {state.st_uid}）。请以该用户运行，或用 --data 指定另一目录。",
            f"the folder {path} belongs to another user (uid {state.st_uid}). Run as that user, "
            "or choose another place with --data.",
        )
    if state.st_mode & 0o022:
        raise refuse(
            f"其他用户可以改写目录 {path}。请收紧其权限（chmod go-w），或用 --data 指定另一目录。",
            f"other users can write to the folder {path}. Take that away (chmod go-w), "
            "or choose another place with --data.",
        )
