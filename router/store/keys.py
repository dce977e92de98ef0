"""Every key of the store: its name, type and life. The only file that builds key names.

All keys of a tenant share the hash tag `{t:<tenant>}`, so one Lua command may touch any of them.

| key                  | type   | holds                                                | life                        |
|----------------------|--------|------------------------------------------------------|-----------------------------|
| seq                  | string | number of the last journal entry                     | for ever                    |
| journal              | stream | entries `n-0`, field `e` (JSON)                      | trimmed behind the register |
| contact:<id>         | hash   | an open contact: place, offer, leg, handover, words to be sent | until forgotten   |
| content:<id>         | hash   | records by number; `draft`; `<attached id>:<number>` | until forgotten             |
| bucket:<id>          | zset   | contact -> score: who asks for the same              | while not empty             |
| buckets              | hash   | bucket id -> what its contacts ask for (JSON)        | while needed (`bucket_care`) |
| agent:<id>           | hash   | profile, presence, form, lease, session              | for ever                    |
| agents               | set    | ids of all agents                                    | for ever                    |
| work:<id>            | hash   | the work: contact or side leg -> channel:medium:kind | while not empty             |
| sides:<contact>      | hash   | legs beside the owner's -> state, role, agent, until | until forgotten             |
| amended:<contact>    | string | how often its outcomes were amended, entry, commands | until the figure freezes    |
| person:<key>         | zset   | contact -> received_at: what a person has open       | 30 days                     |
| protected            | hash   | person key -> protection level; `*` -> when loaded   | for ever                    |
| faults               | zset   | contact -> cell of the map: open reports of faults   | until forgotten             |
| uploads              | hash   | file -> entry before it was handed in, when: not used yet | until used or gone     |
| orders               | hash   | supervisors' standing orders (JSON)                  | for ever                    |
| activations          | hash   | strategy version -> its life in service (JSON); `number` of changes | for ever     |
| strategy_texts       | hash   | hash of a version -> what it says (TOML), of those in service       | while needed |
| sessions:<router>    | set    | agents whose socket a router holds                   | while not empty             |
| routers              | zset   | router -> time of its last heartbeat                 | for ever                    |
| deadlines            | zset   | `<machine>:<id>` -> when a sweep must act            | for ever                    |
| event:<hash>         | string | `<contact> <body hash>` of an accepted event         | 8 days                      |
| subject:<hash>       | string | contact named by (integration, source, subject)      | 8 days                      |
| tombstone:<hash>     | string | an event that came before its contact                | 10 minutes                  |
| lease:<name>         | string | the router that holds a lease                        | seconds                     |
| projected            | hash   | register -> number of its last stored entry          | for ever                    |
| ticket:<hash>        | string | one-time websocket ticket -> role and agent          | 30 seconds                  |
| upload:<contact>:<blob> | string | a file that an agent may send with their words (JSON) | 12 hours                  |
| figures              | string | the floor as the leader last measured it (JSON)      | 10 seconds                  |
| figures:agents       | string | the agents as the leader last looked at them (JSON)  | 10 seconds                  |
| figures:arrivals     | string | since when those who wait have been ready (JSON)     | 10 seconds                  |
| barrier              | string | written before a replicated batch waits              | for ever                    |
| secret               | string | signing key of tokens and person keys                | for ever                    |
"""

import hashlib

DAY_MS = 86_400_000
EVENT_TTL_MS = 8 * DAY_MS
TOMBSTONE_TTL_MS = 600_000
TICKET_TTL_MS = 30_000
UPLOAD_TTL_MS = DAY_MS // 2
PERSON_TTL_MS = 30 * DAY_MS


def digest(*parts: str) -> str:
    """A key part for names given from outside: SHA-256 over the parts, first 32 hex digits."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def contact_of(thing_id: str) -> str:
    """The contact an offer, leg, handover or case belongs to: its id is `<contact>.<letter><number>`."""
    return thing_id.split(".", 1)[0]


def literal(prefix: str) -> str:
    """A key prefix as a pattern that matches only itself."""
    return "".join(f"\\{letter}" if letter in "*?[]\\^" else letter for letter in prefix)


def number_of(thing_id: str) -> int:
    """How many of its kind the contact had by then."""
    return int(thing_id.rsplit(".", 1)[1][1:])


class Keys:
    """Key names of one tenant."""

    def __init__(self, tenant: str) -> None:
        self.prefix = prefix = f"{{t:{tenant}}}:"
        self.seq = prefix + "seq"
        self.journal = prefix + "journal"
        self.buckets = prefix + "buckets"
        self.agents = prefix + "agents"
        self.routers = prefix + "routers"
        self.deadlines = prefix + "deadlines"
        self.projected = prefix + "projected"
        self.barrier = prefix + "barrier"
        self.secret = prefix + "secret"
        self.orders = prefix + "orders"
        self.activations = prefix + "activations"
        self.strategy_texts = prefix + "strategy_texts"
        self.faults = prefix + "faults"
        self.protected = prefix + "protected"
        self.uploads = prefix + "uploads"
        self.figures = prefix + "figures"
        self.figures_agents = prefix + "figures:agents"
        self.figures_arrivals = prefix + "figures:arrivals"
        self.signals = prefix + "signals"
        """No key: the name that signals are published under."""

    def contact(self, contact_id: str) -> str:
        """Hash of an open contact."""
        return f"{self.prefix}contact:{contact_id}"

    def content(self, contact_id: str) -> str:
        """Hash of a contact's content records."""
        return f"{self.prefix}content:{contact_id}"

    def bucket(self, bucket_id: str) -> str:
        """Sorted set of the contacts queued in a bucket."""
        return f"{self.prefix}bucket:{bucket_id}"

    def sides(self, contact_id: str) -> str:
        """Hash of a contact's legs beside the owner's."""
        return f"{self.prefix}sides:{contact_id}"

    def person(self, person: str) -> str:
        """Sorted set of what a person has open; a hint, cleaned when it is read."""
        return f"{self.prefix}person:{person}"

    def amended(self, contact_id: str) -> str:
        """How often a contact's outcomes have been amended; outlives the contact."""
        return f"{self.prefix}amended:{contact_id}"

    def agent(self, agent_id: str) -> str:
        """Hash of an agent."""
        return f"{self.prefix}agent:{agent_id}"

    def work(self, agent_id: str) -> str:
        """Hash of an agent's offers and legs."""
        return f"{self.prefix}work:{agent_id}"

    def sessions(self, router_id: str) -> str:
        """Set of the agents connected to a router."""
        return f"{self.prefix}sessions:{router_id}"

    def event(self, integration: str, source: str, event_id: str) -> str:
        """Dedupe key of an event."""
        return f"{self.prefix}event:{digest(integration, source, event_id)}"

    def subject(self, integration: str, source: str, subject: str) -> str:
        """Contact by the integration's own name for it."""
        return f"{self.prefix}subject:{digest(integration, source, subject)}"

    def tombstone(self, integration: str, source: str, subject: str) -> str:
        """An event about a contact that is not here yet."""
        return f"{self.prefix}tombstone:{digest(integration, source, subject)}"

    def lease(self, name: str) -> str:
        """Who leads a job."""
        return f"{self.prefix}lease:{name}"

    def upload(self, contact_id: str, blob: str) -> str:
        """A file that an agent has uploaded to send."""
        return f"{self.prefix}upload:{contact_id}:{blob}"

    def ticket(self, ticket: str) -> str:
        """One-time websocket ticket."""
        return f"{self.prefix}ticket:{digest(ticket)}"
