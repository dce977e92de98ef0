"""E-mail: mails a second from the dot to a durable contact, through real SMTP, read by the real reading processes."""

import asyncio
import socket
from base64 import encodebytes
from itertools import count

from router.bench.figures import Figure, at_least, percentile, told
from router.bench.processes import cpu_by_part
from router.bench.service import quiet, service
from router.clock import elapsed_s
from router.errors import Unavailable

BUDGET = 100
LANES = 32
BOX = "kontakt@example.se"
CONFIG = """
[channels.email]
host_name = "mail.example.se"
mailboxes."{box}" = {{}}
listen.port = {port}
"""
TEXT = (
    "Hej!\r\n\r\nNär öppnar biblioteket på lördag, och kan man låna där?\r\n\r\nMed vänliga hälsningar\r\nAnna Test\r\n"
)
QUOTED = "\r\nDen 14 nov. 2025 kl. 10:12 skrev Ekeby stad <kontakt@example.se>:\r\n" + "> Hej Anna, tack.\r\n" * 30
HTML = "<html><body>" + "<p>När öppnar <b>biblioteket</b> på lördag?</p>" * 20 + "</body></html>\r\n"
FILE = encodebytes(b"\xff\xd8\xff\xe0" + bytes(100_000)).replace(b"\n", b"\r\n").decode()


async def bench_email(*, is_quick: bool = False) -> list[Figure]:
    """A second's mails, of the usual kinds; how long one takes; what it costs where."""
    seconds = 2.0 if is_quick else 8.0
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    async with service(config=CONFIG.format(box=BOX, port=port)) as target:
        numbers = count()
        await _load(port, 1.0, numbers)
        await quiet(target)
        before = cpu_by_part(target.pids)
        took, elapsed = await _load(port, seconds, numbers)
        after = cpu_by_part(target.pids)
        costs = {part: (after[part] - before[part]) / len(took) * 1000 for part in after}
    return [
        at_least("e-mail, SMTP to a durable contact", len(took) / elapsed, "mails/s", BUDGET),
        told(f"e-mail, p50 of a transaction, {LANES} connections", percentile(took, 0.5) * 1000, "ms"),
        told(f"e-mail, p99 of a transaction, {LANES} connections", percentile(took, 0.99) * 1000, "ms"),
        *(told(f"e-mail, CPU of the {part} for one mail", cost, "ms") for part, cost in costs.items()),
    ]


async def _load(port: int, seconds: float, numbers: "count[int]") -> tuple[list[float], float]:
    """Every connection sends the next mail when the last was taken: the times that they took, and the whole time."""
    started = elapsed_s()
    lanes = await asyncio.gather(*(_lane(port, started + seconds, numbers) for _ in range(LANES)))
    return [each for lane in lanes for each in lane], elapsed_s() - started


async def _lane(port: int, until: float, numbers: "count[int]") -> list[float]:
    answers, asked = await asyncio.open_connection("127.0.0.1", port)
    took: list[float] = []
    try:
        await _expect(answers)
        asked.write(b"EHLO bench.example.se\r\n")
        await _expect(answers)
        while elapsed_s() < until:
            mail = mail_of(next(numbers))
            started = elapsed_s()
            for line in (f"MAIL FROM:<anna@example.se> SIZE={len(mail)}", f"RCPT TO:<{BOX}>", "DATA"):
                asked.write(line.encode() + b"\r\n")
                await _expect(answers)
            asked.write(mail + b".\r\n")
            await _expect(answers)
            took.append(elapsed_s() - started)
    finally:
        asked.close()
    return took


async def _expect(answers: asyncio.StreamReader) -> None:
    """The end of a good answer.

    Raises:
        Unavailable: it was no good one.
    """
    line = b"250-"
    while line[3:4] == b"-":
        line = await answers.readline()
    if line[:1] not in {b"2", b"3"}:
        raise Unavailable(f"got {line[:3].decode('ascii', 'replace')}")


def mail_of(number: int) -> bytes:
    """Of ten mails six are plain, three answers in HTML and text with a quotation, one carries a picture of 100 kB."""
    kind = number % 10
    head = (
        f"Received: from mx by mail.example.se\r\nFrom: Anna Test <anna@example.se>\r\nTo: {BOX}\r\n"
        f"Subject: =?utf-8?Q?=C3=96ppettider?=\r\nMessage-ID: <{number}@bench.example.se>\r\nMIME-Version: 1.0\r\n"
    )
    if kind < 6:  # noqa: PLR2004 # of ten
        body = f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{TEXT}"
    elif kind < 9:  # noqa: PLR2004 # of ten
        parts = _part("text/plain; charset=utf-8", TEXT + QUOTED) + _part("text/html; charset=utf-8", HTML)
        body = f"Content-Type: multipart/alternative; boundary=b\r\n\r\n{parts}--b--\r\n"
    else:
        picture = _part("image/jpeg; name=bild.jpg", FILE, "base64")
        body = (
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
            f"{_part('text/plain; charset=utf-8', TEXT)}{picture}--b--\r\n"
        )
    return (head + body).encode()


def _part(kind: str, body: str, encoding: str = "8bit") -> str:
    return f"--b\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{body}\r\n"
