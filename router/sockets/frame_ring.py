"""Numbered frames kept for a resume: without gaps, and no more bytes of them than a limit. Pure."""

from collections import deque


class FrameRing:
    """The newest frames of one session; the numbers of a session start at 1."""

    __slots__ = ("_bytes", "_frames", "_limit", "seq")

    def __init__(self, limit_bytes: int) -> None:
        self.seq = 0
        """Of the last frame."""
        self._limit = limit_bytes
        self._frames: deque[tuple[int, bytes]] = deque()
        self._bytes = 0

    def keep(self, frame: bytes) -> None:
        """The frame was made for the number after `seq`; the oldest leave when there are too many bytes."""
        self.seq += 1
        self._frames.append((self.seq, frame))
        self._bytes += len(frame)
        while self._bytes > self._limit and len(self._frames) > 1:
            self._bytes -= len(self._frames.popleft()[1])

    def drop(self) -> None:
        """Something was lost on the way: the next resume must begin anew."""
        self._frames.clear()
        self._bytes = 0
        self.seq += 1

    def can_resume(self, seq: int) -> bool:
        """Whether every frame after `seq` is still here."""
        if seq > self.seq:
            return False
        return seq == self.seq or bool(self._frames and seq >= self._frames[0][0] - 1)

    def after(self, seq: int) -> list[tuple[int, bytes]]:
        """The frames after `seq` with their numbers, as they were sent."""
        return [(number, frame) for number, frame in self._frames if number > seq]

    def acknowledge(self, seq: int) -> None:
        """The other side has everything up to `seq`, which may be forgotten."""
        while self._frames and self._frames[0][0] <= seq:
            self._bytes -= len(self._frames.popleft()[1])
