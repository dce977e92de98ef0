"""The addresses of disturbances as rows of the description. Only data."""

from router.declaring import Declaration
from router.errors import MalformedBody, NotFound, SchemaMismatch, StoreUnavailable, TooLarge
from router.http.description_answers import DisturbanceList
from router.http.description_route import CALLER, EVERYONE, Route
from router.http.disturbance_pages import DisturbanceView

DISTURBANCES: tuple[Route, ...] = (
    Route(
        path="/v1/disturbances",
        name="listDisturbances",
        tag="city",
        en="What is out of order now",
        sv="Pågående driftstörningar",
        text="Those that stand, oldest first, with what residents are told. A channel may show it before anybody asks, "
        "and answers a contact decided `answer` with reason `disturbance` with it: the contact's `related_to` names "
        "which.",
        text_sv="De som gäller, äldst först, med det besked som invånarna får.",
        roles=EVERYONE,
        answer=DisturbanceList,
        errors=CALLER,
    ),
    Route(
        method="post",
        path="/v1/disturbances",
        name="declareDisturbance",
        tag="city",
        en="Declare a disturbance",
        sv="Anmäl en driftstörning",
        text="It ends by itself at `until`. With the `id` of one that stands, this takes its place. Written reports of "
        "its topics in its area are answered with its message from now on.",
        text_sv="Slutar av sig själv vid `until`. Med samma `id` ersätts den som gäller.",
        roles=("supervisor",),
        body=Declaration,
        answer=DisturbanceView,
        status=201,
        errors=(*CALLER, MalformedBody, TooLarge, SchemaMismatch, StoreUnavailable),
    ),
    Route(
        method="delete",
        path="/v1/disturbances/{id}",
        name="endDisturbance",
        tag="city",
        en="End a disturbance",
        sv="Avsluta en driftstörning",
        text="It is mended before its time.",
        text_sv="Den är åtgärdad i förtid.",
        roles=("supervisor",),
        query=("reason",),
        answer=DisturbanceView,
        errors=(*CALLER, NotFound, SchemaMismatch, StoreUnavailable),
    ),
)
