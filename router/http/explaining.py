"""Explanations over REST: each generation of a contact's decision with its sentences in the reader's language.

Owns which language, which version of the strategy, and which offers belong to which generation. Adds nothing to what
the page shows anyway: facts are codes, agents their ids, and no content is read.
"""

import contextlib
from collections.abc import Callable, Sequence
from itertools import pairwise

import msgspec
from aiohttp import web

from router.errors import SchemaMismatch
from router.pairing import Chosen
from router.records import DecisionRecord
from router.register.documents import DecisionDocument, OfferDocument, WhyDocument
from rules.city import City
from rules.compile import CompiledStrategy
from rules.explain import OfferSeen, explain, explain_without
from rules.words import DEFAULT_LANG, LANGS, Lang
from rules.words.telling import Told, tell

StrategyOf = Callable[[str], CompiledStrategy | None]
"""The strategy with this hash, if it is at hand."""
NEVER_MS = 1 << 62
MOST_ACCEPTED = 200
"""Characters read of a header that names languages."""
_record = msgspec.json.Decoder(DecisionRecord)
_chosen = msgspec.json.Decoder(Chosen | None)


class ExplainedDecision(DecisionDocument, frozen=True, kw_only=True):
    """One generation of a contact's decision, with its explanation."""

    explanation: Told | None
    """Null for a record that can't be read, such as one from a later version of the service."""


class ExplainedWhy(msgspec.Struct, frozen=True):
    """Why a contact went where it went: every decision with its explanation, every offer with its losers."""

    contact: str
    decisions: list[ExplainedDecision]
    offers: list[OfferDocument]


class Explainer:
    """Explains what is on record, by the version of the strategy that decided it."""

    def __init__(self, city: City, strategy_of: StrategyOf) -> None:
        self._city = city
        self._strategy_of = strategy_of

    def explained(self, why: WhyDocument, lang: Lang) -> ExplainedWhy:
        """The whole page; takes tens of milliseconds, so call it in a thread."""
        ends = [later.at for _, later in pairwise(why.decisions)]
        decisions = [
            self._decision(document, _offers_until(why.offers, document, until), lang)
            for document, until in zip(why.decisions, [*ends, NEVER_MS], strict=False)
        ]
        return ExplainedWhy(why.contact, decisions, why.offers)

    def _decision(self, document: DecisionDocument, offers: Sequence[OfferDocument], lang: Lang) -> ExplainedDecision:
        fields = {field.name: getattr(document, field.name) for field in msgspec.structs.fields(DecisionDocument)}
        return ExplainedDecision(**fields, explanation=self._told(document, offers, lang))

    def _told(self, document: DecisionDocument, offers: Sequence[OfferDocument], lang: Lang) -> Told | None:
        try:
            record = _record.decode(document.decision)
        except msgspec.DecodeError:
            return None
        seen = [_seen(offer) for offer in offers]
        compiled = self._strategy_of(record.decision.trace.strategy_hash)
        if compiled is None:
            explanation = explain_without(record.decision, record.facts, offers=seen, at_ms=document.at)
        else:
            explanation = explain(compiled, record.facts, decided=record.decision, offers=seen, at_ms=document.at)
        return tell(explanation, self._city, lang)


def versions_of(why: WhyDocument) -> set[str]:
    """The hashes of the versions that decided, as far as the records can be read."""
    found: set[str] = set()
    for document in why.decisions:
        with contextlib.suppress(msgspec.DecodeError):
            found.add(_record.decode(document.decision).decision.trace.strategy_hash)
    return found


def _offers_until(offers: Sequence[OfferDocument], document: DecisionDocument, until: int) -> list[OfferDocument]:
    return [offer for offer in offers if document.at <= offer.issued_at < until]


def _seen(offer: OfferDocument) -> OfferSeen:
    try:
        chosen = _chosen.decode(offer.chosen)
    except msgspec.DecodeError:
        chosen = None
    return OfferSeen(
        agent=offer.agent,
        state=offer.state,
        reason=offer.reason,
        issued_at=offer.issued_at,
        chosen_by=chosen.reason if chosen else "",
        waited_ms=chosen.waited_ms if chosen else 0,
        losers=chosen.losers if chosen else {},
    )


def language_of(request: web.Request) -> Lang:
    """The language asked for in `?lang=`, else the first one of `Accept-Language` that there is, else Swedish.

    Raises:
        SchemaMismatch: `?lang=` names another language.
    """
    asked = request.query.get("lang")
    if asked is not None:
        for lang in LANGS:
            if asked == lang:
                return lang
        raise SchemaMismatch(f"expected one of {', '.join(LANGS)}", field="?lang")
    return accepted(request.headers.get("Accept-Language", ""))


def accepted(header: str) -> Lang:
    """The language of ours that is most wanted in an `Accept-Language` header; Swedish when none is."""
    wanted: list[tuple[float, Lang]] = []
    for part in header[:MOST_ACCEPTED].split(","):
        tag, _, weight = part.partition(";")
        named = tag.strip().lower().partition("-")[0]
        wanted.extend((_weight(weight), lang) for lang in LANGS if named == str(lang))
    best = max(wanted, key=lambda each: each[0], default=(0.0, DEFAULT_LANG))
    return best[1] if best[0] > 0 else DEFAULT_LANG


def _weight(text: str) -> float:
    name, _, number = text.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    return float(number) if number.strip().replace(".", "", 1).isdecimal() else 0.0
