"""What a desktop begins with: the agent, the work in hand, the queues."""

from channels.registry import DEFAULT_CAPACITY
from router.cards import Card, Cards
from router.errors import NotFound
from router.figures import FigureBoard
from router.journal import AgentRecord
from router.store.keys import contact_of
from router.store.redis_store import Store


class Welcome:
    """Makes the snapshot of a desktop, and an agent of somebody whom nobody has described yet."""

    def __init__(self, store: Store, cards: Cards, figures: FigureBoard) -> None:
        self._store = store
        self._cards = cards
        self._figures = figures

    async def snapshot(self, agent_id: str, role: str = "agent") -> object:
        """The agent, the work in hand, the queues, the orders that stand, and for a supervisor the whole floor."""
        agent = await self._store.agent(agent_id)
        if agent is None:
            raise NotFound(agent_id)
        cards: list[Card] = []
        for contact_id in dict.fromkeys(contact_of(item) for item in await self._store.work(agent_id)):
            card = await self._cards.card(contact_id)
            if card is not None:
                cards.append(card)
        profile, now = agent.record(), self._store.clock.now_ms()
        orders = [order for order in await self._store.orders.all() if order.stands(now)]
        if role == "supervisor":
            await self._figures.refresh(with_agents=True)
        return {
            "agent": {
                "id": agent.id,
                "name": agent.name,
                "presence": agent.presence,
                "reason": agent.reason,
                "since": agent.since,
                "form": agent.form,
                "skills": profile.skills,
                "capacity": profile.capacity,
                "teams": profile.teams,
                "can_interrupt": profile.can_interrupt,
            },
            "work": cards,
            "queues": self._figures.queues(),
            "orders": orders,
            "strategy": self._figures.now.strategy,
            "banners": list(dict.fromkeys(order.banner for order in orders if order.banner)),
        } | ({"floor": self._figures.document(with_agents=True)} if role == "supervisor" else {})

    async def enrol(self, agent_id: str, role: str) -> None:
        """An agent whom nobody has described yet is a generalist with the channels' ordinary capacity.

        A supervisor takes no contacts until somebody gives them a capacity.
        """
        if await self._store.agent(agent_id) is None:
            capacity = dict(DEFAULT_CAPACITY) if role == "agent" else dict.fromkeys(DEFAULT_CAPACITY, 0)
            record = AgentRecord(capacity=capacity)
            await self._store.agents.put_agent(agent_id, agent_id, record, capacity, "desk")
