"""What of a history could not be used, noted as it is met; never what stood there."""

from collections import Counter

from rules.replay.history import Gaps

MOST_NAMED = 20


class Noted:
    """What could not be used, as it is met."""

    def __init__(self) -> None:
        self.unreadable = 0
        self.first: list[str] = []
        self.no_contacts = 0
        self.unknown_channels: Counter[str] = Counter()

    def bad(self, line: int, reason: str) -> None:
        """A row that can't be read."""
        self.unreadable += 1
        if len(self.first) < MOST_NAMED:
            self.first.append(f"line {line}: {reason}")

    def unknown_channel(self, channel: str) -> None:
        """A contact by a channel that no adapter registers."""
        self.unknown_channels[channel or "-"] += 1

    def gaps(self) -> Gaps:
        """The counts."""
        return Gaps(self.unreadable, tuple(self.first), self.no_contacts, dict(self.unknown_channels.most_common()))
