"""The proof of reach: exact on any strategy, held against a search through every contact that the rules tell apart."""

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.compile import CompiledStrategy, compile_strategy
from rules.decide import decide
from rules.facts import FactValue
from rules.proof.findings import Found
from rules.proof.moments import Moment
from rules.proof.reach import unreached, witness
from rules.proof.space import Space
from rules.strategy import DEFAULT_TIER, Meta, Outcome, Row, Rule, Strategy
from rules.supposing import asked_facts, values_of
from rules.topics import Topic, TopicBook

BOOK = TopicBook(
    (
        Topic("GAT.HÅL", "Hål", "Pothole", "gata", flags=("fault",)),
        Topic("GAT.SIG", "Signal", "Signal", "gata", flags=("fault", "p1_possible")),
        Topic("SOC.ORB", "Oro", "Concern", "soc", flags=("secret",)),
    )
)
MOMENTS = (
    Moment({"calendar.day": "open", "calendar.night": "closed"}, at="2026-02-02 10:00"),
    Moment({"calendar.day": "closed", "calendar.night": "open"}, at="2026-02-02 22:00"),
)
CELLS = {
    "medium": st.sampled_from(["voice", "!voice", "written"]),
    "topic": st.sampled_from(["GAT.*", "SOC.ORB", "!GAT.HÅL"]),
    "topic_flag": st.sampled_from(["fault", "secret", "!p1_possible"]),
    "language": st.sampled_from(["fi", "!fi"]),
    "loa": st.sampled_from([">=2", "<2", "<0", 1]),
    "business": st.booleans(),
    "calendar": st.sampled_from([{"day": "open"}, {"day": "closed"}, {"day": "open", "night": "open"}]),
}


@st.composite
def rows(draw: st.DrawFn) -> Row:
    """A row of up to three cells, each with or without unknown."""
    row: Row = {}
    for fact in draw(st.lists(st.sampled_from(sorted(CELLS)), max_size=3, unique=True)):
        value = draw(CELLS[fact])
        row[fact] = value if fact == "calendar" or draw(st.booleans()) else (value, "unknown")  # pyright: ignore[reportArgumentType] (any cell)
    return row


@st.composite
def strategies(draw: st.DrawFn) -> CompiledStrategy:
    """A small strategy in which rules often stand in each other's way."""
    rules = tuple(
        Rule(
            id=f"R{number}",
            tier=draw(st.sampled_from(["A", "C", "E", "H"])),
            then=Outcome(queue=draw(st.sampled_from(["", "q1"])), stop=draw(st.booleans())),
            when=tuple(draw(st.lists(rows(), max_size=2))),
            unknown=draw(st.sampled_from([None, "skip", "hit", "ask"])),
        )
        for number in range(draw(st.integers(1, 5)))
    )
    return compile_strategy(Strategy(Meta("test", "q1"), rules), BOOK)


def spoken_to(compiled: CompiledStrategy) -> set[str]:
    """The rules that some contact hits, found by trying every one."""
    facts = [fact for fact in asked_facts(compiled) if not fact.startswith("calendar")]
    choices: list[list[FactValue]] = [[None, *(value for value, _ in values_of(compiled, fact))] for fact in facts]
    hit: set[str] = set()
    for moment in MOMENTS:
        for values in product(*choices):
            contact = {**moment.states, **dict(zip(facts, values, strict=True))}
            hit |= {*decide(compiled, contact).trace.hits}
    return hit


def is_net(compiled: CompiledStrategy, rule: str) -> bool:
    """Whether it is a rule of the default tier for everything."""
    return any(each.id == rule and each.tier == DEFAULT_TIER and not each.when for each in compiled.rules)


def told(found: list[Found]) -> set[str]:
    """The rules that are reported."""
    return {each.rule for each in found if each.code in {"unreachable_rule", "shadowed_rule"}}


@given(strategies())
@settings(max_examples=150, deadline=None)
def test_every_rule_is_witnessed_or_reported_and_never_both(compiled: CompiledStrategy) -> None:
    """A rule that is not reported has a contact that hits it; no contact at all hits one that is."""
    space = Space(compiled, MOMENTS)
    reported = told([*unreached(space)])
    tried = spoken_to(compiled)
    for number, rule in enumerate(compiled.rules):
        example = witness(space, number)
        if rule.effect == "ask":
            assert not (rule.id in reported and rule.id in tried)
            continue
        assert (example is not None) == (rule.id in tried)
        assert (rule.id in reported) == (example is None) or is_net(compiled, rule.id)
        if example is not None:
            moment = next(each for each in MOMENTS if each.at == example.at)
            assert rule.id in decide(compiled, {**moment.states, **example.facts}).trace.hits


@given(strategies())
@settings(max_examples=100, deadline=None)
def test_without_those_that_shadow_it_a_rule_is_reached(compiled: CompiledStrategy) -> None:
    """The rules named as shadows are the reason: without them a contact hits the rule, unless another does the same."""
    for each in unreached(Space(compiled, MOMENTS)):
        if each.code != "shadowed_rule":
            continue
        shadows = {*str(each.arguments["by"]).split(", ")}
        ids = [rule.id for rule in compiled.rules]
        space = Space(compiled, MOMENTS)
        box = next(lane for lane in space.of_rule[ids.index(each.rule)] if lane.speaks is not None)
        named = [lane for lane in space.lanes if ids[lane.rule] in shadows]

        assert each.rule not in shadows
        assert space.free(box.true or box.speaks or {}, named) is None
