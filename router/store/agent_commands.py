"""One method for each Lua command on an agent: profile, presence, form, session, lease."""

import re
from collections.abc import Mapping
from typing import cast

import msgspec

from router.errors import SchemaMismatch
from router.journal import AgentRecord, EntryData, encode_data
from router.store.coalescer import Argument
from router.store.runner import Runner

_ID = re.compile(r"""[^"\\\x00-\x1f\x7f]{1,100}""")


class Grace(msgspec.Struct, frozen=True):
    """Until when (epoch ms) each kind of work stays with an agent whose lease is lost."""

    chat_until: int
    written_until: int
    voice_until: int


class AgentCommands:
    """Everything that can happen to an agent."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._keys = runner.keys

    async def put_agent(
        self, agent: str, name: str, record: AgentRecord, capacity: Mapping[str, int], actor: str, *, reason: str = ""
    ) -> int:
        """Write the profile; `capacity` names every channel, also those with none.

        Raises:
            SchemaMismatch: the id holds what may not stand in keys and entries.
        """
        if not _ID.fullmatch(agent):
            raise SchemaMismatch(
                "1 to 100 characters without quotes, backslashes and control characters", field="agent"
            )
        fields: list[Argument] = ["name", name, "profile", msgspec.json.encode(record)]
        fields += ["interrupts", int(record.can_interrupt)]
        for channel, count in capacity.items():
            fields += [f"cap:{channel}", count]
        reply = await self._runner.run(
            "put_agent",
            (self._keys.agent(agent), self._keys.agents, self._keys.seq, self._keys.journal),
            (agent, encode_data(EntryData(agent=agent, profile=record, actor=actor, reason=reason))),
            fields,
        )
        return int(cast("int", reply[0]))

    async def set_presence(
        self, agent: str, event: str, *, reason: str = "", bound_for: str = "", actor: str = ""
    ) -> str:
        """Change availability; returns the presence reached."""
        data = EntryData(agent=agent, reason=reason, actor=actor or f"agent:{agent}")
        reply = await self._runner.run(
            "set_presence",
            (self._keys.agent(agent), self._keys.work(agent), self._keys.seq, self._keys.journal),
            (agent, event, bound_for, reason, encode_data(data)),
        )
        return cast("bytes", reply[1]).decode()

    async def set_form(self, agent: str, form: str) -> None:
        """Which work the agent takes: live, written, both."""
        data = EntryData(agent=agent, form=form, actor=f"agent:{agent}")
        await self._runner.run(
            "set_form", (self._keys.agent(agent), self._keys.seq, self._keys.journal), (agent, form, encode_data(data))
        )

    async def open_session(self, agent: str, router: str, session: str) -> str:
        """The agent's desktop has connected; returns the session it replaces, if any."""
        data = EntryData(agent=agent, session=session)
        reply = await self._runner.run(
            "open_session",
            self._session_keys(agent, router),
            (agent, session, encode_data(data)),
        )
        return cast("bytes", reply[1]).decode()

    async def close_session(self, agent: str, router: str, session: str, grace_until: int, reason: str) -> bool:
        """The agent's socket is gone; False when another has taken over."""
        keys = self._keys
        data = EntryData(agent=agent, session=session, reason=reason)
        reply = await self._runner.run(
            "close_session",
            (keys.agent(agent), keys.sessions(router), keys.deadlines, keys.seq, keys.journal),
            (agent, session, grace_until, encode_data(data)),
        )
        return reply[0] != 0

    async def lose_lease(self, agent: str, router: str, grace: Grace, reason: str) -> bool:
        """The agent did not come back, or `router` died with the socket; False when the agent is here."""
        data = EntryData(agent=agent, reason=reason, actor="timer")
        reply = await self._runner.run(
            "lose_lease",
            self._session_keys(agent, router or "none"),
            (agent, router, grace.chat_until, grace.written_until, grace.voice_until, encode_data(data)),
        )
        return reply[0] != 0

    async def record_access(self, actor: str, contact: str, purpose: str) -> None:
        """Somebody has read a person's content."""
        data = EntryData(actor=actor, contact=contact, purpose=purpose)
        await self._runner.run("record_access", (self._keys.seq, self._keys.journal), (encode_data(data),))

    def _session_keys(self, agent: str, router: str) -> tuple[str, ...]:
        keys = self._keys
        return (keys.agent(agent), keys.work(agent), keys.sessions(router), keys.deadlines, keys.seq, keys.journal)
