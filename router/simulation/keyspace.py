"""A store's keys in memory: as much of Redis as the commands and reads of `router.store` use. Nothing is durable.

Strings, hashes, sets, sorted sets and the journal's stream, under a clock that is handed in. What is not here is
refused by name, so that a new read shows itself in the first scene that needs it.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

Raw = bytes
Argument = str | bytes | int | float
Reply = object


class UnknownCommand(LookupError):
    """The keyspace has no such command, or not with these words."""


def raw(value: Argument) -> Raw:
    """An argument as the store keeps it."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).encode("utf-8", "surrogatepass")


class Keyspace:
    """All keys of one store.

    Args:
        now_ms: tells the time (epoch ms).
        on_entry: is handed every entry of a stream as it is appended.
    """

    def __init__(self, now_ms: Callable[[], int], on_entry: Callable[[bytes], None]) -> None:
        self._now_ms = now_ms
        self._on_entry = on_entry
        self._texts: dict[Raw, Raw] = {}
        self._hashes: dict[Raw, dict[Raw, Raw]] = {}
        self._sets: dict[Raw, set[Raw]] = {}
        self._sorted: dict[Raw, dict[Raw, float]] = {}
        self._until: dict[Raw, int] = {}
        self._commands: dict[str, Callable[..., Reply]] = {
            name.removeprefix("do_").upper(): getattr(self, name) for name in dir(self) if name.startswith("do_")
        }

    def call(self, name: Argument, *args: Argument) -> Reply:
        """Carry out one command; values go in and out as bytes, whole numbers and lists of them.

        Raises:
            UnknownCommand: it is not one of those kept here.
        """
        word = raw(name).decode().upper()
        if word not in self._commands:
            raise UnknownCommand(word)
        return self._commands[word](*(raw(each) for each in args))

    # Keys ----------------------------------------------------------------------------------------------------------

    def _kinds(self) -> Iterator[dict[Raw, object]]:
        yield from (self._texts, self._hashes, self._sets, self._sorted)  # pyright: ignore[reportReturnType] # read only as dicts of keys

    def _expire(self, key: Raw) -> None:
        if key in self._until and self._until[key] <= self._now_ms():
            self._drop(key)

    def _drop(self, key: Raw) -> int:
        self._until.pop(key, None)
        return sum(kind.pop(key, None) is not None for kind in self._kinds())

    def do_del(self, *keys: Raw) -> int:
        """Forget keys."""
        return sum(self._drop(key) for key in keys)

    def do_exists(self, *keys: Raw) -> int:
        """How many of these keys hold anything."""
        for key in keys:
            self._expire(key)
        return sum(any(kind.get(key) for kind in self._kinds()) for key in keys)

    def do_pexpire(self, key: Raw, ms: Raw) -> int:
        """Forget a key so many milliseconds from now."""
        self._until[key] = self._now_ms() + int(ms)
        return 1

    # Strings -------------------------------------------------------------------------------------------------------

    def do_get(self, key: Raw) -> Raw | None:
        """A string."""
        self._expire(key)
        return self._texts.get(key)

    def do_set(self, key: Raw, value: Raw, *how: Raw) -> Raw | None:
        """Set a string; `NX` only where there is none, `PX` for so many milliseconds."""
        self._expire(key)
        if b"NX" in how and key in self._texts:
            return None
        self._texts[key] = value
        self._until.pop(key, None)
        if b"PX" in how:
            self.do_pexpire(key, how[how.index(b"PX") + 1])
        return b"OK"

    def do_getdel(self, key: Raw) -> Raw | None:
        """A string, for the last time."""
        self._expire(key)
        return self._texts.pop(key, None)

    def do_incr(self, key: Raw) -> int:
        """Count one more."""
        self._texts[key] = raw(int(self._texts.get(key, b"0")) + 1)
        return int(self._texts[key])

    # Hashes --------------------------------------------------------------------------------------------------------

    def do_hset(self, key: Raw, *pairs: Raw) -> int:
        """Set fields."""
        held = self._hashes.setdefault(key, {})
        before = len(held)
        held.update(zip(pairs[::2], pairs[1::2], strict=True))
        return len(held) - before

    def do_hsetnx(self, key: Raw, field: Raw, value: Raw) -> int:
        """Set a field that is not there."""
        held = self._hashes.setdefault(key, {})
        is_new = field not in held
        held.setdefault(field, value)
        return int(is_new)

    def do_hget(self, key: Raw, field: Raw) -> Raw | None:
        """One field."""
        return self._hash(key).get(field)

    def do_hmget(self, key: Raw, *fields: Raw) -> list[Raw | None]:
        """Some fields."""
        held = self._hash(key)
        return [held.get(field) for field in fields]

    def do_hgetall(self, key: Raw) -> list[Raw]:
        """Fields and values, one after the other."""
        return [part for pair in self._hash(key).items() for part in pair]

    def do_hkeys(self, key: Raw) -> list[Raw]:
        """The fields' names."""
        return list(self._hash(key))

    def do_hvals(self, key: Raw) -> list[Raw]:
        """The fields' values."""
        return list(self._hash(key).values())

    def do_hexists(self, key: Raw, field: Raw) -> int:
        """Whether a field is there."""
        return int(field in self._hash(key))

    def do_hdel(self, key: Raw, *fields: Raw) -> int:
        """Drop fields."""
        held = self._hash(key)
        return sum(held.pop(field, None) is not None for field in fields)

    def do_hincrby(self, key: Raw, field: Raw, by: Raw) -> int:
        """Count a field up or down."""
        held = self._hashes.setdefault(key, {})
        counted = int(held.get(field, b"0")) + int(by)
        held[field] = raw(counted)
        return counted

    def _hash(self, key: Raw) -> dict[Raw, Raw]:
        self._expire(key)
        return self._hashes.get(key, {})

    # Sets ----------------------------------------------------------------------------------------------------------

    def do_sadd(self, key: Raw, *members: Raw) -> int:
        """Take members in."""
        held = self._sets.setdefault(key, set())
        before = len(held)
        held.update(members)
        return len(held) - before

    def do_srem(self, key: Raw, *members: Raw) -> int:
        """Leave members out."""
        held = self._sets.get(key, set())
        before = len(held)
        held.difference_update(members)
        return before - len(held)

    def do_smembers(self, key: Raw) -> list[Raw]:
        """The members."""
        return sorted(self._sets.get(key, ()))

    # Sorted sets ---------------------------------------------------------------------------------------------------

    def do_zadd(self, key: Raw, *words: Raw) -> int:
        """Set scores; `XX` only of members that are there."""
        how, rest = (words[:1], words[1:]) if words[0] in {b"XX", b"NX"} else ((), words)
        held = self._sorted.setdefault(key, {})
        before = len(held)
        for score, member in zip(rest[::2], rest[1::2], strict=True):
            if (b"XX" not in how or member in held) and (b"NX" not in how or member not in held):
                held[member] = float(score)
        return len(held) - before

    def do_zrem(self, key: Raw, *members: Raw) -> int:
        """Leave members out."""
        held = self._sorted.get(key, {})
        return sum(held.pop(member, None) is not None for member in members)

    def do_zscore(self, key: Raw, member: Raw) -> Raw | None:
        """A member's score."""
        score = self._sorted.get(key, {}).get(member)
        return None if score is None else raw(score)

    def do_zcard(self, key: Raw) -> int:
        """How many members there are."""
        return len(self._sorted.get(key, ()))

    def do_zrange(self, key: Raw, start: Raw, stop: Raw, *how: Raw) -> list[Raw]:
        """Members in order, by rank or by score."""
        self._expire(key)
        words = [word.upper() for word in how]
        if unknown := {word for word in words if word.isalpha()} - {b"BYSCORE", b"LIMIT", b"WITHSCORES", b"REV"}:
            raise UnknownCommand(f"ZRANGE {sorted(unknown)}")
        found = sorted((score, member) for member, score in self._sorted.get(key, {}).items())
        if b"REV" in words:
            found.reverse()
        if b"BYSCORE" in words:
            low, high = sorted((float(start), float(stop)))
            found = [each for each in found if low <= each[0] <= high]
        else:
            end = int(stop)
            found = found[int(start) : None if end == -1 else end + 1]
        if b"LIMIT" in words:
            at = words.index(b"LIMIT")
            skipped, limit = int(how[at + 1]), int(how[at + 2])
            found = list(islice(found, skipped, None if limit < 0 else skipped + limit))
        return _flat(found) if b"WITHSCORES" in words else [member for _, member in found]

    # The rest ------------------------------------------------------------------------------------------------------

    def do_xadd(self, key: Raw, entry_id: Raw, field: Raw, entry: Raw) -> Raw:
        """Append to the journal."""
        del key, field
        self._on_entry(entry)
        return entry_id

    def do_time(self) -> list[Raw]:
        """Seconds and microseconds."""
        now = self._now_ms()
        return [raw(now // 1000), raw(now % 1000 * 1000)]

    def do_info(self, *_: Raw) -> Raw:
        """Nothing is measured here."""
        return b"used_memory:0\r\nmaxmemory:0\r\n"


def _flat(found: Sequence[tuple[float, Raw]]) -> list[Raw]:
    return [part for score, member in found for part in (member, raw(score))]
