"""Commands on an agent, as the store's Lua has them: profile, presence, form, session, lease."""

from router.journal import AgentRecord, EntryData
from router.simulation.ledger import AtDesk, Ledger, Moves, step
from router.store.agent_commands import Grace


class AgentMoves:
    """Everything that can happen to an agent."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def put_agent(self, agent: str, record: AgentRecord, actor: str) -> int:
        """Write the profile; the entry's number, 0 when nothing has changed."""
        ledger, moves = self._ledger, Moves()
        known = ledger.agents.get(agent)
        if known is not None and known.kept == record:
            return 0
        if known is None:
            presence = step(moves, "presence", agent, 1, "", "go_offline")
            known = AtDesk(id=agent, presence=presence, rev=1, idle_since=ledger.time_ms, since=ledger.time_ms, work={})
            ledger.agents[agent] = known
        known.kept = record
        return ledger.append("put_agent", moves, EntryData(agent=agent, profile=record, actor=actor))

    def set_presence(self, agent: str, event: str, *, reason: str = "", bound_for: str = "", actor: str = "") -> str:
        """Change availability; a draining agent leaves when the last work has ended."""
        ledger, moves, who = self._ledger, Moves(), self._ledger.agent(agent)
        if event == "drain" and all(kind == "parked" for _, _, kind in who.work.values()):
            event = "go_offline" if bound_for == "offline" else "go_away"
        after = step(moves, "presence", agent, who.rev + 1, who.presence, event)
        if after == who.presence and reason == who.reason and (after != "draining" or bound_for == who.next):
            return after
        ledger.show(who, after, reason)
        if after == "draining":
            who.next, who.next_reason = bound_for, reason
        elif after == "available":
            who.idle_since, who.declines = ledger.time_ms, 0
        ledger.append("set_presence", moves, EntryData(agent=agent, reason=reason, actor=actor or f"agent:{agent}"))
        return after

    def set_form(self, agent: str, form: str) -> None:
        """Which work the agent takes: live, written, both."""
        who = self._ledger.agent(agent)
        if who.form != form:
            who.form = form
            self._ledger.append("set_form", [], EntryData(agent=agent, form=form, actor=f"agent:{agent}"))

    def open_session(self, agent: str, session: str) -> str:
        """The agent's desktop has connected; returns the session it replaces, if any."""
        ledger, moves, who = self._ledger, Moves(), self._ledger.agent(agent)
        if who.lease == "alive" and who.session == session:
            return ""
        earlier = who.session
        who.lease = step(moves, "lease", agent, who.lease_rev + 1, who.lease, "take")
        who.lease_rev, who.session, who.connected = who.lease_rev + 1, session, 1
        ledger.deadlines.drop("session:" + agent, *("orphan:" + item for item in who.work))
        ledger.append("open_session", moves, EntryData(agent=agent, session=session))
        return earlier

    def close_session(self, agent: str, session: str, grace_until: int, reason: str) -> bool:
        """The agent's socket is gone; False when another has taken over."""
        who = self._ledger.agent(agent)
        if who.session != session:
            return False
        who.connected, who.session = 0, ""
        self._ledger.deadlines.set("session:" + agent, grace_until)
        self._ledger.append("close_session", [], EntryData(agent=agent, session=session, reason=reason))
        return True

    def lose_lease(self, agent: str, grace: Grace, reason: str) -> bool:
        """The agent did not come back: each piece of work gets the time after which it returns."""
        ledger, moves, who = self._ledger, Moves(), self._ledger.agent(agent)
        ledger.deadlines.drop("session:" + agent)
        if who.lease != "alive" or who.connected:
            return False
        who.lease = step(moves, "lease", agent, who.lease_rev + 1, who.lease, "lose")
        offline = ""
        if who.presence != "offline":
            offline = step(moves, "presence", agent, who.rev + 1, who.presence, "go_offline")
        who.lease_rev, who.connected, who.session = who.lease_rev + 1, 0, ""
        ledger.show(who, offline, "lease_lost")
        self._leave_work(who, grace)
        ledger.append("lose_lease", moves, EntryData(agent=agent, reason=reason, actor="timer"))
        return True

    def _leave_work(self, who: AtDesk, grace: Grace) -> None:
        ledger = self._ledger
        until = {"messaging": grace.chat_until, "written": grace.written_until}
        for item, (_, medium, kind) in who.work.items():
            if kind == "offer":
                ledger.deadlines.set("offer:" + item, ledger.time_ms)
            elif kind in {"consult", "supervisor"}:
                ledger.deadlines.set("side:" + item, ledger.time_ms)
            elif kind == "parked":
                ledger.deadlines.set("orphan:" + item, grace.written_until)
            elif "." not in item:
                ledger.deadlines.set("orphan:" + item, until.get(medium, grace.voice_until))
