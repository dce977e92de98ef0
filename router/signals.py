"""What residents do meanwhile, from their channel to whoever shows it: kept nowhere, told on this router alone."""

from collections.abc import Callable

from channels.base import Signal

Listener = Callable[[str, str, Signal, int], None]
"""Told agent, contact, signal and number."""


def nobody(agent: str, contact: str, signal: Signal, number: int) -> None:
    """Nobody listens yet."""


class Signals:
    """Between inboxes, which are built first, and desktops."""

    def __init__(self) -> None:
        self.listener: Listener = nobody

    def tell(self, agent: str, contact: str, signal: Signal, number: int) -> None:
        """To the agent who has the contact."""
        self.listener(agent, contact, signal, number)
