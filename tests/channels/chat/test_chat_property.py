"""Whatever a page, its network and an agent do in whatever order: every word once, none lost, numbers without gaps."""

import asyncio
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from channels.chat.settings import ChatSettings
from tests.channels.chat.chat_house import ChatHouse, Frame

SETTINGS = ChatSettings(frames_per_s=10_000, frames_burst=10_000, ring_bytes=2_000)
"""A ring that a few messages fill, so that resumes meet gaps."""
JUNK = st.one_of(
    st.text(max_size=40),
    st.sampled_from(['{"t":"ack","seq":-1}', '{"t":"cmd","id":"x","name":"chat.start","data":1}', '{"t":"hb"}', "[]"]),
)


class ChatMachine(RuleBasedStateMachine):
    """One resident, one agent, two routers, and a network that breaks."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.said: list[str] = []
        """What the resident was told has arrived."""
        self.answered: list[str] = []
        self.shown: dict[int, str] = {}
        """Number -> words, as the page has them."""
        self.is_attached = False
        self.count = 0

    def run(self, work: Any) -> Any:  # noqa: ANN401 # whatever it gives
        """Run to the end."""
        return self.runner.run(work)

    @initialize()
    def move_in(self) -> None:
        """Two routers, and a page that has begun."""
        self.run(self._move_in())

    async def _move_in(self) -> None:
        self.house = ChatHouse(SETTINGS)
        await self.house.router()
        await self.house.router()
        self.router = 0
        self.page = await self.house.started("Första")
        self.contact = self.page.contact
        self.said.append("Första")
        self.shown[1] = "Första"
        self.is_attached = True
        await self.house.agent_takes(self.contact)

    @precondition(lambda self: self.is_attached)
    @rule()
    def resident_writes(self) -> None:
        """Words that the page is told have arrived."""
        self.run(self._write(f"fråga {len(self.said)}"))

    async def _write(self, text: str) -> None:
        ident = f"m{len(self.said)}"
        for _ in range(1 + len(self.said) % 2):  # every second one is sent again under its id
            await self._until_answered(ident, text)
        self.said.append(text)

    async def _until_answered(self, ident: str, text: str) -> None:
        await self.page.say(t="cmd", id=ident, name="message.send", data={"text": text})
        frame = await self._answer_to(ident)
        assert frame["ok"], frame

    @rule(large=st.booleans())
    def agent_writes(self, large: bool) -> None:
        """Words for the resident, whether the page is there or not."""
        text = f"svar {len(self.answered)}" + " x" * 600 * large
        self.run(self.house.agent_writes(self.contact, text))
        self.answered.append(text)

    @precondition(lambda self: self.is_attached)
    @rule()
    def network_breaks(self) -> None:
        """Without goodbye; what was on its way is lost."""
        self.run(self.page.vanish(self.house.channels[self.router]))
        self.is_attached = False

    @rule(router=st.sampled_from([0, 1]), is_reload=st.booleans())
    def page_comes_back(self, router: int, is_reload: bool) -> None:
        """To either router, as the same page or loaded anew, also while its last socket is still there."""
        self.run(self._come_back(router, is_reload))

    async def _come_back(self, router: int, is_reload: bool) -> None:
        old = self.page
        resume = {} if is_reload else {"resume": {"sid": old.sid, "seq": old.seq}}
        if is_reload:
            self.shown = {}
        self.page = await self.house.page(old.token, router=router, **resume)
        self.page.token, self.page.sid, self.page.seq = old.token, old.sid, old.seq
        self.router, self.is_attached = router, True
        while (frame := await self._take())["t"] not in {"ready", "resumed"}:
            assert frame["t"] != "closed", frame

    @precondition(lambda self: self.is_attached)
    @rule()
    def page_acknowledges(self) -> None:
        """Everything that it has."""
        self.run(self._beat())

    async def _beat(self) -> None:
        await self.page.say(t="hb", seq=self.page.seq)
        while (frame := await self._take())["t"] != "hb_ack":
            assert frame["t"] != "closed", frame

    @precondition(lambda self: self.is_attached)
    @rule(junk=JUNK)
    def page_sends_junk(self, junk: str) -> None:
        """Costs the socket, or is answered with a refusal."""
        self.run(self._send_junk(junk))

    async def _send_junk(self, junk: str) -> None:
        self.count += 1
        ident = f"after-junk-{self.count}"
        await self.page.socket.send_str(junk)
        await self.page.say(t="cmd", id=ident, name="no.such", data={})
        self.is_attached = (await self._answer_to(ident, may_close=True))["t"] != "closed"

    async def _answer_to(self, ident: str, *, may_close: bool = False) -> Frame:
        """The answer to a command, or the end of the socket where that may be."""
        while True:
            frame = await self._take()
            assert may_close or frame["t"] != "closed", frame
            if frame["t"] == "closed" or (frame["t"] == "res" and frame["id"] == ident):
                return frame

    async def _take(self) -> Frame:
        """The next frame; a page shows each number once, and never other words under the same number."""
        frame = await self.page.next()
        if frame["t"] == "ready":
            for each in frame["snapshot"]["messages"]:
                self._show(each)
        elif frame["t"] == "ev" and frame["type"] == "message":
            self._show(frame["data"])
        elif frame["t"] == "ev":
            assert frame["type"] in {"agent.joined", "chat.waiting"}
        return frame

    def _show(self, message: Frame) -> None:
        assert self.shown.setdefault(message["n"], message["text"]) == message["text"]

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        """What the resident was told has arrived is in the inbox, once and in order; and nothing else is."""
        if not hasattr(self, "house"):
            return
        kept = [each.text for each in self.house.inbox.words[self.contact] if each.by == "resident"]
        assert [text for text in kept if "tillbaka" not in text] == self.said

    def teardown(self) -> None:
        """The page comes back once more: then it has everything."""
        if hasattr(self, "house"):
            self.run(self._come_back(self.router, is_reload=False))
            self.run(self._beat())
            agent = [each for each in self.house.inbox.words[self.contact] if each.by == "agent"]
            missing = {each.number for each in agent} - self.shown.keys()
            self.run(self.house.close())
            assert not missing
            assert [each.text for each in agent] == self.answered
        self.runner.close()


ChatMachine.TestCase.settings = settings(
    max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestChat = ChatMachine.TestCase
