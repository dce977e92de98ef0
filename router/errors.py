"""Every error the service raises, with its stable slug and HTTP status.

ServicecenterError
├── InputError                 the caller sent something wrong: 4xx, never retried as it is
│   ├── MalformedBody · SchemaMismatch · UnsupportedMediaType · TooLarge
│   ├── Unauthenticated · Forbidden · NotFound · TooManyRequests
│   ├── EventConflict          same (source, id), another body
│   ├── UnreadableStrategy     a strategy that is none, or names what the city does not have
│   ├── PreconditionRequired · PreconditionFailed    `If-Match` is missing or stale
│   ├── CaptureForbidden · HandoverIncomplete
│   └── UnknownTopic · UnknownChannel · UnknownQueue · UnknownUnit · UnknownOutcome · UnknownFact
├── StateError                 the thing has moved on since the caller looked: 409
│   ├── StaleRevision · TransitionRefused · OfferGone · NotYours · NoCapacity · OutcomeFrozen
│   ├── UnsoundStrategy · FourEyes    a strategy that can't be approved, or not by this person
├── Unavailable                try again later: 503 with Retry-After
│   ├── StoreUnavailable · Overloaded · RegisterUnavailable · TrialUnfinished
└── ConfigurationError         the operator's files are wrong: stops the start
    └── StrategyError          a strategy or city file is wrong
"""

from typing import ClassVar

import msgspec

PROBLEM_BASE = "urn:servicecenter:problem:"

type_uri = PROBLEM_BASE.__add__


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """RFC 9457 body, the same over HTTP and in a websocket `res` frame."""

    type: str
    title: str
    status: int
    detail: str = ""
    instance: str = ""
    field: str = ""
    """Path of the offending field, for example `$.data.person.phone`."""
    params: dict[str, str | int] = {}
    """Facts about the error, by name."""


class ServicecenterError(Exception):
    """Something went wrong in the service."""

    slug: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    retry_after_s: ClassVar[int | None] = None

    def __init__(self, detail: str = "", *, field: str = "", **params: str | int) -> None:
        self.detail = detail
        self.field = field
        self.params = params
        super().__init__(f"{self.slug}: {detail or self.title()}" + (f" - at {field}" if field else ""))

    @classmethod
    def title(cls) -> str:
        """The class docstring's first line is the sentence shown to people."""
        return (cls.__doc__ or cls.slug).strip().splitlines()[0]

    def problem(self, instance: str = "") -> Problem:
        """This error as an RFC 9457 body."""
        return Problem(
            type=type_uri(self.slug),
            title=self.title(),
            status=self.status,
            detail=self.detail,
            instance=instance,
            field=self.field,
            params=self.params,
        )


class InputError(ServicecenterError):
    """The request can't be taken as it is."""

    slug = "bad-request"
    status = 400


class MalformedBody(InputError):
    """The body is not valid JSON, or a required header is malformed."""

    slug = "malformed-body"


class SchemaMismatch(InputError):
    """A field is missing, unknown or of the wrong kind."""

    slug = "schema-mismatch"
    status = 422


class UnsupportedMediaType(InputError):
    """The content type is not one that this address takes."""

    slug = "unsupported-media-type"
    status = 415


class TooLarge(InputError):
    """The body is larger than this address takes."""

    slug = "too-large"
    status = 413


class Unauthenticated(InputError):
    """The request carries no valid token or signature."""

    slug = "unauthenticated"
    status = 401


class Forbidden(InputError):
    """The caller's role may not do this."""

    slug = "forbidden"
    status = 403


class NotFound(InputError):
    """There is nothing at this address."""

    slug = "not-found"
    status = 404


class MethodNotAllowed(InputError):
    """This address does not answer that method."""

    slug = "method-not-allowed"
    status = 405


class TooManyRequests(InputError):
    """Too many requests from one caller; wait and try again."""

    slug = "too-many-requests"
    status = 429
    retry_after_s = 1


class EventConflict(InputError):
    """An event with the same source and id, but another body, was accepted before."""

    slug = "event-conflict"
    status = 422


class UnknownTopic(InputError):
    """The topic code is not in the city's topics file."""

    slug = "unknown-topic"
    status = 422


class UnknownChannel(InputError):
    """No adapter registers this channel code."""

    slug = "unknown-channel"
    status = 422


class UnknownEventType(InputError):
    """This event type is not one that the service takes."""

    slug = "unknown-event-type"
    status = 422


class UnknownQueue(InputError):
    """The queue is not in the city's queues file."""

    slug = "unknown-queue"
    status = 422


class UnknownUnit(InputError):
    """The unit is not in the city's units file."""

    slug = "unknown-unit"
    status = 422


class CaptureForbidden(InputError):
    """The strategy forbids to write this down about the contact."""

    slug = "capture-forbidden"
    status = 403


class HandoverIncomplete(InputError):
    """The unit needs something that is not known of the contact."""

    slug = "handover-incomplete"
    status = 422


class UnknownFact(InputError):
    """There is no such fact, agents don't supply it, or the value does not fit it."""

    slug = "unknown-fact"
    status = 422


class UnknownSkill(InputError):
    """The skill is not in the city's skills file."""

    slug = "unknown-skill"
    status = 422


class UnknownOutcome(InputError):
    """The outcome needs another resolution, cause or evidence."""

    slug = "unknown-outcome"
    status = 422


class UnknownCommand(InputError):
    """No command has this name."""

    slug = "unknown-command"
    status = 422


class UnreadableStrategy(InputError):
    """The strategy can't be read, or names what the city does not have."""

    slug = "unreadable-strategy"
    status = 422


class FilesNotCarried(InputError):
    """The contact's channel carries no files to the resident, as it is set up now."""

    slug = "files-not-carried"
    status = 422


class InfectedFile(InputError):
    """A virus scanner found the file infected: it is not taken, sent or shown."""

    slug = "infected-file"
    status = 422


class PreconditionRequired(InputError):
    """Send `If-Match` with the ETag of what you have seen."""

    slug = "precondition-required"
    status = 428


class PreconditionFailed(InputError):
    """It has changed since you saw it: read it again."""

    slug = "precondition-failed"
    status = 412


class StateError(ServicecenterError):
    """The thing has moved on since the caller last saw it."""

    slug = "state-conflict"
    status = 409


class StaleRevision(StateError):
    """The revision given is not the current one; read again and decide anew."""

    slug = "stale-revision"


class TransitionRefused(StateError):
    """The thing is in a state in which this can't happen."""

    slug = "transition-refused"


class OfferGone(StateError):
    """The offer has been taken back, has expired or is answered already."""

    slug = "offer-gone"


class NotYours(StateError):
    """The work is with another agent."""

    slug = "not-yours"
    status = 403


class NoCapacity(StateError):
    """The agent has no room for this medium now."""

    slug = "no-capacity"


class UnsoundStrategy(StateError):
    """The strategy has not been found sound as it stands: check and simulate it again."""

    slug = "unsound-strategy"


class FourEyes(StateError):
    """Whoever wrote a strategy can't approve it: somebody else must."""

    slug = "four-eyes"


class OutcomeFrozen(StateError):
    """The month's figure is frozen: its outcomes stand as they are."""

    slug = "outcome-frozen"


class Unavailable(ServicecenterError):
    """The service can't do this now; try again later."""

    slug = "unavailable"
    status = 503
    retry_after_s = 2


class StoreUnavailable(Unavailable):
    """The store does not answer, so nothing can be promised; try again later."""

    slug = "store-unavailable"


class Overloaded(Unavailable):
    """More work is on its way than the service can promise to keep; try again later."""

    slug = "overloaded"


class RegisterUnavailable(Unavailable):
    """The register does not answer; what is open can still be read and worked on."""

    slug = "register-unavailable"


class ScannerUnavailable(Unavailable):
    """The virus scanner does not answer: the file is kept back until it does; try again later."""

    slug = "scanner-unavailable"


class TrialUnfinished(Unavailable):
    """Reading, checking or simulating the strategy did not come to an end; nothing has changed."""

    slug = "trial-unfinished"


class ConfigurationError(ServicecenterError):
    """A configuration file or environment variable is wrong; the service does not start."""

    slug = "configuration"


class StrategyError(ConfigurationError):
    """A city file (strategy, topics, units, queues, agreements, calendars) is wrong."""

    slug = "strategy"
