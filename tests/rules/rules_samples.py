"""Random strategies and facts over a small city, for properties of deciding."""

from typing import Literal, get_args

from hypothesis import strategies as st

from rules.facts import FactValue
from rules.outcome import Receivers
from rules.strategy import (
    NOTICE_CHANNELS,
    OFFERS,
    Capture,
    Captured,
    CellValue,
    Demand,
    HandOver,
    Limit,
    Meta,
    Outcome,
    Priority,
    RouteStep,
    Row,
    Rule,
    Shown,
    Strategy,
    Tier,
    UnknownEffect,
    WarmTransfer,
)
from rules.topics import Topic, TopicBook

BOOK = TopicBook(
    (
        Topic("GAT.HÅL", "Hål", "Pothole", "gata", flags=("fault",), duty="gatujour", words=("potthål", "pothole")),
        Topic("GAT.SIG", "Signal", "Signal", "gata", flags=("fault", "p1_possible"), duty="gatujour"),
        Topic("SOC.ORB", "Oro", "Concern", "soc", flags=("secret", "concern", "p1_possible"), words=("barn far illa",)),
        Topic("KUF.BIB", "Bibliotek", "Library", "kultur", words=("bibliotek", "lånekort")),
    )
)
CODES = BOOK.codes()
RECEIVERS = Receivers(frozenset({"gata", "gatujour", "soc", "kultur", "park"}), {"jour": "gatujour", "empty": ""})

_cells: dict[str, st.SearchStrategy[object]] = {
    "medium": st.sampled_from(["voice", "written", "!voice", "messaging"]),
    "topic": st.sampled_from([*CODES, "GAT.*", "SOC.*", "!GAT.*", "!KUF.BIB"]),
    "topic_flag": st.sampled_from(["fault", "secret", "!p1_possible", "concern"]),
    "severity": st.sampled_from(["P1", "life", "!P4"]),
    "language": st.sampled_from(["fi", "sv", "!sv"]),
    "loa": st.sampled_from([">=2", "<3", "1..2", 0, ">3", "<=1"]),
    "business": st.booleans(),
    "sensitive_detected": st.booleans(),
    "owner": st.sampled_from(["park", "trafikverket", "!park"]),
    "scan": st.sampled_from(["clean", "!infected"]),
    "repeats_topic_30d": st.sampled_from([">=3", 0]),
}


@st.composite
def _cell(draw: st.DrawFn, fact: str) -> CellValue:
    values = draw(st.lists(_cells[fact] | st.just("unknown"), min_size=1, max_size=3))
    return tuple(value for value in values if isinstance(value, str | int))


@st.composite
def _row(draw: st.DrawFn) -> Row:
    facts = draw(st.lists(st.sampled_from(sorted(_cells)), max_size=3, unique=True))
    row: Row = {fact: draw(_cell(fact)) for fact in facts}
    if draw(st.booleans()):
        states = st.sampled_from(["open", "closed", "unknown"])
        row["calendar"] = {name: draw(states) for name in draw(st.sets(st.sampled_from(["day", "night"])))}
    return row


_skills = st.dictionaries(st.sampled_from(["finska", "bygg", "soc"]), st.integers(1, 5), max_size=2)
_few_offers = st.lists(st.sampled_from(sorted(OFFERS)), max_size=2).map(tuple)
_channels = st.lists(st.sampled_from(sorted(NOTICE_CHANNELS)), max_size=3, unique=True).map(tuple)
_notices = st.lists(
    st.builds("{}:{}".format, st.sampled_from(["received", "done"]), st.sampled_from(sorted(NOTICE_CHANNELS))),
    max_size=2,
)
_times = st.sampled_from([0, 10, 60, 300])
_teams = st.lists(st.sampled_from(["north", "south", "partner"]), max_size=2).map(tuple)
_wider = st.builds(RouteStep, _times, st.integers(-2, 0), st.booleans(), _teams)
_exits = st.builds(RouteStep, _times, exit=st.sampled_from(["callback", "written"])) | st.builds(
    RouteStep, _times, exit=st.just("unit"), unit=st.sampled_from(["gata", "responsible", "duty", "owner_of_place"])
)
steps: st.SearchStrategy[RouteStep] = _wider | _exits
"""Any step of a route."""


_units = st.sampled_from(["gata", "responsible", "duty", "owner_of_place"])
_fields = st.lists(st.sampled_from(["location", "address", "org_nr"]), max_size=2).map(tuple)
_captured: st.SearchStrategy[tuple[Captured, ...]] = st.lists(st.sampled_from(get_args(Captured)), max_size=2).map(
    tuple
)
_shown: st.SearchStrategy[tuple[Shown, ...]] = st.lists(st.sampled_from(get_args(Shown)), max_size=3).map(tuple)
_priorities: st.SearchStrategy[Priority | Literal[""]] = st.sampled_from(["", *get_args(Priority)])
_demands: st.SearchStrategy[Demand | Literal[""]] = st.sampled_from(["", *get_args(Demand)])
_hand_overs = st.builds(HandOver, _units, st.just("why"), require_fields=_fields, forbid_fields=_fields) | st.builds(
    HandOver, duty=st.sampled_from(["jour", "empty", "gone"]), require_fields=_fields
)
_carried = st.builds(HandOver, require_fields=_fields, forbid_fields=_fields)
_warm = st.sampled_from(["", "gata", "duty", "owner_of_place"]) | st.builds(
    WarmTransfer, _units, st.sampled_from([0, 30]), st.sampled_from(["", "112"])
)


@st.composite
def _hand_over(draw: st.DrawFn, way: str) -> HandOver | None:
    if way == "hand_over":
        return draw(_hand_overs)
    return draw(st.none() | _carried)


@st.composite
def outcomes(draw: st.DrawFn) -> Outcome:
    """Anything a rule may say."""
    way = draw(st.sampled_from(["none", "queue", "hand_over", "answer"]))
    return Outcome(
        queue=draw(st.sampled_from(["q1", "q2"])) if way == "queue" else "",
        hand_over=draw(_hand_over(way)),
        answer="text" if way == "answer" else "",
        team=draw(st.sampled_from(["", "north", "south"])),
        require=draw(_skills),
        keep=draw(st.lists(st.sampled_from(["finska", "soc"]), max_size=1).map(tuple)),
        route=tuple(draw(st.lists(steps, max_size=2))),
        emergency=draw(st.booleans()),
        priority=draw(_priorities),
        head_start_s=draw(st.sampled_from([0, 60, 120])),
        target_s=draw(st.sampled_from([0, 60, 600])),
        prefer_last_s=draw(st.sampled_from([0, 45])),
        restricted=draw(st.booleans()),
        mask=draw(st.booleans()),
        offers=draw(_few_offers),
        suppress=draw(_few_offers),
        notices=tuple(draw(_notices)),
        limit=Limit(draw(_channels), draw(_shown), draw(_teams), draw(st.sampled_from(["", "no_content"]))),
        capture=Capture(draw(_captured), draw(_captured)),
        checklist=draw(st.sampled_from([(), ("bygglov",), ("kris", "bygglov")])),
        refer=draw(st.sampled_from([(), ("polisen",)])),
        demand=draw(_demands),
        suggestions=draw(st.sampled_from([(), ("a",), ("a", "b")])),
        warm_transfer=draw(_warm),
        fallback=draw(st.sampled_from(["", "112", "responsible"])),
        stop=draw(st.integers(0, 4)) == 0,
    )


@st.composite
def rules(draw: st.DrawFn, tiers: tuple[Tier, ...] = get_args(Tier)) -> tuple[Rule, ...]:
    """Some rules with ids of their own."""
    effects: st.SearchStrategy[UnknownEffect | None] = st.sampled_from([None, "skip", "hit", "ask"])
    return tuple(
        Rule(
            id=f"R{number}",
            tier=draw(st.sampled_from(tiers)),
            then=draw(outcomes()),
            when=tuple(draw(st.lists(_row(), max_size=2))),
            unknown=draw(effects),
        )
        for number in range(draw(st.integers(0, 4)))
    )


def strategy_of(*some: Rule) -> Strategy:
    """A strategy of these rules."""
    return Strategy(Meta("test", "generalist"), some)


strategies = rules().map(lambda some: strategy_of(*some))

_odd: st.SearchStrategy[object] = st.sampled_from([None, "", "nonsense", -1, 2**70, True, 1.5, (), "P1 "])
facts: st.SearchStrategy[dict[str, FactValue]] = st.fixed_dictionaries(
    {},
    optional={
        "medium": st.sampled_from(["voice", "written", "messaging"]) | _odd,
        "topic": st.sampled_from([*CODES, "GAT.GONE"]) | _odd,
        "severity": st.sampled_from(["P1", "P4", "life"]) | _odd,
        "language": st.sampled_from(["fi", "sv", "so"]) | _odd,
        "loa": st.integers(0, 4) | _odd,
        "business": st.booleans() | _odd,
        "place_unit": st.sampled_from(["park", "gata"]) | _odd,
        "sensitive_detected": st.booleans() | _odd,
        "calendar.day": st.sampled_from(["open", "closed"]) | _odd,
        "owner": st.sampled_from(["park", "trafikverket", "gata"]) | _odd,
        "scan": st.sampled_from(["clean", "infected", "dirty"]) | _odd,
        "repeats_topic_30d": st.integers(0, 4) | _odd,
        "calendar.night": st.sampled_from(["open", "closed"]) | _odd,
        "no_such_fact": _odd,
    },
)  # pyright: ignore[reportAssignmentType] (odd values are the point)
"""What intake may give, and what it never should."""
