"""Every door of the city at once: the same words and place posted through each, as each one's own client does it."""

import itertools
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple
from urllib.parse import urlencode

import aiohttp
import aiosmtplib
import msgspec

from router.bench.pbx import ENTITY, Pbx
from tests.channels.email.postbox import letter
from tests.channels.open311.fixmystreet import FixMyStreet, Problem
from tests.channels.reports.reader import Resident
from tests.http.question_book import QUESTIONS, Question, Way
from tests.http.service_client import Json, ServiceClient
from tests.http.test_chat_service import Visitor
from tests.journeys.waiting import eventually

KEY = "a-key-of-sixteen-letters"
BOX = "kontakt@ekeby.example.se"
PICKED = sorted({each.chosen or each.topic for each in QUESTIONS} - {""})
LISTED = {f"S{number}": topic for number, topic in enumerate(PICKED)}
CODES = {topic: code for code, topic in LISTED.items()}
"""Topic -> its service code, and the app's category."""
DIGITS = {each.digit: each.topic or "SOC.ORB" for each in QUESTIONS if each.digit and each.name != "nothing said"}
_people = itertools.count()
_spots = itertools.count()
_numbers = iter(range(95))


def channels_of(mail_port: int, pbx: Pbx) -> dict[str, object]:
    """The whole configuration of channels."""
    form = {"channel": "web", "key": KEY, "map": _mapped()}
    topics = {"topic": {"field": "/category", "values": LISTED}}
    app = {"channel": "app", "key": KEY, "id": "/id", "map": _mapped() | topics}
    return {
        "email": {
            "host_name": "mail.ekeby.example.se",
            "mailboxes": {BOX: {}},
            "readers": 1,
            "listen": {"port": mail_port},
        },
        "chat": {},
        "open311": {
            "keys": {"fixamingata": KEY},
            "services": [{"code": code, "topic": topic} for code, topic in LISTED.items()],
        },
        "reports": {"topics": PICKED, "at_least_s": 0.0, "burst": 100},
        "posted": {"forms": {"ask": form, "app": app}},
        "asterisk": {
            "user": pbx.user,
            "password": pbx.password,
            "menu": {"media": "sound:menu", "topics": DIGITS, "repeats": 0},
        },
    }


def _mapped() -> dict[str, object]:
    fields = {"text": "/text", "person.email": "/email", "location.lat": "/lat", "location.lon": "/lon"}
    return dict(fields)


class Person(NamedTuple):
    """Somebody whom nobody has heard of, at a place where nothing else is reported."""

    phone: str
    email: str
    lat: float
    lon: float

    @classmethod
    def somebody(cls, *, road: bool, calls: bool) -> "Person":
        """The next one; numbers are few, and given to those who call."""
        number, spot = next(_people), next(_spots)
        lat, lon = 59.29313 + 0.001 * (spot % 60), 18.00123
        if road:
            along = (spot % 20) / 20
            lat, lon = 59.2805 + 0.0035 * along, 18.03 + 0.05 * along
        phone = f"+467017406{next(_numbers) + 5:02}" if calls else ""
        return cls(phone, f"kim{number}@example.se", round(lat, 6), round(lon, 6))

    @property
    def known(self) -> Json:
        """As an integration names them."""
        return {"phone": self.phone, "email": self.email}


class Doors:
    """All of them on one running service."""

    def __init__(self, service: ServiceClient, http: aiohttp.ClientSession, pbx: Pbx, mail_port: int) -> None:
        self._service = service
        self._http = http
        self._pbx = pbx
        self._mail_port = mail_port

    def of(self, question: Question) -> Mapping[str, tuple[Callable[[Question, Person], Awaitable[str]], Way]]:
        """The doors that this question can come by, and what becomes of it there."""
        ways = question.ways
        doors: dict[str, tuple[Callable[[Question, Person], Awaitable[str]], Way]] = {
            "switch": (self.switch, ways.called or ways.spoken),
            "mail": (self.mail, ways.written),
            "chat": (self.chat, ways.messaging),
            "form": (self.form, ways.placed),
        }
        if question.digit:
            doors["asterisk"] = (self.asterisk, ways.spoken)
        if question.chosen or question.topic:
            doors |= {
                "open311 xml": (self.fixmystreet, ways.placed),
                "open311 json": (self.open311_json, ways.placed),
                "report page": (self.page, ways.placed),
                "app": (self.app, ways.placed),
            }
        return doors

    async def switch(self, question: Question, who: Person) -> str:
        """A switch that posts events, with what the caller said and where."""
        place = {"lat": who.lat, "lon": who.lon}
        return await self._service.receive("phone", text=question.words, person={"phone": who.phone}, location=place)

    async def asterisk(self, question: Question, who: Person) -> str:
        """A call through Asterisk: the caller presses the topic's digit; no word of theirs is known."""
        caller = await self._pbx.call_in(who.phone)
        await self._pbx.until(lambda: any(caller in path and "play" in path for _, path, _ in self._pbx.asked))
        await self._pbx.press(caller, question.digit)
        store = self._service.run.store

        async def taken() -> str:
            return await store.contact_by_subject("asterisk", f"ari:{ENTITY}", caller)

        return await eventually(taken)

    async def mail(self, question: Question, who: Person) -> str:
        """A mail over SMTP."""
        sent = letter(question.words, to=BOX, sender=who.email, Subject="Hej", Message_ID=f"<{who.email}>")
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=self._mail_port, start_tls=False) as client:
            _, answer = await client.sendmail(who.email, [BOX], sent.as_bytes())
        return answer.rpartition(" ")[2]

    async def chat(self, question: Question, who: Person) -> str:
        """A chat on its websocket."""
        page = await Visitor.come(self._service.url, self._http)
        contact = await page.begin(question.words, email=who.email)
        await page.socket.close()
        return contact

    async def fixmystreet(self, question: Question, who: Person) -> str:
        """As FixMyStreet posts, in XML."""
        code = CODES[question.chosen or question.topic]
        problem = Problem(
            title="Hej", detail=question.words, latitude=f"{who.lat}", longitude=f"{who.lon}", email=who.email, phone=""
        )
        return await FixMyStreet(self._service.url, KEY).send(code, problem)

    async def open311_json(self, question: Question, who: Person) -> str:
        """Open311 in JSON, as an app of somebody's posts it."""
        fields: dict[str, object] = {
            "api_key": KEY,
            "service_code": CODES[question.chosen or question.topic],
            "description": question.words,
            "lat": who.lat,
            "long": who.lon,
            "email": who.email,
        }
        url = f"{self._service.url}/open311/v2/requests.json"
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        async with self._http.post(url, data=urlencode(fields), headers=headers) as got:
            return str((await got.json())[0]["service_request_id"])

    async def page(self, question: Question, who: Person) -> str:
        """The report page, without scripts."""
        resident = Resident(self._service.url, self._http)
        filled = {
            "topic": question.chosen or question.topic,
            "text": question.words,
            "position": f"{who.lat}, {who.lon}",
            "email": who.email,
        }
        check = await resident.press(await resident.open(), "check", filled)
        sent = await resident.press(check, "send")
        return sent.url.partition("/report/")[2].partition("?")[0]

    async def form(self, question: Question, who: Person) -> str:
        """A form of somebody's web page, posted by its server: words without a topic."""
        return await self._posted("ask", {"text": question.words}, who)

    async def app(self, question: Question, who: Person) -> str:
        """The city's app: a category, words, a position."""
        category = CODES[question.chosen or question.topic]
        return await self._posted("app", {"id": who.email, "category": category, "text": question.words}, who)

    async def _posted(self, form: str, fields: Json, who: Person) -> str:
        body = msgspec.json.encode(fields | {"email": who.email, "lat": who.lat, "lon": who.lon})
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        url = f"{self._service.url}/v1/forms/{form}"
        async with self._http.post(url, data=body, headers=headers) as got:
            assert got.status == 202, await got.text()
            return str((await got.json())["id"])
