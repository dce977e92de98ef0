"""Bodies too large for the journal's content records: files named by the SHA-256 of what they hold.

A name is given only when the bytes and their directory entry are on disk. Every method blocks: call it in a thread.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from router.errors import NotFound

NAME = re.compile(r"^[0-9a-f]{64}$")
TEMPORARY = ".part-"


class Blobs:
    """A directory of blobs, spread over 256 folders by the first two digits."""

    def __init__(self, root: Path) -> None:
        self._root = root
        root.mkdir(mode=0o700, parents=True, exist_ok=True)

    def put(self, body: bytes) -> str:
        """Keep `body`; returns its name. The same bytes again cost one look."""
        name = hashlib.sha256(body).hexdigest()
        path = self._path(name)
        with suppress(FileNotFoundError):
            os.utime(path)  # whoever is about to remove it must see that it is wanted again
            return name
        if not path.parent.exists():
            path.parent.mkdir(mode=0o700, exist_ok=True)
            _fsync_directory(self._root)
        _write_durably(path, body)
        return name

    def get(self, name: str) -> bytes:
        """The bytes under `name`.

        Raises:
            NotFound: there are none, or they are not what the name says any more.
        """
        if NAME.match(name):
            with suppress(FileNotFoundError):
                body = self._path(name).read_bytes()
                if hashlib.sha256(body).hexdigest() == name:
                    return body
        raise NotFound("no such blob", field="sha256")

    def is_there(self, name: str) -> bool:
        """Whether something is kept under `name`."""
        return bool(NAME.match(name)) and self._path(name).exists()

    def remove(self, names: Iterable[str], before_ms: int) -> int:
        """Remove those of these last put before then, and what crashes left half written; how many files went."""
        halves = self._root.glob(f"*/{TEMPORARY}*")
        wanted = [self._path(name) for name in names if NAME.match(name)]
        return sum(self._remove(path, before_ms) for path in [*wanted, *halves])

    def _path(self, name: str) -> Path:
        return self._root / name[:2] / name

    def _remove(self, path: Path, before_ms: int) -> bool:
        with suppress(FileNotFoundError):
            if path.stat().st_mtime_ns // 1_000_000 < before_ms:
                path.unlink()
                return True
        return False


def _write_durably(path: Path, body: bytes) -> None:
    handle, temporary = tempfile.mkstemp(prefix=TEMPORARY, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _fsync_directory(path.parent)


def _fsync_directory(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
