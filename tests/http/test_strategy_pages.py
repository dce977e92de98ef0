"""Strategies over REST: the whole way from draft to service and back, and everything that is refused on it."""

import itertools
import tomllib
from typing import cast

import pytest
import pytest_asyncio

from router.clock import SystemClock
from router.config import Config, PublishingConfig
from router.http.public import utc
from tests.http.service_client import Answer, Json, ServiceClient
from tests.journeys.small_strategy import ANY_STRATEGY, FAULT_AT, small_strategy
from tests.journeys.waiting import eventually

CONFIG = Config(publishing=PublishingConfig(guards=ANY_STRATEGY))
HOUR_MS = 3_600_000
APPROVAL = {"forum": "Styrgrupp kanal", "reason": "Kortare köer.", "date": "2026-01-15"}
REASON = {"reason": "Det blev inte bättre."}
_numbers = itertools.count(1)


async def toml_of(service: ServiceClient, *, queue: str = "", fault: str = "") -> str:
    """A small sound strategy, each time another version; with a queue for questions about the library, or a fault."""
    folder = (await service.get("/v1/strategies/active")).body["folder_hash"]
    text = (await service.get(f"/v1/strategies/folder-{folder}/toml")).body.decode()
    meta: Json = {**tomllib.loads(text)["meta"], "version": f"test-{next(_numbers)}"}
    return small_strategy(meta, queue=queue, fault=fault)


class Owners:
    """Anna writes, Olle approves."""

    def __init__(self, service: ServiceClient) -> None:
        self.service = service
        self.anna = service.token("strategy_owner", "anna")
        self.olle = service.token("strategy_owner", "olle")

    async def draft(self, **more: str) -> Answer:
        """A new draft of Anna's."""
        body = {"toml": await toml_of(self.service, **more), "title": "Prov"}
        answer = await self.service.call("POST", "/v1/strategies", token=self.anna, body=body)
        assert answer.status == 201, answer.body
        return answer

    async def step(
        self, before: Answer, step: str, body: Json | None = None, *, token: str = "", etag: str = ""
    ) -> Answer:
        """One step, as somebody who has seen the answer before."""
        seen = {"If-Match": etag or before.headers["ETag"]}
        path = f"/v1/strategies/{before.body['strategy_id']}/{step}"
        return await self.service.call("POST", path, token=token or self.anna, body=body, headers=seen)

    async def approved(self, **more: str) -> Answer:
        """A version that may come into service."""
        answer = await self.draft(**more)
        for step in ("check", "simulate"):
            answer = await self.step(answer, step)
            assert answer.status == 200, answer.body
        answer = await self.step(answer, "approve", APPROVAL, token=self.olle)
        assert (answer.status, answer.body["state"]) == (200, "approved"), answer.body
        return answer

    async def active(self, body: Json | None = None, **more: str) -> Answer:
        """A version in service."""
        answer = await self.step(await self.approved(**more), "activate", body or {})
        assert (answer.status, answer.body["state"]) == (200, "active"), answer.body
        return answer

    async def end(self, answer: Answer) -> Answer:
        """Roll it back."""
        return await self.step(answer, "rollback", REASON, token=self.olle)

    async def audit(self, version: str) -> list[Json]:
        """Every step of a version."""
        return (await self.service.get(f"/v1/strategies/{version}/audit")).body["steps"]

    async def decided_by(self, person: Json | None = None) -> tuple[str, str]:
        """Hash and queue of a new contact's decision."""
        record = await self.decision(await self.service.receive("phone", topic="KUF.BIB", person=person or {}))
        return record["trace"]["strategy_hash"], record["queue"]

    async def decision(self, contact: str) -> Json:
        """The last decision about a contact, once the register knows."""

        async def probe() -> Json | None:
            found = await self.service.get(f"/v1/contacts/{contact}/decision")
            return cast("Json", found.body["decisions"][-1]["decision"]["decision"]) if found.status == 200 else None

        return await eventually(probe) or {}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def approved(service: ServiceClient) -> Answer:
    """A version that may come into service, and does not."""
    return await Owners(service).approved()


@pytest.fixture
def owners(service: ServiceClient) -> Owners:
    """The people of the strategy."""
    return Owners(service)


async def test_the_whole_way(owners: Owners) -> None:
    """Drafted, checked, simulated, approved by somebody else, in service, rolled back: each step with who and why."""
    service = owners.service
    folder = (await service.get("/v1/strategies/active")).body["folder_hash"]
    answer = await owners.active({"reason": "Från idag"}, queue="gata")
    version = str(answer.body["strategy_id"])
    active = (await service.get("/v1/strategies/active")).body
    assert (active["hash"], active["not_loaded"]) == (answer.body["hash"], [])
    assert await owners.decided_by() == (answer.body["hash"], "gata")

    ended = await owners.end(answer)
    assert (ended.status, ended.body["state"]) == (200, "rolled_back")
    assert (await owners.decided_by())[0] == folder

    async def whole() -> bool:
        return len(await owners.audit(version)) == 6

    await eventually(whole)
    steps = await owners.audit(version)
    assert [(step["event"], step["before"], step["after"], step["actor"]) for step in steps] == [
        ("write", "", "draft", "strategy_owner:anna"),
        ("check", "draft", "checked", "strategy_owner:anna"),
        ("simulate", "checked", "simulated", "strategy_owner:anna"),
        ("approve", "simulated", "approved", "strategy_owner:olle"),
        ("activate", "", "active", "strategy_owner:anna"),
        ("roll_back", "active", "rolled_back", "strategy_owner:olle"),
    ]
    assert (steps[3]["forum"], steps[3]["decided_on"], steps[5]["reason"]) == (
        "Styrgrupp kanal",
        "2026-01-15",
        REASON["reason"],
    )


async def test_a_version_is_read_back_as_it_was_written(owners: Owners) -> None:
    """Text to the letter, reports with what they found, in the list; bare TOML is taken like JSON."""
    service, text = owners.service, await toml_of(owners.service) + "# Räksmörgås\n"
    headers = {"Content-Type": "application/toml"}
    made = await service.call("POST", "/v1/strategies", token=owners.anna, body=text.encode(), headers=headers)
    version = made.body["strategy_id"]
    assert (await service.get(f"/v1/strategies/{version}/toml", "auditor")).body.decode() == text
    checked = await owners.step(made, "check")
    found = await service.get(f"/v1/strategies/{version}", "auditor")
    assert found.headers["ETag"] == checked.headers["ETag"]
    assert found.body["strategy"] == checked.body
    (report,) = found.body["reports"]
    assert (report["kind"], report["is_ok"], report["hash"]) == ("check", True, made.body["hash"])
    listed = (await service.get("/v1/strategies?limit=100")).body
    assert version in [row["strategy_id"] for row in listed["items"]]
    assert listed["total"] >= 1


async def test_the_folders_strategy_is_a_version(owners: Owners) -> None:
    """It is there from the start, in service, and nobody can roll it back."""
    service = owners.service
    folder = (await service.get("/v1/strategies/active")).body["folder_hash"]
    found = await service.get(f"/v1/strategies/folder-{folder}")
    assert (found.body["strategy"]["state"], found.body["strategy"]["author"]) == ("active", "city_folder")
    answer = Answer(200, found.body["strategy"], found.headers)
    assert (await owners.step(answer, "rollback", REASON)).slug == "transition-refused"
    assert (await owners.step(answer, "activate", {})).slug == "transition-refused"


async def test_whoever_wrote_it_can_not_approve_it(owners: Owners) -> None:
    """Four eyes count everybody who wrote: also who only revised it, in whatever letters the name is given."""
    answer = await owners.draft()
    path = f"/v1/strategies/{answer.body['strategy_id']}"
    body = {"toml": await toml_of(owners.service)}
    seen = {"If-Match": answer.headers["ETag"]}
    answer = await owners.service.call("PUT", path, token=owners.olle, body=body, headers=seen)
    for step in ("check", "simulate"):
        answer = await owners.step(answer, step)
    for name in ("anna", "olle", "OLLE"):
        token = owners.service.token("strategy_owner", name)
        assert (await owners.step(answer, "approve", APPROVAL, token=token)).slug == "four-eyes"
    eva = owners.service.token("strategy_owner", "eva")
    assert (await owners.step(answer, "approve", APPROVAL, token=eva)).status == 200


async def test_what_is_not_sound_is_not_approved(owners: Owners) -> None:
    """Without check or simulation of this content, or with errors in it, nobody can approve it."""
    answer = await owners.draft()
    assert (await owners.step(answer, "approve", APPROVAL, token=owners.olle)).slug == "unsound-strategy"
    assert (await owners.step(answer, "simulate")).slug == "transition-refused"
    answer = await owners.step(answer, "check")
    assert (await owners.step(answer, "approve", APPROVAL, token=owners.olle)).slug == "unsound-strategy"

    faulty = await owners.draft(fault="gata")  # a case that does not hold
    checked = await owners.step(faulty, "check")
    assert (checked.status, checked.body["state"]) == (200, "draft")
    assert (await owners.step(checked, "approve", APPROVAL, token=owners.olle)).slug == "unsound-strategy"
    found = await owners.service.get(f"/v1/strategies/{faulty.body['strategy_id']}")
    assert [report["is_ok"] for report in found.body["reports"]] == [False]


async def test_a_finding_s_contact_keeps_its_time(owners: Owners) -> None:
    """The local time that the calendars of an example are read at is told as the case writes it."""
    faulty = await owners.draft(fault="gata")
    _ = await owners.step(faulty, "check")
    found = await owners.service.get(f"/v1/strategies/{faulty.body['strategy_id']}")
    examples = [
        each["example"] for each in found.body["reports"][0]["body"]["findings"] if each["code"] == "case_failed"
    ]
    assert examples == [{"at": FAULT_AT}]


async def test_what_was_checked_is_never_changed(owners: Owners) -> None:
    """A checked version keeps its content; it takes a new draft to say something else."""
    answer = await owners.step(await owners.draft(), "check")
    path, seen = f"/v1/strategies/{answer.body['strategy_id']}", {"If-Match": answer.headers["ETag"]}
    body = {"toml": await toml_of(owners.service)}
    refused = await owners.service.call("PUT", path, token=owners.anna, body=body, headers=seen)
    assert refused.slug == "transition-refused"


@pytest.mark.parametrize("step", ["check", "simulate", "approve", "refuse", "withdraw", "activate", "rollback"])
async def test_every_change_names_what_was_seen(owners: Owners, step: str) -> None:
    """428 without `If-Match`, 412 with a stale or made-up one; `*` has seen nothing."""
    answer = await owners.draft()
    path = f"/v1/strategies/{answer.body['strategy_id']}"
    body: Json = {"approve": APPROVAL, "refuse": REASON, "withdraw": REASON, "rollback": REASON}.get(step, {})
    bare = await owners.service.call("POST", f"{path}/{step}", token=owners.anna, body=body)
    assert (bare.status, bare.slug) == (428, "precondition-required")
    for etag in ('"7"', "*", 'W/"1"', '"x"', "1", '"1", "2"'):
        stale = await owners.step(answer, step, body, etag=etag)
        assert (stale.status, stale.slug) == (412, "precondition-failed")
    seen = {"If-Match": '"9"'}
    text = {"toml": await toml_of(owners.service)}
    assert (await owners.service.call("PUT", path, token=owners.anna, body=text)).status == 428
    assert (await owners.service.call("PUT", path, token=owners.anna, body=text, headers=seen)).status == 412


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expected a table [meta]"),
        ("[meta", "expected TOML"),
        ("x = " + "[" * 50_000, "fewer brackets inside each other"),
        ('[meta]\nversion = "1"\ndefault_queue = "nowhere"\n', 'got "nowhere"'),
        ('[meta]\nversion = "\\U00000000"\ndefault_queue = "gata"\n', "U+0000"),
        ('[meta]\nversion = "1"\ndefault_queue = "gata"\n[[rule]]\nid = "A"\ntier = "Q"\nthen = {}\n', "rule A"),
    ],
    ids=["empty", "no-toml", "deep", "unknown-queue", "nul", "unknown-tier"],
)
async def test_what_is_no_strategy_is_refused(owners: Owners, text: str, said: str) -> None:
    """Not TOML, not a strategy, or naming what the city lacks: 422 with file, rule, cell and what was expected."""
    headers = {"Content-Type": "application/toml"}
    service = owners.service
    answer = await service.call("POST", "/v1/strategies", token=owners.anna, body=text.encode(), headers=headers)
    assert (answer.status, answer.slug) == (422, "unreadable-strategy")
    assert said in answer.body["detail"]


async def test_bodies_of_other_kinds(owners: Owners) -> None:
    """Too large, not UTF-8, another media type, unknown fields: each its own problem."""
    service = owners.service

    async def slug(body: bytes, media: str) -> str:
        headers = {"Content-Type": media}
        return (await service.call("POST", "/v1/strategies", token=owners.anna, body=body, headers=headers)).slug

    assert await slug(b"# " + b"x" * 500_000, "application/toml") == "too-large"
    assert await slug(b"\xff\xfe", "application/toml") == "malformed-body"
    assert await slug(b"a = 1", "text/yaml") == "unsupported-media-type"
    assert await slug(b'{"toml": ""}', "application/json") == "schema-mismatch"
    assert await slug(b'{"toml": "x", "state": "approved"}', "application/json") == "schema-mismatch"
    assert await slug(b"{", "application/json") == "malformed-body"


@pytest.mark.parametrize(
    ("body", "slug", "field"),
    [
        ({"from": "2020-01-01T00:00:00Z"}, "schema-mismatch", "$.from"),
        ({"from": "0001-01-01T00:00:00Z"}, "schema-mismatch", "$.from"),
        ({"from": "9999-01-01T00:00:00Z"}, "schema-mismatch", "$.from"),
        ({"from": "2026-01-01T00:00:00"}, "schema-mismatch", "$.from"),
        ({"until": "2020-01-01T00:00:00Z"}, "schema-mismatch", "$.until"),
        ({"until": "2090-01-01T00:00:00Z"}, "schema-mismatch", "$.until"),
        ({"scope": {"share_pct": 101}}, "schema-mismatch", "$.scope.share_pct"),
        ({"scope": {"share_pct": 0.5}}, "schema-mismatch", "$.scope.share_pct"),
        ({"scope": {"channels": ["fax"]}}, "unknown-channel", "$.scope.channels"),
        ({"scope": {"districts": [""]}}, "schema-mismatch", "$.scope.districts[0]"),
        ({"scope": {"districts": ["centrum", "centrumm"]}}, "schema-mismatch", "$.scope.districts"),
        ({"everybody": True}, "schema-mismatch", "$"),
    ],
)
async def test_what_can_not_be_activated(owners: Owners, approved: Answer, body: Json, slug: str, field: str) -> None:
    """In the past, too long, outside the share: refused with the field, and nothing changes."""
    answer = await owners.step(approved, "activate", body)
    assert (answer.slug, answer.body["field"]) == (slug, field)
    found = await owners.service.get(f"/v1/strategies/{approved.body['strategy_id']}")
    assert found.body["strategy"]["state"] == "approved"


async def test_two_activate_the_same_version_at_once(owners: Owners) -> None:
    """One of them is told to look again; the version is in service once."""
    answer = await owners.approved()
    first = await owners.step(answer, "activate", {})
    second = await owners.step(answer, "activate", {}, token=owners.olle)
    assert (first.status, second.slug) == (200, "precondition-failed")
    await owners.end(first)


async def test_a_withdrawn_version_never_comes_into_service(owners: Owners) -> None:
    """Before approval and after it; refused ones neither."""
    drafted = await owners.step(await owners.draft(), "withdraw", REASON)
    approved = await owners.step(await owners.approved(), "withdraw", REASON)
    simulated = await owners.step(await owners.step(await owners.draft(), "check"), "simulate")
    refused = await owners.step(simulated, "refuse", REASON, token=owners.olle)
    for answer, state in ((drafted, "withdrawn"), (approved, "withdrawn"), (refused, "refused")):
        assert (answer.status, answer.body["state"]) == (200, state)
        assert (await owners.step(answer, "activate", {})).slug == "transition-refused"


async def test_a_contact_keeps_the_version_that_decided_it(owners: Owners) -> None:
    """What is decided later asks the version in the contact's trace, whatever is in service by then."""
    service = owners.service
    first = await owners.active()
    contact = await service.receive("web", topic="GAT.HÅL", text="Hål", location={"lat": 59.3, "lon": 18.1})
    handover = (await service.state(contact, "handed_over"))["handover_id"]
    second = await owners.active(queue="bygg")
    assert await owners.decided_by() == (second.body["hash"], "bygg")
    path = f"/v1/handovers/{handover}/return"
    assert (await service.call("POST", path, role="supervisor", body=REASON)).status == 200

    async def again() -> list[Json] | None:
        made = (await service.get(f"/v1/contacts/{contact}/decision")).body["decisions"]
        return [each["decision"] for each in made] if len(made) == 2 else None

    records = await eventually(again)
    assert records is not None
    assert [each["decision"]["trace"]["strategy_hash"] for each in records] == [first.body["hash"]] * 2
    assert "instead_of" not in records[1]
    await owners.end(second)
    found = await service.get(f"/v1/strategies/{first.body['strategy_id']}")
    assert found.body["strategy"]["state"] == "active"
    await owners.end(Answer(200, found.body["strategy"], found.headers))


async def test_staged_by_channel_and_share(owners: Owners) -> None:
    """Only the channel's contacts meet it; a share of nobody meets nobody, a person always meets the same."""
    answer = await owners.active({"scope": {"channels": ["chat"]}}, queue="gata")
    assert (await owners.decided_by())[0] != answer.body["hash"]
    chat = await owners.decision(await owners.service.receive("chat", topic="KUF.BIB", text="Hej"))
    assert chat["trace"]["strategy_hash"] == answer.body["hash"]
    answer = await owners.step(answer, "activate", {"scope": {"share_pct": 50}})
    assert answer.body["in_service"]["kind"] == "staged"
    met: list[set[str]] = []
    for number in range(12):
        person = {"phone": f"+467017406{10 + number}"}
        met.append({(await owners.decided_by(person=person))[0] for _ in range(2)})
    assert all(len(hashes) == 1 for hashes in met)
    assert 0 < sum(hashes == {answer.body["hash"]} for hashes in met) < 12
    await owners.end(answer)


async def test_a_crisis_strategy_ends_by_itself(owners: Owners) -> None:
    """After its `until` new contacts meet what was before, and the audit says that its time was over."""
    approved = await owners.approved(queue="gata")
    until = utc(SystemClock().now_ms() + 2_000)
    answer = await owners.step(approved, "activate", {"until": until, "reason": "Storm"})
    assert answer.body["in_service"]["kind"] == "limited"

    async def is_over() -> bool:
        steps = await owners.audit(str(answer.body["strategy_id"]))
        return steps[-1]["event"] == "expire"

    await eventually(is_over)
    steps = await owners.audit(str(answer.body["strategy_id"]))
    assert (steps[-1]["actor"], steps[-1]["after"]) == ("timer", "expired")
    assert (await owners.decided_by())[0] != answer.body["hash"]


async def test_nothing_at_this_address(owners: Owners) -> None:
    """An unknown version is 404 on every address."""
    service = owners.service
    for path in ("", "/toml", "/audit"):
        assert (await service.get(f"/v1/strategies/s00{path}")).slug == "not-found"
    nobody = Answer(200, {"strategy_id": "s00"}, {"ETag": '"1"'})
    for step, body in (("check", None), ("approve", APPROVAL), ("activate", {}), ("rollback", REASON)):
        assert (await owners.step(nobody, step, body)).slug == "not-found"
