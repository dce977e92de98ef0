"""Whatever is lost, doubled or swapped between Asterisk and us: nobody is stuck, nobody talks to two agents."""

from collections.abc import Callable
from typing import Any

import msgspec
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from channels.asterisk import agents, caller
from channels.asterisk.call import Call
from channels.asterisk.calls import Calls, Move
from channels.asterisk.requests import Ask, Reply
from channels.asterisk.settings import AsteriskSettings
from channels.asterisk.tell import Arm, Connected, End, FailSetup, FailTransfer, Left, Look, Receive, Steps
from channels.asterisk.wire import (
    AriBridge,
    AriChannel,
    Caller,
    ChannelDestroyed,
    Dialplan,
    Event,
    StasisEnd,
    StasisStart,
)
from channels.base import Connection, Seen, Taken

PLAN = AsteriskSettings(user="u", password="p", outside="PJSIP/{number}@trunk")
ENTITY = "e"
SOURCE = f"ari:{ENTITY}"
pick = st.integers(0, 99)


class World(RuleBasedStateMachine):
    """Asterisk, the service and the calls between them, one step at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = Calls(PLAN)
        self.there: dict[str, AriChannel] = {}
        self.bridges: dict[str, set[str]] = {}
        self.pending: list[Event] = []
        self.open: dict[str, Seen] = {}
        self.known: set[str] = set()
        self.ends: dict[str, int] = {}
        self.outside: set[str] = set()
        self.timers: list[tuple[Call, Arm]] = []
        self.looks: list[tuple[Call, Seen | None, int]] = []
        """What the service said, on its way to a call."""
        self.legs: dict[str, str] = {}
        """Leg -> what was told of it."""
        self.count = 0

    # Asterisk ----------------------------------------------------------------------------------------------------

    def _answer(self, asked: Ask) -> Reply:
        channel, bridge = asked.ids.get("channel", ""), asked.ids.get("bridge", "")
        match asked.method, asked.template:
            case "POST", "/channels/{channel}":
                if channel in self.there:
                    return Reply(409)
                args = str(asked.body["appArgs"])
                self.there[channel] = _channel(channel, "Ringing", f"later:{args}")
                return Reply(200)
            case _ if channel and channel not in self.there:
                return Reply(404)
            case "DELETE", "/channels/{channel}":
                self._down(channel)
            case "POST", "/channels/{channel}/continue":
                self._down(channel)
                self.outside.add(channel)
            case "POST", "/bridges/{bridge}":
                self.bridges.setdefault(bridge, set())
            case "DELETE", "/bridges/{bridge}":
                self.bridges.pop(bridge, None)
            case "POST", "/bridges/{bridge}/addChannel":
                return self._add(bridge, asked.query["channel"].split(","))
            case "POST", "/bridges/{bridge}/removeChannel":
                self.bridges.get(bridge, set()).discard(asked.query["channel"])
            case _:
                pass
        return Reply(204)

    def _add(self, bridge: str, members: list[str]) -> Reply:
        if bridge not in self.bridges:
            return Reply(404)
        if any(each not in self.there or "later:" in self.there[each].dialplan.app_data for each in members):
            return Reply(422)
        for others in self.bridges.values():
            others.difference_update(members)
        self.bridges[bridge].update(members)
        return Reply(204)

    def _down(self, channel: str) -> None:
        gone = self.there.pop(channel)
        for members in self.bridges.values():
            members.discard(channel)
        if "later:" not in gone.dialplan.app_data:
            self.pending.append(StasisEnd(channel=gone))
        if channel.startswith("sc."):
            self.pending.append(ChannelDestroyed(channel=gone, cause=16))

    # The service -------------------------------------------------------------------------------------------------

    def _do(self, moves: list[Move]) -> None:
        for call, steps in moves:
            queue: list[Any] = list(steps)
            while queue:
                queue += self._step(call, queue.pop(0))
            if call is not None and call.is_gone:
                self.calls.forget(call)

    def _step(self, call: Call | None, step: object) -> list[Any]:
        if isinstance(step, Ask):
            reply = self._answer(step)
            return list(agents.hear(call, step, reply)) if call is not None else []
        assert call is not None
        match step:
            case Receive():
                contact = f"c{call.id}v{call.visits}"
                if contact not in self.known:
                    self.known.add(contact)
                    self.open[contact] = Seen(contact, "queued", SOURCE, call.id)
                state = self.open[contact].state if contact in self.open else "abandoned"
                steps = caller.receive(call, Taken(contact, state))
                self.calls.name(call)
                return list(steps)
            case End() if call.is_over:
                pass
            case End():
                self.ends[call.contact] = self.ends.get(call.contact, 0) + 1
                self.open.pop(call.contact, None)
            case Connected(leg=leg) | Left(leg=leg) | FailSetup(leg=leg):
                self._tell(call.contact, leg, "connected" if isinstance(step, Connected) else "failed")
            case FailTransfer():
                return self._fail_transfer(call)
            case Look(turn=turn):
                self.looks.append((call, self.open.get(call.contact), turn))
            case Arm():
                self.timers.append((call, step))
            case _:
                raise AssertionError(step)
        return []

    def _tell(self, contact: str, leg: str, word: str) -> None:
        self.legs[leg] = word
        seen = self.open.get(contact)
        if seen is not None and seen.leg == leg:
            state = ("with_agent", leg, word) if word == "connected" else ("queued", "", "")
            self.open[contact] = msgspec.structs.replace(seen, state=state[0], leg=state[1], leg_state=state[2])

    def _fail_transfer(self, call: Call) -> list[Any]:
        """Back to the agent or to the queue by turns; anew when the contact is over."""
        seen = self.open.get(call.contact)
        if call.is_gone or (seen is not None and not seen.is_sent_on):
            return []
        if seen is None:
            self.calls.lose_name(call)
            return list(caller.come_again(call))
        self.count += 1
        leg = f"{seen.contact}.l{self.count}"
        state = ("queued", "", "") if self.count % 2 else ("with_agent", leg, "connecting")
        self.open[call.contact] = msgspec.structs.replace(
            seen, state=state[0], leg=state[1], leg_state=state[2], is_sent_on=False
        )
        if state[1]:
            self._connect(self.open[call.contact])
        return []

    # What happens ------------------------------------------------------------------------------------------------

    @rule()
    def call_in(self) -> None:
        """Somebody calls."""
        self.count += 1
        channel = _channel(f"in{self.count}", "Ring", "servicecenter,inbound,1800")
        self.there[channel.id] = channel
        self.pending.append(StasisStart(channel=channel, args=("inbound", "1800"), asterisk_id=ENTITY))

    @rule()
    def arrive(self) -> None:
        """Somebody calls, and it is heard of at once."""
        self.call_in()
        self._do(self.calls.feed(self.pending.pop()))

    @rule(n=pick)
    def take(self, n: int) -> None:
        """An agent takes a contact and picks up, and all of that is heard of at once."""
        self.decide(n, "connect")
        ringing = sorted(self._ringing())
        mine = [at for at, name in enumerate(ringing) if name.endswith(f".l{self.count}")]
        if mine:
            self.pick_up(mine[0])
            self._do(self.calls.feed(self.pending.pop()))

    def _ringing(self) -> list[str]:
        return [each for each, found in self.there.items() if "later:" in found.dialplan.app_data]

    @rule(n=pick)
    def hang_up(self, n: int) -> None:
        """Somebody hangs up: a caller, an agent, whoever."""
        if self.there:
            self._down(sorted(self.there)[n % len(self.there)])

    @rule(n=pick)
    def pick_up(self, n: int) -> None:
        """A phone that rings is answered."""
        ringing = sorted(self._ringing())
        if ringing:
            name = ringing[n % len(ringing)]
            args = self.there[name].dialplan.app_data.removeprefix("later:")
            channel = self.there[name] = _channel(name, "Up", f"servicecenter,{args}")
            self.pending.append(StasisStart(channel=channel, args=tuple(args.split(",")), asterisk_id=ENTITY))

    @rule(n=pick, fate=st.sampled_from(["first", "any", "any", "twice", "lost"]))
    def deliver(self, n: int, fate: str) -> None:
        """An event comes: in its turn, early, twice or never."""
        if not self.pending:
            return
        at = 0 if fate == "first" else n % len(self.pending)
        event = self.pending[at]
        if fate != "twice":
            del self.pending[at]
        if fate != "lost":
            self._do(self.calls.feed(event))

    @rule(
        n=pick,
        move=st.sampled_from(
            ["connect", "connect", "promote", "hold", "resume", "join", "leave", "wait", "requeue", "end"]
        ),
    )
    def decide(self, n: int, move: str) -> None:
        """The service decides something about a contact, known here or not."""
        # Whom an agent has sent on, nobody takes or places anew.
        free = [name for name in sorted(self.open) if not self.open[name].is_sent_on]
        if not free:
            return
        seen = self.open[free[n % len(free)]]
        call = self.calls.of_contact(seen.contact)
        self.count += 1
        leg = f"{seen.contact}.l{self.count}"
        match move:
            case "connect" | "promote":
                beside = next(iter(call.sides.values()), None) if call is not None and move == "promote" else None
                self.open[seen.contact] = msgspec.structs.replace(
                    seen, state="with_agent", leg=leg, leg_state="connecting", agent=beside.agent if beside else "a"
                )
                self._connect(self.open[seen.contact])
            case "requeue":
                self.open[seen.contact] = msgspec.structs.replace(seen, state="queued", leg="", leg_state="")
                if call is not None:
                    self._do([Move(call, [Look(call.turn)])])
            case "end":
                del self.open[seen.contact]
                self.outside.add(seen.subject)
                if call is not None:
                    self._do([Move(call, agents.end(call))])
            case _ if call is not None:
                steps: dict[str, Callable[[], Steps]] = {
                    "hold": lambda: agents.hold(call),
                    "resume": lambda: agents.resume(call),
                    "join": lambda: agents.join(call, leg, f"s{self.count}", speaks=False),
                    "leave": lambda: agents.leave(call, next(iter(call.sides), ""), ""),
                    "wait": lambda: [Look(call.turn)],
                }
                self._do([Move(call, steps[move]())])
            case _:
                pass

    @rule(n=pick)
    def send_on(self, n: int) -> None:
        """An agent sends the resident on outside; one who has done so finishes wrapping up."""
        if not self.open:
            return
        seen = self.open[sorted(self.open)[n % len(self.open)]]
        call = self.calls.of_contact(seen.contact)
        if seen.is_sent_on:
            del self.open[seen.contact]
        elif seen.leg_state == "connected" and call is not None:
            self.open[seen.contact] = msgspec.structs.replace(seen, leg_state="wrapping_up", is_sent_on=True)
            self._do([Move(call, agents.transfer(call, seen.leg, "+46701740690"))])

    def _connect(self, seen: Seen) -> None:
        connection = Connection(seen.contact, seen.leg, seen.agent, SOURCE, seen.subject)
        call = self.calls.talked_about(connection)
        if call is not None:
            self._do([Move(call, agents.connect(call, connection))])

    @rule(n=pick)
    def ring_out(self, n: int) -> None:
        """A timer runs out, perhaps one of a call that is over."""
        if self.timers:
            call, arm = self.timers.pop(n % len(self.timers))
            self._do([Move(call, agents.ring_out(call, arm.name, arm.token))])

    @rule(n=pick)
    def answer_look(self, n: int) -> None:
        """What the service said a while ago arrives."""
        if self.looks:
            call, seen, turn = self.looks.pop(n % len(self.looks))
            owner = call.owner
            self._do([Move(call, caller.look(call, seen, turn))])
            now = self.open.get(call.contact)
            if owner is not None and now is not None and now.leg == owner.leg:
                assert call.owner is owner, "an agent who has the call is never let go by old words"

    @rule()
    def survey(self) -> None:
        """What we believe is held against what is there."""
        bridges = [AriBridge(name, tuple(sorted(members))) for name, members in self.bridges.items()]
        known = self.calls.channels()
        moves, lost = self.calls.survey(list(self.there.values()), bridges, list(self.open.values()), ENTITY, known)
        self._do(moves)
        for seen in lost:
            self.ends[seen.contact] = self.ends.get(seen.contact, 0) + 1
            self.open.pop(seen.contact, None)

    @rule()
    def restart(self) -> None:
        """Another process takes over and knows nothing."""
        self.calls = Calls(PLAN)
        self.timers.clear()
        self.pending.clear()
        self.looks.clear()
        self.survey()

    # What always holds -------------------------------------------------------------------------------------------

    @invariant()
    def nobody_is_told_of_twice(self) -> None:
        """A caller's end is told once."""
        assert all(count == 1 for count in self.ends.values())

    @invariant()
    def nobody_talks_to_two_agents(self) -> None:
        """Beside the caller, a bridge has the owner's phone and those who listen."""
        for bridge, members in self.bridges.items():
            call = self.calls.of_contact(bridge[3:])
            if call is not None:
                allowed = {call.id, *(each.channel for each in call.phones())}
                assert {each for each in members if each in self.there} <= allowed

    def _talks_on(self, channel: str) -> bool:
        """With somebody outside: the contact is over, and another process may have come."""
        return any(channel in members and len(members) > 1 for members in self.bridges.values())

    def teardown(self) -> None:
        """Once everything has been looked at, nothing is left over and nobody waits for nothing."""
        for _ in range(5):
            self.pending.clear()
            self.survey()
            for seen in [each for each in self.open.values() if each.leg_state == "connecting"]:
                self._connect(seen)
            due, self.timers = [each for each in self.timers if each[1].name != "announce"], []
            for call, arm in due:
                self._do([Move(call, agents.ring_out(call, arm.name, arm.token))])
        residents = {seen.subject for seen in self.open.values() if seen.state in {"queued", "offered"}}
        assert residents <= set(self.there)
        for channel in self.there:
            if channel.startswith("sc.") and not self._talks_on(channel):
                assert self.calls.holding(channel) is not None
        for seen in self.open.values():
            call = self.calls.of_contact(seen.contact)
            if seen.is_sent_on:  # They talk outside, or nobody is left on the line.
                assert call is None or call.outside is None or call.outside.is_up or call.outside.channel in self.there
                assert call is None or call.stage != "waiting", "nobody is forgotten"
                continue
            assert call is not None
            assert not call.is_gone
            assert seen.leg_state != "connecting"
        for name, channel in self.there.items():
            is_ours = not name.startswith("sc.") and name not in self.outside and not self._talks_on(name)
            if is_ours and channel.args("servicecenter"):
                assert self.calls.holding(name) is not None


def _channel(name: str, state: str, data: str) -> AriChannel:
    app = "AppDial2" if data.startswith("later:") else "Stasis"
    return AriChannel(name, state=state, caller=Caller("+46701740605"), dialplan=Dialplan("1800", app, data))


TestWorld = World.TestCase
TestWorld.settings = settings(max_examples=300, stateful_step_count=80, deadline=None, phases=[Phase.generate])
