"""Blobs: named by what they hold, whole or not there, swept only when nobody refers to them."""

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from router.errors import NotFound
from router.register.blobs import Blobs

DAY_MS = 86_400_000


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(bodies=st.lists(st.binary(max_size=200), max_size=5))
def test_what_is_put_is_got(tmp_path: Path, bodies: list[bytes]) -> None:
    """Any bytes come back as they were, under the hash of what they are."""
    blobs = Blobs(tmp_path / "blobs")
    names = [blobs.put(body) for body in bodies]
    assert [blobs.get(name) for name in names] == bodies
    assert names == [hashlib.sha256(body).hexdigest() for body in bodies]


def test_the_same_bytes_lie_there_once(tmp_path: Path) -> None:
    """Putting again changes nothing and leaves no temporary file."""
    blobs = Blobs(tmp_path)
    assert blobs.put(b"body") == blobs.put(b"body")
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_file_and_folder_are_on_disk_before_the_name_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is synced before it gets its name, its folder after."""
    synced: list[str] = []
    fsync = os.fsync

    def record(handle: int) -> None:
        synced.append(Path(f"/proc/self/fd/{handle}").readlink().name)
        fsync(handle)

    monkeypatch.setattr(os, "fsync", record)
    name = Blobs(tmp_path).put(b"body")
    assert synced[0] == tmp_path.name
    assert synced[1].startswith(".part-")
    assert synced[2] == name[:2]


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk gives an error, no name and no half file."""

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    blobs = Blobs(tmp_path)
    (tmp_path / hashlib.sha256(b"body").hexdigest()[:2]).mkdir()
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        blobs.put(b"body")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("name", ["", "..", "../../etc/passwd", "0" * 64, "A" * 64, "0" * 63 + "/"])
def test_a_name_that_is_none_is_not_found(tmp_path: Path, name: str) -> None:
    """Names from outside never leave the folder."""
    with pytest.raises(NotFound):
        Blobs(tmp_path).get(name)


def test_altered_bytes_are_not_given_out(tmp_path: Path) -> None:
    """What is not what its name says is as good as gone."""
    blobs = Blobs(tmp_path)
    name = blobs.put(b"body")
    (tmp_path / name[:2] / name).write_bytes(b"other")
    with pytest.raises(NotFound):
        blobs.get(name)


def test_what_is_removed_is_old_and_named(tmp_path: Path) -> None:
    """Not named, young, or no file of ours: all of these stay; a half file of a crash goes."""
    blobs, now_ms = Blobs(tmp_path), 10 * DAY_MS
    names = {body: blobs.put(body.encode()) for body in ("kept", "young", "orphan")}
    half = tmp_path / names["orphan"][:2] / ".part-x"
    half.write_bytes(b"half")
    ages = {"kept": 0, "young": now_ms - DAY_MS + 1, "orphan": now_ms - DAY_MS - 1}
    for body, at_ms in ages.items():
        os.utime(tmp_path / names[body][:2] / names[body], (at_ms / 1000, at_ms / 1000))
    os.utime(half, (0, 0))
    assert blobs.remove([names["young"], names["orphan"], "0" * 64, "../kept"], now_ms - DAY_MS) == 2
    assert blobs.get(names["kept"]) == b"kept"
    assert blobs.get(names["young"]) == b"young"
    assert [blobs.is_there(names[body]) for body in ("kept", "young", "orphan")] == [True, True, False]
    assert not blobs.is_there("../kept")


def test_putting_again_saves_what_was_about_to_go(tmp_path: Path) -> None:
    """A body that comes again is young again, before anything refers to it."""
    blobs = Blobs(tmp_path)
    name = blobs.put(b"body")
    os.utime(tmp_path / name[:2] / name, (0, 0))
    blobs.put(b"body")
    assert blobs.remove([name], DAY_MS) == 0
