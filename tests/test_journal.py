"""Journal entries: read back as written, older ones without newer fields, nothing left to guess."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.journal import (
    LIVE,
    AgentRecord,
    Asks,
    ContentRef,
    CoolDown,
    Entry,
    EntryData,
    HandoverTerms,
    Outcome,
    Placement,
    Received,
    decode,
    encode_data,
)
from router.lifecycle import Transition
from router.model import bucket_of, read_asks, requirements
from router.store.redis_store import Store
from tests.manual_clock import ManualClock
from tests.store.scene import Scene

WORDS = st.text(max_size=12)
COUNTS = st.integers(0, 2**48)
SKILLS = st.dictionaries(WORDS, st.integers(1, 5), max_size=3)
ASKS = st.builds(
    Asks,
    WORDS,
    WORDS,
    st.sampled_from(["voice", "messaging", "written", "in_person"]),
    st.integers(0, 2),
    SKILLS.map(requirements),
    st.booleans(),
)
DATA = st.builds(
    EntryData,
    contact=WORDS,
    agent=WORDS,
    reason=WORDS,
    until=COUNTS,
    received=st.none()
    | st.builds(Received, WORDS, st.just("voice"), COUNTS, person_keys=st.tuples(WORDS), lat=st.none()),
    decision=st.sampled_from([EntryData().decision, msgspec.Raw(b'{"kind":"queue"}')]),
    outcomes=st.lists(st.builds(Outcome, WORDS, WORDS, cause=WORDS), max_size=2).map(tuple),
    content=st.lists(st.builds(ContentRef, COUNTS, WORDS), max_size=2).map(tuple),
    terms=st.none() | st.builds(HandoverTerms, WORDS, accept_by=COUNTS),
    cool_down=st.none() | st.builds(CoolDown, WORDS, COUNTS, contact=WORDS),
    profile=st.none() | st.builds(AgentRecord, skills=SKILLS, teams=st.tuples(WORDS)),
)


def entry_of(data: bytes, transitions: bytes = b"[]", placed: bytes = b"") -> bytes:
    """An entry in the form in which Lua puts it together."""
    tail = b',"placed":' + placed if placed else b""
    return b'{"v":1,"n":7,"at":9,"command":"x","transitions":' + transitions + b',"data":' + data + tail + b"}"


@given(DATA)
def test_data_survives_the_way_through_the_stream(data: EntryData) -> None:
    """Whatever a command says beside its moves is read back equal."""
    assert decode(entry_of(encode_data(data))) == Entry(1, 7, 9, "x", (), data)


@given(ASKS, COUNTS, COUNTS, COUNTS)
def test_a_place_survives_the_way_through_the_stream(asks: Asks, score: int, ready_at: int, due_at: int) -> None:
    """A place in the queue is read back equal, and a bucket's name depends on what it asks for alone."""
    bucket, text = bucket_of(asks)
    placed = Placement(bucket, asks, score, ready_at, due_at)
    assert decode(entry_of(b"{}", placed=msgspec.json.encode(placed))).placed == placed
    assert bucket_of(read_asks(text)) == (bucket, text)


def test_transitions_are_read_as_such() -> None:
    """A move is machine, id, revision, before, event, after."""
    raw = b'[["contact","c1",3,"decided","queue","queued"],["offer","c1.o1",1,"","issue","issued"]]'
    assert decode(entry_of(b"{}", raw)).transitions == (
        Transition("contact", "c1", 3, "decided", "queue", "queued"),
        Transition("offer", "c1.o1", 1, "", "issue", "issued"),
    )


def test_an_entry_with_fields_of_a_later_version_is_read() -> None:
    """Routers of two versions share a store for a while: what one does not know it passes over."""
    assert decode(entry_of(b'{"contact":"c1","mood":"new"}')).data == EntryData(contact="c1")


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"{}", b'{"v":1,"n":1,"at":1,"command":"x"}', entry_of(b'{"until":"soon"}')]
)
def test_a_broken_entry_is_an_error(raw: bytes) -> None:
    """An entry that does not fit is never half read."""
    with pytest.raises(msgspec.DecodeError):
        decode(raw)


@given(DATA)
def test_what_is_not_said_takes_no_room(data: EntryData) -> None:
    """Defaults are left out: an entry holds what its command had to say."""
    said = msgspec.json.decode(encode_data(data), type=dict[str, object])
    assert all(value not in ("", 0, None, [], {}) for value in said.values())
    assert encode_data(EntryData()) == b"{}"


def test_somebody_waits_at_the_other_end_of_live_media_only() -> None:
    """Live is what can't be put aside."""
    media = ["voice", "messaging", "in_person", "written"]
    assert [Asks("q", "c", medium, 1).is_live for medium in media] == [True, True, True, False]
    assert frozenset(media[:3]) == LIVE


async def test_lua_adds_to_data_without_breaking_it(store: Store, manual_clock: ManualClock) -> None:
    """Quotes, backslashes and line breaks in what a caller says come out of the journal as they went in."""
    scene = Scene(store, manual_clock)
    await scene.desk()
    contact = await scene.taken()
    seen = await scene.contact(contact)
    position = await store.position()
    said = 'a "quoted" \\ word\n\u2028 åäö %1 ;'
    data = EntryData(contact=contact, agent="anna", reason=said)
    await store.contacts.end_contact(contact, "anna", seen.bucket, -1, data, wrap_until=scene.now)
    (entry,) = await scene.journal(position)
    assert (entry.data.reason, entry.data.leg, entry.data.until) == (said, f"{contact}.l1", scene.now)
