"""Checks of what lies on this machine: configuration, city, data directory, disk, ballast, blobs, port."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import aiohttp

from router.commands.doctor.findings import Finding, error, ok, some, warning
from router.config import PREFIX, HttpConfig
from router.pressure_watch import LOW_DISK_BYTES
from router.store.data_dir import BALLAST_BYTES, free_bytes, pid_in, try_lock
from rules.check import check_city

SCARCE_DISK_BYTES = 4 * LOW_DISK_BYTES
ASK_S = 2.0
MIB = 1_048_576


def configuration(path: str, env: Mapping[str, str]) -> Finding:
    """What the configuration was read from; it could be read, or nobody would ask."""
    ours = sorted(name for name in env if name.startswith(PREFIX))
    source = f"{path or 'no file, defaults'}; {len(ours)} variables from the environment"
    ignored = [name for name in ours if "__" not in name]
    if ignored:
        todo = f"write {PREFIX}<SECTION>__<KEY>, with two underscores"
        return warning("configuration", f"{source}; ignored: {some(ignored)}", todo)
    return ok("configuration", source)


def city(path: Path) -> Finding:
    """Whether the city's files load, and whether their own cases and checks hold."""
    report = check_city(path, "en")
    errors = [f"{each.code}: {each.text}" for each in report.findings if each.level == "error"]
    if errors:
        return error("city", f"{path}: {some(errors)}", "mend the files; `servicecenter rules check` tells everything")
    judged = f", {len(report.findings)} remarks" if report.findings else ""
    return ok(
        "city",
        f"{report.city}: strategy {report.strategy_version}, {report.rules} rules, {report.topics} topics{judged}",
    )


def data_directory(folder: Path) -> Finding:
    """Whether the service can write where it keeps its files, and who holds the directory."""
    name = "data directory"
    if not folder.exists():
        parent = _what_is_there(folder)
        if _is_writable(parent):
            return ok(name, f"{folder}: not there yet, made at the first start")
        return error(name, f"{folder}: not there, and {parent} can't be written", "set [store] data_dir, or its rights")
    if not _is_writable(folder):
        return error(name, f"{folder}: can't be written", "give the directory to the user that runs the service")
    holder = _holder(folder / "store.lock")
    return ok(name, f"{folder}: writable, " + (f"held by pid {holder}" if holder else "nobody holds it"))


def _what_is_there(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next(each for each in (folder, *folder.parents) if each.exists())


def _is_writable(folder: Path) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            return file.write(b"0") == 1
    except OSError:
        return False


def _holder(path: Path) -> str:
    """The process that holds the lock, or ''."""
    if not path.exists():
        return ""
    lock = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        return "" if try_lock(lock) else pid_in(lock)
    finally:
        os.close(lock)


def disk(free: int) -> Finding:
    """Room on the disk of the data directory."""
    found = f"{free // MIB:,} MiB free"
    if free < LOW_DISK_BYTES:
        return error("disk space", f"{found}: written contacts are refused", "make room, or move [store] data_dir")
    if free < SCARCE_DISK_BYTES:
        return warning(
            "disk space", found, f"make room: below {LOW_DISK_BYTES // MIB} MiB written contacts are refused"
        )
    return ok("disk space", found)


def free_on_disk_of(folder: Path) -> int:
    """Bytes left where the folder is, or will be."""
    return free_bytes(_what_is_there(folder))


def ballast(folder: Path) -> Finding:
    """The file that is given up when the disk is full, so that the store can go on and drain."""
    path = folder / "ballast"
    if not (folder / "store").exists():
        return ok("ballast", "no store in the data directory yet")
    if path.exists() and path.stat().st_size:
        return ok("ballast", f"{path.stat().st_size // MIB or '<1'} MiB in reserve")
    todo = f"make {2 * BALLAST_BYTES // MIB} MiB of room; the next start lays it again"
    return warning("ballast", "none: it was given up when the disk was full, or there was no room", todo)


def blobs(folder: Path) -> Finding:
    """Where long bodies and attachments are kept."""
    if not folder.exists() and _is_writable(_what_is_there(folder)):
        return ok("blobs", f"{folder}: not there yet, made at the first start")
    if not folder.is_dir() or not _is_writable(folder):
        todo = "give the directory to the user that runs the service; long mails are refused until then"
        return error("blobs", f"{folder}: can't be written", todo)
    return ok("blobs", f"{folder}: writable")


async def port(config: HttpConfig) -> tuple[Finding, bool]:
    """Who answers at the configured address, and whether it is this service."""
    host = "127.0.0.1" if config.host in {"0.0.0.0", "::"} else config.host  # noqa: S104 # compared, not bound
    if not config.port:
        return ok("port", "any free one"), False
    where = f"{host}:{config.port}"
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(ASK_S)) as client,
            client.get(f"http://{where}/api-info") as answer,
        ):
            is_ours = b'"apiName":"servicecenter"' in await answer.read()
    except aiohttp.ClientConnectorError:
        return ok("port", f"{where} is free"), False
    except (aiohttp.ClientError, TimeoutError):
        is_ours = False
    if is_ours:
        return ok("port", f"the service answers at {where}"), True
    return error("port", f"something else answers at {where}", "end it, or set another [http] port"), False
