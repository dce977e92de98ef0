"""The doctor and strategy versions in service: which can't be loaded, and why."""

from pathlib import Path

import msgspec
import pytest

from router.activations import Activation
from router.commands.doctor import strategies
from router.config import example_city
from router.register import schema
from router.register import strategies as versions
from router.register.engine import migrate, open_engine
from router.register.rows import ActivationMoveRow
from router.register.strategies import Move, Text, Version
from rules.city import load_city
from rules.versions import canonical, compile_text
from tests.store.scene import Scene

CITY = load_city(example_city())
TEXT = (example_city() / "strategy.toml").read_text(encoding="utf-8").replace(CITY.strategy.version, "winter", 1)


@pytest.fixture
def url(tmp_path: Path) -> str:
    """An empty register."""
    made = f"sqlite:///{tmp_path / 'register.db'}"
    engine = open_engine(made)
    migrate(engine)
    engine.dispose()
    return made


def keep(url: str, text: str = TEXT, version_hash: str = "") -> str:
    """A version of the register; its hash."""
    compiled = compile_text(CITY, TEXT)
    engine = open_engine(url)
    version = Version(
        id="s1", state="", title="Vinter", version="winter", hash=version_hash or compiled.hash, author="anna",
        created_at=1, changed_at=1,
    )  # fmt: skip
    versions.write(engine, version, Text(text, canonical(compiled.strategy)), Move(event="write", actor="anna", at=1))
    engine.dispose()
    return version.hash


async def activate(scene: Scene, version_hash: str) -> None:
    """The version is in service."""
    found = await scene.store.activations.all()
    wanted = Activation("s1", version_hash, "winter", begins_at=scene.now, actor="olle")
    await scene.store.activations.activate_strategy(found.activated(wanted), found.number)


async def test_nothing_or_a_sound_version_in_service_is_fine(scene: Scene, url: str) -> None:
    """The folder's own strategy needs nothing; a version that loads as it was approved is named."""
    assert (await strategies.in_service(scene.store, url, example_city())).status == "ok"
    await activate(scene, keep(url))
    found = await strategies.in_service(scene.store, url, example_city())
    assert (found.status, "winter" in found.found) == ("ok", True)


async def test_a_version_that_can_not_be_loaded_is_named(scene: Scene, url: str) -> None:
    """Gone from the register, unreadable, or another one by now: an error with the version and what to do."""
    await activate(scene, "0" * 16)
    found = await strategies.in_service(scene.store, url, example_city())
    assert (found.status, "no such version" in found.found) == ("error", True)
    keep(url, TEXT, "0" * 16)
    found = await strategies.in_service(scene.store, url, example_city())
    assert (found.status, "topics have changed" in found.found) == ("error", True)
    assert "s1 (winter)" in found.found


async def test_a_text_that_does_not_compile_is_named(scene: Scene, url: str) -> None:
    """With the place of the mistake, as `rules check` would tell it."""
    await activate(scene, keep(url, TEXT.replace("default_queue", "default_qeue", 1)))
    found = await strategies.in_service(scene.store, url, example_city())
    assert (found.status, "default_qeue" in found.found) == ("error", True)


async def test_a_spoiled_city_is_said_once(scene: Scene, url: str, tmp_path: Path) -> None:
    """Versions can't be judged without the city; the city's own finding says what is wrong with it."""
    await activate(scene, keep(url))
    found = await strategies.in_service(scene.store, url, tmp_path / "nowhere")
    assert (found.status, found.todo) == ("warning", "mend the city first")


async def test_a_store_that_has_lost_what_is_in_service_is_an_error(scene: Scene, url: str) -> None:
    """The register knows of a version that the store has never heard of: the folder's would decide unnoticed."""
    record = Activation("s1", keep(url), "winter", state="active", rev=1, number=1, begins_at=scene.now)
    row = ActivationMoveRow(
        1, "s1", scene.now, "activate", "", "active", "olle", "", msgspec.json.encode(record).decode()
    )
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(schema.activation_moves.insert().values(**msgspec.structs.asdict(row)))
    assert versions.in_service(engine) == [record]
    engine.dispose()
    found = await strategies.in_service(scene.store, url, example_city())
    assert (found.status, "knows of 1 versions" in found.found) == ("error", True)
