"""Where the agent is and which work they take."""

from router.desk.commands import SetForm, SetPresence
from router.desk.ground import DeskGround, Handler, bound
from router.errors import StateError

EVENTS = {"available": "go_available", "away": "go_away", "offline": "go_offline"}


class PresenceDesk:
    """Presence and form."""

    def __init__(self, ground: DeskGround) -> None:
        self._ground = ground

    def handlers(self) -> dict[str, Handler]:
        """The commands of this theme."""
        return {
            "presence.set": bound(SetPresence, self.set_presence),
            "presence.form": bound(SetForm, self.set_form),
        }

    async def set_presence(self, agent: str, wanted: SetPresence) -> object:
        """Available, away or offline; offers on their way to somebody who leaves return without blame."""
        return {"presence": await self.change(agent, wanted.state, wanted.reason, wanted.when, actor=f"agent:{agent}")}

    async def change(self, agent: str, state: str, reason: str, when: str, *, actor: str) -> str:
        """Set the presence, by the agent's own word or a supervisor's; returns the one reached."""
        event = EVENTS[state]
        if when == "after_current" and state != "available":
            event = "drain"
        presence = await self._ground.store.agents.set_presence(
            agent, event, reason=reason, bound_for=state if event == "drain" else "", actor=actor
        )
        if presence != "available":
            await self.return_offers(agent, "presence", actor=actor)
        return presence

    async def set_form(self, agent: str, wanted: SetForm) -> object:
        """Live, written or both."""
        await self._ground.store.agents.set_form(agent, wanted.form)
        return {"form": wanted.form}

    async def return_offers(self, agent: str, reason: str, *, only_medium: str = "", actor: str = "timer") -> None:
        """Take the agent's open offers back."""
        for contact_id, (_, medium, kind) in (await self._ground.store.work(agent)).items():
            if kind == "offer" and (not only_medium or medium == only_medium):
                contact = await self._ground.store.contact(contact_id)
                if contact is not None and contact.state == "offered" and contact.agent == agent:
                    try:
                        await self._ground.care.revoke_offer(contact, reason, actor=actor)
                    except StateError:
                        continue
