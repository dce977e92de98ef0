"""A router's strategies follow the store: late, missing or odd versions never keep anybody waiting, and are told."""

import asyncio
from collections.abc import Callable

import msgspec
import pytest
from prometheus_client import CollectorRegistry

from router.activations import Activation, Scope
from router.active_strategies import AGAIN_MS, ActiveStrategies
from router.config import example_city
from router.decisions import Decisions
from router.errors import RegisterUnavailable
from router.model import OpenContact
from router.opening import Opening
from router.orders import Orders
from router.records import DecisionRecord
from router.store.redis_store import Store
from router.strategies import KEPT, Strategies
from router.telemetry import Metrics
from rules.city import load_city
from rules.versions import compile_text
from tests.manual_clock import ManualClock
from tests.store.scene import Scene

CITY = load_city(example_city())
TEXT = (example_city() / "strategy.toml").read_text(encoding="utf-8")
FACTS = {"channel": "phone", "medium": "voice", "topic": "KUF.BIB"}
_record = msgspec.json.Decoder(DecisionRecord).decode


def text_of(version: str) -> str:
    """The example's strategy under another version name, so with another hash."""
    return TEXT.replace(f'version = "{CITY.strategy.version}"', f'version = "{version}"')


class House:
    """One router's strategies over a store, with a shelf of texts in place of the register."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.texts: dict[str, str] = {}
        self.is_down = False
        self.asked = 0
        self.metrics = Metrics(CollectorRegistry())
        self.strategies = Strategies(CITY)
        self.past: list[Activation] = []
        self.follower = ActiveStrategies(
            scene.store, self.strategies, self.read, self.bring_in, self.read_past, self.metrics
        )
        self.decisions = Decisions(CITY, Opening(CITY, Orders()), scene.clock, self.metrics, self.strategies)
        self.followed = 0

    async def read(self, version_hash: str) -> str | None:
        """The shelf; away when it is down."""
        self.asked += 1
        if self.is_down:
            raise RegisterUnavailable
        return self.texts.get(version_hash)

    async def bring_in(self) -> None:
        """Nothing to keep."""

    async def read_past(self) -> list[Activation]:
        """What the register knows of versions in service."""
        if self.is_down:
            raise RegisterUnavailable
        return self.past

    def shelve(self, version: str) -> str:
        """Put a version on the shelf; its hash."""
        version_hash = compile_text(CITY, text_of(version)).hash
        self.texts[version_hash] = text_of(version)
        return version_hash

    async def activate(self, version: str, version_hash: str, *, until: int = 0) -> None:
        """Some router brings a version into service."""
        found = await self.scene.store.activations.all()
        wanted = Activation(
            version, version_hash, version, begins_at=self.scene.now, until=until, scope=Scope(), actor="x"
        )
        await self.scene.store.activations.activate_strategy(found.activated(wanted), found.number)

    async def follow(self) -> None:
        """The journal comes, and the loop has its turn once."""
        for entry in await self.scene.journal(self.followed):
            self.follower.follow(entry)
            self.followed = entry.n
        await self.look()

    async def look(self, *, is_leader: bool = False) -> None:
        """One turn of the loop, without its pause."""
        self.follower._changed.set()
        task = asyncio.create_task(self.follower.look(is_leader=is_leader))
        while not task.done():
            self.follower._changed.set()
            await asyncio.wait({task}, timeout=0.01)
        task.result()

    @property
    def not_loaded(self) -> float:
        """What the alarm metric says."""
        return self.metrics.strategies_not_loaded._value.get()  # pyright: ignore[reportUnknownVariableType] # prometheus_client is half typed

    def decides(self) -> str:
        """The hash that a new contact meets."""
        return self.decisions.decide(FACTS, "anybody").decision.trace.strategy_hash


@pytest.fixture
def house(store: Store, manual_clock: ManualClock) -> House:
    """A router that knows its folder's strategy only."""
    return House(Scene(store, manual_clock))


async def test_a_start_finds_what_is_in_service(house: House) -> None:
    """What was activated before this router lived decides from its first contact on."""
    version_hash = house.shelve("a")
    await house.activate("a", version_hash)
    await house.follower.begin()
    assert house.decides() == version_hash
    assert house.not_loaded == 0


async def test_a_version_comes_by_the_journal(house: House) -> None:
    """Until it is compiled the one before decides; then it does, and the next takes its place without a restart."""
    await house.follower.begin()
    before = CITY.strategy.hash
    for version in ("a", "b"):
        version_hash = house.shelve(version)
        await house.activate(version, version_hash)
        for entry in await house.scene.journal(house.followed):
            house.follower.follow(entry)
        assert house.decides() == before
        await house.follow()
        assert house.decides() == version_hash
        before = version_hash


@pytest.mark.parametrize("spoil", ["gone", "unreadable", "down"])
async def test_what_can_not_be_loaded_leaves_the_one_before(house: House, spoil: str) -> None:
    """No text, a text that does not compile any more, no register: the old one decides, and an alarm stands."""
    first, second = house.shelve("a"), house.shelve("b")
    await house.activate("a", first)
    await house.follower.begin()
    good = house.texts[second]
    match spoil:
        case "gone":
            del house.texts[second]
        case "unreadable":
            house.texts[second] = good.replace("default_queue", "default_qeue", 1)
        case _:
            house.is_down = True
    await house.activate("b", second)
    await house.follow()
    assert (house.decides(), house.not_loaded) == (first, 1)
    asked = house.asked
    await house.look()
    assert house.asked == asked, "it is not asked for in every turn"

    house.texts[second], house.is_down = good, False
    house.scene.clock.advance_s(AGAIN_MS / 1000)
    await house.look()
    assert (house.decides(), house.not_loaded) == (second, 0)


async def test_a_gap_in_the_journal_is_read_over(house: House) -> None:
    """Entries that were missed are made up for from the store."""
    await house.follower.begin()
    await house.activate("a", house.shelve("a"))
    version_hash = house.shelve("b")
    await house.activate("b", version_hash)
    house.followed = (await house.scene.journal())[0].n
    await house.follow()
    await house.look()
    assert house.decides() == version_hash
    assert house.strategies.activations.number == 2


async def test_the_leader_writes_down_that_a_time_is_over(house: House) -> None:
    """Nobody meets it from that moment on, on any router; the leader's entry is one, and no other router's."""
    version_hash = house.shelve("crisis")
    await house.activate("crisis", version_hash, until=house.scene.now + 1_000)
    await house.follower.begin()
    assert house.decides() == version_hash
    house.scene.clock.advance_s(1)
    assert house.decides() == CITY.strategy.hash
    await house.look()
    assert len(await house.scene.journal()) == 1
    await house.look(is_leader=True)
    await house.look(is_leader=True)
    entry = (await house.scene.journal())[-1]
    assert [(move.event, move.after) for move in entry.transitions] == [("expire", "expired")]
    assert (entry.data.actor, len(await house.scene.journal())) == ("timer", 2)


def contact_of(house: House) -> OpenContact:
    """A contact that the version in service decides about."""
    decided = house.decisions.decide(FACTS, "anybody")
    fields = {"state": "queued", "channel": "phone", "medium": "voice", "topic": "KUF.BIB"}
    return msgspec.convert({**fields, "decision": decided.record.decode()}, OpenContact)


async def again(house: House, contact: OpenContact) -> DecisionRecord:
    """What is decided about it later."""
    await house.decisions.prepare(contact)
    return _record(house.decisions.again(contact, "fact_changed").record)


async def test_an_old_contact_asks_the_version_that_decided_it(house: House, restarted: Callable[[], House]) -> None:
    """Also on a router that has started since and has never seen that version in service."""
    version_hash = house.shelve("a")
    await house.activate("a", version_hash)
    await house.follower.begin()
    contact = contact_of(house)
    for version in ("b", "c"):
        await house.activate(version, house.shelve(version))
    fresh = restarted()
    await fresh.follower.begin()
    assert fresh.strategies.of(version_hash) is None
    record = await again(fresh, contact)
    assert (record.decision.trace.strategy_hash, record.instead_of) == (version_hash, "")


async def test_a_contact_whose_version_is_gone(house: House, restarted: Callable[[], House]) -> None:
    """The version in service decides, the record says in whose place, and nobody waits for the search again."""
    await house.activate("a", house.shelve("a"))
    await house.follower.begin()
    contact = contact_of(house)
    old = next(iter(house.texts))
    await house.activate("b", newer := house.shelve("b"))
    await house.activate("c", newest := house.shelve("c"))
    del house.texts[old]
    await house.scene.store.runner.write("HDEL", house.scene.store.keys.strategy_texts, old)
    fresh = restarted()
    await fresh.follower.begin()
    record = await again(fresh, contact)
    assert (record.decision.trace.strategy_hash, record.instead_of) == (newest, old)
    asked = fresh.asked
    await again(fresh, contact)
    assert fresh.asked == asked
    assert fresh.strategies.of(newer) is not None


@pytest.fixture
def restarted(house: House) -> Callable[[], House]:
    """The same router, started again: same store, same register."""

    def start() -> House:
        fresh = House(house.scene)
        fresh.texts = house.texts
        return fresh

    return start


def test_spare_versions_are_few(house: House) -> None:
    """What old contacts asked for does not pile up; what is in service stays."""
    compiled = compile_text(CITY, text_of("a"))
    for number in range(3 * KEPT):
        house.strategies.keep(f"hash-{number}", compiled, house.scene.now)
    assert len(house.strategies._ready) <= KEPT + 2


def test_law_is_read_in_the_version_that_decided(house: House) -> None:
    """A rule is law where it stands in a law tier of the deciding version, whatever the folder says."""
    decision = house.decisions.decide({**FACTS, "severity": "life", "topic": "VAT.LÄC"}, "x").decision
    law = house.decisions.law_of(decision)
    assert law
    assert law <= set(decision.trace.hits)


async def test_a_restart_without_the_register_decides_as_before(house: House) -> None:
    """What a version says stands in the store since it came into service: the register may be away for long."""
    version_hash = house.shelve("a")
    await house.activate("a", version_hash)
    await house.follower.begin()
    again = House(house.scene)
    again.is_down = True
    await again.follower.begin()
    assert again.decides() == version_hash
    assert (again.asked, again.not_loaded) == (0, 0)


async def test_a_store_that_has_lost_everything_gets_the_activations_back(house: House) -> None:
    """A start finds them in the register, once it answers; the second start finds them in the store."""
    version_hash = house.shelve("a")
    await house.activate("a", version_hash)
    house.past = list((await house.scene.store.activations.all()).all())
    await house.scene.store.runner.write("FLUSHALL")
    house.is_down = True
    await house.follower.begin()
    assert house.decides() == CITY.strategy.hash
    house.is_down = False
    house.scene.clock.advance_s(AGAIN_MS / 1000)
    await house.look()
    assert house.decides() == version_hash
    (entry,) = await house.scene.journal()
    assert (entry.command, entry.data.reason, entry.transitions) == ("restore_activations", "store_lost", ())
    kept = await house.scene.store.activations.all()
    assert (list(kept.all()), kept.number) == (house.past, 1)
    await house.look()
    assert len(await house.scene.journal()) == 1


async def test_a_router_that_lives_on_tells_a_lost_store_what_was_in_service(house: House) -> None:
    """Routers know what decides; when the store comes back empty, the first of them tells it, and only once."""
    version_hash = house.shelve("a")
    await house.activate("a", version_hash)
    await house.follower.begin()
    house.is_down = True
    await house.scene.store.runner.write("FLUSHALL")
    for _ in range(2):
        house.follower.reload_soon()
        await house.look()
    assert house.decides() == version_hash
    assert [entry.command for entry in await house.scene.journal()] == ["restore_activations"]
    found = await house.scene.store.activations.all()
    assert [(each.id, each.state) for each in found.all()] == [("a", "active")]
