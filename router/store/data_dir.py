"""The data directory of an embedded store: its lock, its privacy, its ballast and the damaged end of its file.

A damaged end is cut off only when it is small, and is kept beside; anything larger is for a person to look at.
"""

import asyncio
import errno
import fcntl
import hashlib
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

import structlog

from router.errors import ConfigurationError

log = structlog.stdlib.get_logger(__name__)

MIB = 1_048_576
BALLAST_BYTES = 32 * MIB
LOW_SPACE_BYTES = 16 * MIB
"""A death with less room than this counts as a full disk."""
MAX_CUT_BYTES = MIB
"""A damaged end is at most what one fsync held back."""
MAX_SOCKET_PATH = 103
"""sun_path holds 108 bytes on Linux and 104 on macOS, with the closing NUL."""


def socket_path(data_dir: Path) -> Path:
    """Where the server listens: in the data directory, or in a private temporary one if that path is too long."""
    path = data_dir / "store.sock"
    if len(os.fsencode(path)) <= MAX_SOCKET_PATH:
        return path
    name = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"servicecenter-{name}" / "store.sock"


def free_bytes(path: Path) -> int:
    """Room left on the disk of `path`."""
    return shutil.disk_usage(path).free


def lay_ballast(path: Path, size: int) -> None:
    """Reserve `size` bytes in real blocks, to be given back when the disk is full; not if room is scarce already."""
    if (path.exists() and path.stat().st_size == size) or free_bytes(path.parent) < 2 * size + LOW_SPACE_BYTES:
        return
    with path.open("wb") as file:
        if sys.platform == "linux":
            os.posix_fallocate(file.fileno(), 0, size)
        else:
            file.write(bytes(size))


def make_data_dir(folder: Path) -> None:
    """Make the data directory, for this user only, unless it is there.

    Raises:
        ConfigurationError: it can't be made, or is no directory.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"{folder}: {error.strerror}", field="$.store.data_dir") from error


def make_private(folder: Path, *, is_ours: bool = False) -> None:
    """Make `folder` for this user only; one that somebody else made in a shared place is refused."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if is_ours:
        return
    if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
        raise ConfigurationError(f"{folder} belongs to somebody else", field="$.store.data_dir")
    folder.chmod(0o700)


def hold(path: Path) -> int:
    """Lock the data directory for this process until the file is closed."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    if not try_lock(lock):
        pid = pid_in(lock)
        os.close(lock)
        raise ConfigurationError(f"{path.parent} is held by another process (pid {pid})", field="$.store.data_dir")
    write_pid(lock)
    return lock


def try_lock(lock: int) -> bool:
    """Lock an open file, without waiting."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in {errno.EWOULDBLOCK, errno.EACCES}:
            return False
        raise
    return True


def write_pid(lock: int) -> None:
    """Note this process as the holder of the lock; called between fork and exec, so it only writes."""
    os.ftruncate(lock, 0)
    os.pwrite(lock, str(os.getpid()).encode(), 0)


def pid_in(lock: int) -> str:
    """The process that was noted last."""
    return os.pread(lock, 20, 0).decode("ascii", "replace") or "unknown"


async def _check_file(server: Path, file: Path) -> str:
    """Run the server binary as its own file checker, which it is under that name."""
    process = await asyncio.create_subprocess_exec(
        "valkey-check-aof",
        file,
        executable=server,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return output.decode("utf-8", "replace")


async def cut_damaged_tail(server: Path, folder: Path) -> bool:
    """Cut off a small damaged end of the newest file, as a power loss leaves it; the cut is kept as `*.cut`."""
    files = folder / "appendonlydir"
    manifest = files / "appendonly.aof.manifest"
    named = re.findall(r"^file (\S+) .*type i", manifest.read_text(), re.MULTILINE) if manifest.exists() else []
    if not named:
        return False
    file = files / Path(named[-1]).name
    found = re.search(r"size=(\d+), ok_up_to=(\d+)", await _check_file(server, file))
    size, good = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 0 < size - good <= MAX_CUT_BYTES:
        return False
    with file.open("r+b") as damaged:
        damaged.seek(good)
        file.with_suffix(".cut").write_bytes(damaged.read())
        damaged.truncate(good)
        os.fsync(damaged.fileno())
    log.error("store_tail_cut", file=file.name, cut_bytes=size - good)
    return True
