"""A client that speaks as FixMyStreet does: XML alone, lists forced, empty elements undefined, its own parameters."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from xml.etree.ElementTree import Element

import aiohttp
from defusedxml.ElementTree import fromstring

LISTS = {"service", "attribute", "value", "request", "error", "request_update"}
STATES = {
    "fixed": "fixed - council",
    "not councils responsibility": "not responsible",
    "no further action": "unable to fix",
    "open": "confirmed",
}
Tree = dict[str, "Tree | list[Tree] | str | None"]
Upload = tuple[str, str, bytes]
"""Name, declared type, bytes."""


class Problem(NamedTuple):
    """A report as FixMyStreet keeps it."""

    title: str = "Stort hål i vägen"
    detail: str = "Mitt i korsningen, djupt."
    latitude: str = "59.27412"
    longitude: str = "15.21337"
    name: str = "Kim Exempel"
    email: str = "kim@example.se"
    phone: str = "+46701740605"
    url: str = "https://fixa.example.se/report/17"
    extra: Mapping[str, str | Sequence[str]] = {}


class Refusal(Exception):  # named after what happened
    """What the other side answered instead: `code: description` of each error, as FixMyStreet logs it."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(f"{status} {said}")
        self.status = status
        self.said = said


class FixMyStreet:
    """One body's settings and the calls that its cron jobs make."""

    def __init__(self, endpoint: str, api_key: str, jurisdiction: str = "", *, multi_photos: bool = True) -> None:
        self.endpoint = endpoint + "/open311/v2/"
        self.api_key = api_key
        self.jurisdiction = jurisdiction
        self.multi_photos = multi_photos

    async def services(self) -> list[Tree]:
        """`bin/open311-populate-service-list`."""
        return many(await self._get("services.xml"), "service")

    async def meta(self, code: str) -> list[Tree]:
        """Its questions about one category, in their order."""
        found = await self._get(f"services/{code}.xml")
        attributes = found["attributes"]
        assert isinstance(attributes, list)
        return sorted(attributes, key=lambda each: int(str(each["order"])))

    async def send(
        self, code: str, problem: Problem, photos: Sequence[str] = (), uploads: Sequence[Upload] = ()
    ) -> str:
        """`bin/send-reports`: the id that the report got."""
        first, _, last = problem.name.partition(" ")
        said = f"Titel: {problem.title}\n\nBeskrivning: {problem.detail}\n\nLänk till ärendet: {problem.url}\n\n"
        parameters: list[tuple[str, str]] = [
            ("service_code", code),
            ("description", said + "Skickad via FixaMinGata\n"),
            ("lat", problem.latitude),
            ("long", problem.longitude),
            ("first_name", first),
            ("last_name", last),
            ("email", problem.email),
            ("phone", problem.phone),
            *(("media_url", url) for url in (photos if self.multi_photos else photos[:1])),
        ]
        for name, value in problem.extra.items():
            parameters += [(f"attribute[{name}]", each) for each in ([value] if isinstance(value, str) else value)]
        return str(many(await self.post("requests.xml", parameters, uploads), "request")[0]["service_request_id"])

    async def comment(
        self, request: str, number: int, text: str, status: str = "OPEN", *, photos: Sequence[str] = ()
    ) -> str:
        """`bin/post-updates`: the id that the update got."""
        parameters = [
            ("updated_datetime", "2026-11-26T12:00:00+01:00"),
            ("service_request_id", request),
            ("status", status),
            ("description", text),
            ("last_name", "Exempel"),
            ("first_name", "Kim"),
            ("update_id", str(number)),
            *(("media_url", url) for url in photos),
        ]
        return str(many(await self.post("servicerequestupdates.xml", parameters), "request_update")[0]["update_id"])

    async def fetch_updates(self, since: datetime, until: datetime) -> list[Tree]:
        """`bin/fetch-comments`: as its loop takes them, those outside the period thrown away."""
        start, end = _w3c(since), _w3c(until)
        found = await self._get("servicerequestupdates.xml", api_key=self.api_key, start_date=start, end_date=end)
        return [
            each | {"state": state_of(str(each["status"]))}
            for each in many(found, "request_update")
            if start <= str(each["updated_datetime"]) <= end and each["update_id"]
        ]

    async def requests(self, ids: Sequence[str]) -> list[Tree]:
        """How reports stand; no key is sent."""
        return many(await self._get("requests.xml", service_request_id=",".join(ids)), "request")

    async def listed(self, since: datetime, until: datetime) -> set[str]:
        """The ids of all requests of a period, as its problem fetching asks for them."""
        found = await self._get("requests.xml", api_key=self.api_key, start_date=_w3c(since), end_date=_w3c(until))
        return {str(each["service_request_id"]) for each in many(found, "request")}

    async def _get(self, path: str, **query: str) -> Tree:
        if self.jurisdiction:
            query["jurisdiction_id"] = self.jurisdiction
        async with aiohttp.ClientSession() as http, http.get(self.endpoint + path, params=query) as got:
            return _read(got.status, await got.read())

    async def post(self, path: str, parameters: list[tuple[str, str]], uploads: Sequence[Upload] = ()) -> Tree:
        """One form: the answer's tree."""
        sent = [*parameters, ("api_key", self.api_key)]
        if self.jurisdiction:
            sent.append(("jurisdiction_id", self.jurisdiction))
        form = aiohttp.FormData(sent)
        for i, (name, media_type, body) in enumerate(uploads):
            form.add_field(f"photo{i + 1}", body, filename=name, content_type=media_type)
        async with aiohttp.ClientSession() as http, http.post(self.endpoint + path, data=form) as got:
            return _read(got.status, await got.read())


def state_of(status: str) -> str:
    """FixMyStreet's own word for a status."""
    word = status.lower().replace("_", " ")
    return STATES.get(word, word)


def many(tree: Tree, name: str) -> list[Tree]:
    """The things of a list that may be empty."""
    found = tree.get(name) or []
    assert isinstance(found, list)
    return found


def _w3c(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _read(status: int, body: bytes) -> Tree:
    tree = tree_of(fromstring(body.decode()))
    assert isinstance(tree, dict) or tree is None
    if status >= 300:
        errors = many(tree or {}, "error")
        raise Refusal(status, "; ".join(f"{each['code']}: {each['description']}" for each in errors))
    return tree or {}


def tree_of(element: Element) -> Tree | list[Tree] | str | None:
    """An element as its parser sees it: lists stand under the name of what they hold, or in their group's place."""
    children = list(element)
    if not children:
        return element.text
    if element.tag in {"attributes", "values"}:
        return [each for child in children if isinstance(each := tree_of(child), dict)]
    tree: Tree = {}
    for child in children:
        value = tree_of(child)
        if child.tag in LISTS:
            held = tree.setdefault(child.tag, [])
            assert isinstance(held, list)
            assert isinstance(value, dict)
            held.append(value)
        else:
            tree[child.tag] = value
    return tree
