"""How to begin, in words: the first pages of both descriptions. Only text."""

ABOUT_SV = (
    "servicecenter tar emot alla kontakter till kommunen (telefon, chatt, e-post, webb, app, brev, besök), avgör "
    "enligt kanalstrategin om de löses direkt eller lämnas över, och ger dem till rätt handläggare."
)

REST_START = (
    """\
servicecenter routes every contact that reaches a municipality. This document describes its REST interface: posting
events from channels, handovers to units, the floor, the figures. The agents' websocket is described in
`/v1/asyncapi.json`.

*På svenska:* """
    + ABOUT_SV
    + """

## Getting started

### 1. Get a token
The operator makes one on the machine that runs the service; it is shown once:
```
servicecenter token create --role integration --name web-forms --json
{"token": "eyJ0...", "role": "integration", "name": "web-forms", "webhook_secret": "whsec_..."}
```
Roles: `integration` posts events, `agent` (needs `--agent-id`) opens a desktop, `department` (with `--unit`)
answers handovers, `supervisor` sees and manages the floor, `strategy_owner` and `auditor` read. Send it as
`Authorization: Bearer <token>`. A token of another role gets 403, a damaged or expired one 401.

### 2. Post a contact
`POST /v1/events` takes CloudEvents 1.0: structured (`application/cloudevents+json`), a batch
(`application/cloudevents-batch+json`, at most 100) or binary (`application/json` with `ce-` headers). Choose `source`
once for your system, a new `id` for each event, and put your own name of the conversation into `subject` (call id,
thread, form number): later events find the contact by (`source`, `subject`).

| type | data | meaning |
|---|---|---|
| `se.servicecenter.contact.received` | InboundContact | somebody gets in touch: decide and route |
| `se.servicecenter.contact.message` | InboundMessage | a further message of an open contact |
| `se.servicecenter.contact.ended` | InboundEnd | the resident hung up or left |
| `se.servicecenter.contact.observed` | InboundContact | reached a unit directly: counted, never routed |
| `se.servicecenter.case.updated` | InboundProgress | a unit's progress with a case |
| `se.servicecenter.delivery.updated` | InboundProgress | what became of a message that was sent |

### 3. Read the answer
202 `{"accepted": 1, "ids": ["c06h..."]}` means that the contact is on disk and can't be lost. Anything else means
that nothing was kept:
* 4xx: the event is wrong. `type` names the problem, `field` the place. Sending it again changes nothing.
* 429, 503 and every other 5xx, or no answer at all: send the same event with the same `id` again, after
  `Retry-After` seconds or with growing pauses. The same (`source`, `id`) gives the same contact id for 8 days and
  happens once; the same (`source`, `id`) with another body is 422 `event-conflict`.
* A batch is checked whole: an event that can't be read refuses it all, with its place in `field`. What the service
  refuses afterwards stands in `problems` (place in `field`), with `null` in `ids`.

`contact.ended` may overtake `contact.received`: it waits 10 minutes for its contact, and its id is `null`.
`received_at` is the moment of arrival; it is honoured for tokens made with `--right backdate` and never lies in the
future.

### 4. Or sign
Systems that can't keep a bearer token sign with [Standard Webhooks](https://www.standardwebhooks.com): headers
`servicecenter-integration` (your name), `webhook-id`, `webhook-timestamp` (Unix seconds, within five minutes) and
`webhook-signature`: `v1,` and the base64 of HMAC-SHA256 over `<webhook-id>.<webhook-timestamp>.<body>` with the key
`webhook_secret` (the base64 after `whsec_`). Any Standard Webhooks library does this.

### 5. Answer handovers
A unit lists what it was handed (`GET /v1/handovers?state=offered`), accepts it, and ends it as done; or returns it
with a reason, and the contact is queued again at its old place. `accept_by`, `contact_by` and `finish_by` are
counted in the unit's own hours.

## Rules for all addresses
Bodies are UTF-8 JSON. Instants are RFC 3339; answers are in UTC. Lists take `limit` (1-100, default 20) and `page`
(from 1). Every error is an RFC 9457 problem (`application/problem+json`) whose `type` is
`urn:servicecenter:problem:<slug>`. Unknown fields in a body are refused.
"""
)

DESKTOP_START = (
    """\
The agents' desktop speaks with servicecenter over one websocket: events come in, commands go out. Every frame is
one JSON object in one text message; `t` names it. Tokens and everything else over HTTP: `/v1/openapi.json`.

*På svenska:* """
    + ABOUT_SV
    + """ Det här är handläggarens skrivbord.

## Getting started

1. **Token.** `servicecenter token create --role agent --name anna --agent-id anna` prints the agent's token. An
   agent whom no supervisor has described yet (`PUT /v1/agents/anna`) begins as a generalist with ordinary capacity.
2. **Ticket.** `POST /v1/ws-tickets` with `Authorization: Bearer <token>` gives `{"ticket": "...", "expires_in_s":
   30}`. A ticket opens one socket, once, within 30 seconds. Get a new one for every connection.
3. **Connect** to `GET /v1/desktop` (`ws://` or `wss://`). Nothing secret goes into the address. A browser page must
   come from an origin that the operator has named.
4. **Hello, auth, ready.** The service sends `hello`; answer with `auth {ticket}` within 5 seconds. It answers
   `ready` with the session's `sid` and a `snapshot`: the agent, the work in hand with its contacts (also offers
   still open), the queues' figures, the standing orders. Draw the desktop from it.
5. **Be available.** `cmd presence.set {"state": "available"}`. From now on offers come. After every `ready`, look
   at `snapshot.agent.presence`: somebody who was away too long is offline (`reason` `lease_lost`) and must say so
   again. `presence.form` chooses calls and chats, written work, or both.
6. **Take an offer.** `ev offer.issued` carries `offer_id`, `rev`, `expires_at` and the contact's card. Answer
   `offer.accept {offer_id, rev}` or `offer.decline {offer_id, rev, reason}` before `expires_at`. The answer to an
   accept names the leg; `offer.accepted` follows as an event.
7. **Work.** What an agent may do with a contact, by intention:

   | to | commands |
   |---|---|
   | know | `history.get`, `person.identify`, `fact.set`, `person.detach`, `contact.read`, `topic.set` |
   | speak and write | `message.send`, `typing`, `draft.save`, `note.add`, `work.hold`, `work.resume` |
   | ask a colleague | `consult.start`, `consult.answer`, `consult.decline`, `consult.end` |
   | pass it on | `work.transfer`, `handover.preview`, `handover.create`, `callback.schedule` |
   | put it aside | `work.park`, `work.resume`, `work.undo` |
   | take more | `work.pull`, `work.create`, `contact.attach`, `queue.list` |
   | answer the strategy | `suggestion.answer` |
   | end it | `work.finish`, `wrap_up.extend`, `wrap_up.end`, `callback.result` |
   | correct it | `outcome.list`, `outcome.amend` |

   Files for the resident are uploaded first, `POST /v1/contacts/{id}/attachments`, then named in `message.send`.
   Each command is an operation below: who may send it, who is told what, when it is refused, whether it can be undone.
8. **End it.** `work.finish` with one outcome for each matter, or `handover.create` to a unit. The contact's work
   ends and the agent is free for the next offer.

## A supervisor's desktop

The same socket, with a supervisor's token (`servicecenter token create --role supervisor --name lead`); no
`--agent-id`: the token's name is theirs, so every screen needs a token of its own. Supervisors take no contacts
until somebody gives them a capacity.

* **See.** `ready.snapshot.floor` holds the whole floor. After `floor.watch` a `floor` frame comes once a second: for
  each queue and medium who waits, the oldest, due and overdue, the announced wait, service level and abandonment
  today and in 15 minutes, contacts that nobody may take; each agent with state, since when, why, skills and work in
  hand; callbacks, handovers, late notices; strategy, crisis and standing orders. What is not known is absent, never 0.
  Frames replace each other and are not numbered; alarms (`alarm.raised`, `alarm.cleared`) are events and are not lost.
* **Find.** `queue.waiting` lists who waits, with the `rev` that the next command must name; the work in an agent's
  hands stands with the agent; `GET /v1/contacts/{id}` shows any contact's `rev`, and
  `GET /v1/contacts/{id}/decision` why it went where it went.
* **Act.** Every command carries a `reason` (it is told to whoever it concerns, with the supervisor's name, and
  journaled). Of two supervisors acting on one contact the second gets `stale-revision`.

   | about | commands |
   |---|---|
   | a contact | `contact.assign`, `contact.requeue`, `contact.move`, `contact.priority`, `contact.cancel` |
   | an offer | `offer.revoke` |
   | an agent | `agent.presence.set`, `agent.skills.set`, `leg.join`, `leg.leave`; profile: `PUT /v1/agents/{id}` |
   | a queue | `queue.open`, `queue.close`, `queue.divert`, `hours.exception` |
   | the city | `crisis.on`, `crisis.off`, `disturbance.declare`, `disturbance.end` |

* **Orders** about queues, hours, a crisis or a disturbance stand until their `until`, or until the next order about the
  same thing. Everybody with a desktop gets `order.set`; the snapshot's `orders` lists those that hold.

`servicecenter floor` is a reference view of all this in a terminal.

## Rules

* **Events** (`ev`) have a `seq` without gaps, from 1 in each session. One event tells what one command did: its
  `type` is the chief move, `data.moves` lists them all. Events tell what happened to this agent's work, also
  through others: `by` says who did it, `reason` why.
* **Refusals** are problems: `field` names what is wrong. A contact that is over is `not-found`, one that somebody else
  has is `not-yours` or `forbidden`, one in another state `transition-refused`.
* **Acknowledge** with `ack {seq}` every 10 events or once a second. It is cumulative, and only about transport: it
  answers no offer. An offer has its own deadline (`expires_at`) and is answered by a command alone. What ends it is
  the sweep that looks for deadlines five times a second; an answer that comes before the sweep counts.
* **Heartbeat**: send `hb {seq}` every `hello.hb` seconds; `hb_ack` comes back. Websocket pings are answered by the
  library; a socket that does not answer them is closed.
* **Commands** carry an `id` of your choice (a UUID). The `res` with the same id answers. Sent again with the same
  id, a command happens once and gets the same answer (the last 32 of a session); so after a lost connection send
  what was not answered again, as it was. An answer with a status of 500 or more is not kept: the command may be
  tried again.
* **Order**: a command's events may come before or after its `res`.
* **rev** is the contact's revision as you saw it. `offer.accept` and `offer.decline` must name the one from
  `offer.issued`; `work.finish` and `handover.create` may. 409 `stale-revision` or `offer-gone` means that the world
  has moved on: drop what you show and wait for the next event.
* **Instants** are epoch milliseconds (`at`, `expires_at`, `until`). Count down against the event's `at`, not
  against your own clock.
* **Rates**: 50 frames a second, bursts of 100. Commands above that are answered 429 `too-many-requests`; whoever
  goes on is closed with 4029. Frames are at most `hello.max` bytes.
* **Reading slowly**: a desktop that does not read is closed with 4008 when 256 frames wait for it. It never delays
  others.

## When the socket is lost

Connect again with a new ticket and `auth {ticket, resume: {sid, seq}}`, `seq` being the last event you saw. For 120
seconds the session goes on: `resumed`, then the events you missed. Otherwise `reset` (why: `expired` or `gap`) and
a `ready` with a fresh snapshot: throw away what you show and draw it anew. Wait between attempts: a random time up
to 0.5 s, doubling to 30 s. Don't reconnect after 4001 (get a token first) and 4009 (another desktop of the agent is
open).

| without a socket for | what happens |
|---|---|
| 15 s | the agent is offline; open offers return to their places without blame |
| 120 s | the session can't be resumed any more |
| 15 s + 120 s | chats return to their place in the queue; work in wrap-up ends uncoded |
| 15 s + 4 h | calls and visits return, if they are still open; written work after 4 open hours |

Only one desktop of an agent is live: the newest. The older one is closed with 4009.

## Outcomes and wrap-up

`work.finish {contact_id, outcomes: [{resolution, topic?, contact_reason?, cause?, evidence?}]}`: one outcome for
each matter, at least one, at most ten. Nothing is pre-selected. `unresolved` needs a `cause`; `decided`, `booked`
and `referred_external` need `evidence` (the delegation, the time, to whom). `topic` is the contact's own when left
out.

When the resident hangs up or leaves, `leg.wrapping_up` says `until` when the work may be finished. `wrap_up.extend
{contact_id, seconds}` sets a new time, counted from now. At `until` the work ends by itself; its matter is then
`uncoded`. `wrap_up.end` does so at once. `outcome.list` tells what is uncoded, `outcome.amend` says how it ended, or
corrects it, until the month's figure freezes. Finishing during the conversation needs no wrap-up.

A live offer (voice, chat, visit) that expires sets the agent away (`presence.away`, reason `not_responding`): show
it loudly. An expired written offer only pauses written offers for a while. Declining keeps the contact's place; the
same contact is not offered again for two minutes unless nobody else may take it.
"""
)
