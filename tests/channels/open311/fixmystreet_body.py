"""A body in a FixMyStreet: its reports and comments, and the cron jobs that send and fetch, by FixMyStreet's own rules.

What its admin sees is asserted. The network loses answers when a test says so, and parameters and files leave in
another order each time, as Perl's hashes do.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from router.clock import SystemClock
from tests.channels.open311.fixmystreet import FixMyStreet, Problem, Refusal, Tree, Upload

VISIBLE = {
    "confirmed", "investigating", "in progress", "action scheduled", "planned", "fixed - council", "closed",
    "not responsible", "unable to fix", "duplicate", "internal referral", "cancelled",
}  # fmt: skip


A_WHILE = timedelta(seconds=3)
"""Cron runs by the minute; in a test a report is answered in the same second, so it was sent a while before."""


class LostAnswer(Exception):  # named after what happened
    """The other side has done it; nobody here knows."""


@dataclass
class Comment:
    """An update on a report's page."""

    number: int
    text: str
    state: str = ""
    external_id: str = ""
    is_hidden: bool = False
    is_sent: bool = False
    photos: Sequence[str] = ()
    why_not: str = ""


@dataclass
class Report:
    """A report as its admin sees it."""

    problem: Problem
    category: str
    uploads: Sequence[Upload] = ()
    photos: Sequence[str] = ()
    state: str = "confirmed"
    external_id: str = ""
    sent_at: datetime | None = None
    changed_at: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    failures: list[str] = field(default_factory=list[str])
    comments: list[Comment] = field(default_factory=list[Comment])

    @property
    def shown(self) -> list[str]:
        """The states of the updates that stand on its page, in their order."""
        return [each.state for each in self.comments if each.external_id and each.state and not each.is_hidden]


class Line(FixMyStreet):
    """The client on a bad network."""

    def __init__(self, endpoint: str, api_key: str) -> None:
        super().__init__(endpoint, api_key)
        self.loses = 0
        self._turned = False

    async def post(self, path: str, parameters: list[tuple[str, str]], uploads: Sequence[Upload] = ()) -> Tree:
        """In another order than last time; the answer may be lost."""
        self._turned = not self._turned
        turn = -1 if self._turned else 1
        answer = await super().post(path, parameters[::turn], uploads[::turn])
        if self.loses:
            self.loses -= 1
            raise LostAnswer
        return answer


class Body:
    """The body's reports, and what cron does with them."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.reports: list[Report] = []
        self._comments = 0

    def report(self, category: str, problem: Problem, *, uploads: Sequence[Upload] = ()) -> Report:
        """A resident reports something on FixMyStreet."""
        self.reports.append(Report(problem, category, uploads))
        return self.reports[-1]

    def comment(self, report: Report, text: str, *photos: str) -> Comment:
        """A resident writes below a report."""
        self._comments += 1
        report.comments.append(Comment(self._comments, text, photos=photos))
        return report.comments[-1]

    async def send_reports(self) -> None:
        """`bin/send-reports`: what is not sent yet, until it is."""
        for report in self.reports:
            if report.external_id:
                continue
            try:
                report.external_id = await self.line.send(
                    report.category, report.problem, report.photos, report.uploads
                )
                report.sent_at = now() - A_WHILE
            except LostAnswer:
                report.failures.append("timeout")
            except Refusal as error:
                report.failures.append(error.said)

    async def send_comments(self) -> None:
        """`bin/send-comments`: in their order for each report; one that fails holds back those after it."""
        for report in self.reports:
            waiting = [each for each in report.comments if not each.is_sent and not each.external_id]
            for comment in waiting if report.external_id else ():
                try:
                    comment.external_id = await self.line.comment(
                        report.external_id, comment.number, comment.text, photos=comment.photos
                    )
                    comment.is_sent = True
                except (LostAnswer, Refusal) as error:
                    comment.why_not = str(error)
                    break

    async def fetch_comments(self) -> None:
        """`bin/fetch-comments`: of the last two hours; each update once, shown only when it brings something."""
        until = now() + timedelta(minutes=5)
        for update in await self.line.fetch_updates(until - timedelta(hours=2), until):
            for report in self.reports:
                if report.external_id == update["service_request_id"]:
                    self._take(report, update)

    def _take(self, report: Report, update: Tree) -> None:
        known = {each.external_id for each in report.comments}
        if update["update_id"] in known:
            return
        said, state = str(update["description"] or ""), str(update["state"])
        at = datetime.fromisoformat(str(update["updated_datetime"]))
        if report.sent_at and at <= report.sent_at:
            at = report.sent_at + timedelta(seconds=1)
        self._comments += 1
        comment = Comment(self._comments, said, external_id=str(update["update_id"]))
        before = report.state
        if state in VISIBLE:
            comment.state = state
            if at >= report.changed_at or not report.comments:
                report.state = state
        latest = next((each for each in reversed(report.comments) if not each.is_sent and not each.is_hidden), None)
        is_new_text = bool(said) and (latest is None or latest.text != said)
        comment.is_hidden = not (is_new_text or (comment.state and comment.state != before))
        report.changed_at = max(report.changed_at, at)
        report.comments.append(comment)


def now() -> datetime:
    """FixMyStreet's own clock."""
    return datetime.fromtimestamp(SystemClock().now_ms() / 1000, UTC)
