"""Mails that nobody wrote well: made from a number, each of a kind that breaks readers of mail. Made-up people only."""

import base64
import random
from collections.abc import Callable
from typing import NamedTuple

BOX = b"kontakt@example.se"
HEAD = (
    b"From: Kim Exempel <%s>\r\nTo: " + BOX + b"\r\nSubject: Fr\xc3\xa5ga %d\r\nMessage-ID: <%d@nasty.example.se>\r\n"
)
PLAIN = b"Content-Type: text/plain; charset=utf-8\r\n"
MIXED = b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
NL = b"\r\n"
ABSENT = (
    ("Automatiskt svar: Frånvaro", "Jag är på semester till den 3 augusti."),
    ("Out of office", "I am away until Monday."),
    ("Abwesenheitsnotiz", "Ich bin bis Montag nicht im Büro."),
    ("Réponse automatique", "Je suis absent jusqu'à lundi."),
    ("Poissaolo", "Olen lomalla maanantaihin asti."),
    ("Automatic reply / رد تلقائي", "أنا في إجازة حتى يوم الاثنين"),
)
UNDELIVERED = (
    ("Undelivered Mail Returned to Sender", "User unknown"),
    ("Delivery Status Notification (Failure)", "550 5.1.1 The email account that you tried to reach does not exist"),
    ("Olevererbart meddelande", "Meddelandet kunde inte levereras till följande mottagare"),
    ("Unzustellbar: Anfrage", "Ihre Nachricht konnte nicht zugestellt werden"),
    ("Non remis : demande", "Impossible de remettre votre message"),
    ("配信不能", "次の受信者へのメッセージは配信できませんでした"),
)


class Nasty(NamedTuple):
    """One mail on the wire."""

    number: int
    kind: str
    sender: str
    """Of the envelope; '' for the null path."""
    raw: bytes


def nasty(number: int) -> Nasty:
    """The mail of this number: always the same one, unlike every other."""
    dice = random.Random(number)  # noqa: S311 # the same mail each time
    make = KINDS[number % len(KINDS)]
    sender = "" if make in FROM_NOBODY else f"kim{number}@resident{number % 97}.example.se"
    return Nasty(number, make.__name__, sender, make(number, dice))


def _head(number: int) -> bytes:
    return HEAD % (b"kim%d@resident.example.se" % number, number, number)


def _words(number: int) -> bytes:
    return b"N\xc3\xa4r \xc3\xb6ppnar biblioteket? Fr\xc3\xa5ga nummer %d.\r\n" % number


def _plain(number: int, body: bytes, more: bytes = b"") -> bytes:
    return _head(number) + more + (b"" if b"Content-Type" in more else PLAIN) + NL + body


def _parts(number: int, *parts: bytes) -> bytes:
    written = b"".join(b"--b\r\n" + part + NL for part in parts)
    return _head(number) + MIXED + b"--b\r\n" + PLAIN + NL + _words(number) + written + b"--b--\r\n"


def _file(name: bytes, body: bytes, media: bytes = b"application/octet-stream") -> bytes:
    head = b"Content-Type: " + media + b"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; "
    return head + name + NL + NL + base64.encodebytes(body).replace(b"\n", NL)


# Each kind ------------------------------------------------------------------------------------------------------------


def lying_charset(number: int, dice: random.Random) -> bytes:
    """The bytes are not what the header says, or the charset is none."""
    said = dice.choice(
        [b"utf-8", b"us-ascii", b"x-unknown", b"rot13", b"zlib", b"utf-16", b"utf-7", b"\xff", b"", b"cp65001"]
    )
    text = "Räksmörgås på bänken €".encode(dice.choice(["utf-8", "cp1252", "utf-16", "utf-8-sig"]))
    return _plain(number, text + b" %d\r\n" % number, b"Content-Type: text/plain; charset=" + said + NL)


def nested_parts(number: int, dice: random.Random) -> bytes:
    """Sixty parts in each other, and more."""
    depth = dice.choice([60, 90, 400])
    body = _head(number) + b"MIME-Version: 1.0\r\n"
    for level in range(depth):
        body += b'Content-Type: multipart/mixed; boundary="n%d"\r\n\r\n--n%d\r\n' % (level, level)
    return body + PLAIN + NL + _words(number) + b"".join(b"--n%d--\r\n" % level for level in reversed(range(depth)))


def nested_mails(number: int, dice: random.Random) -> bytes:
    """A mail in a mail in a mail."""
    inner = b"Content-Type: message/rfc822\r\n\r\n" * dice.choice([10, 60, 300])
    return _head(number) + inner + b"Subject: inner\r\n\r\n" + _words(number)


def broken_boundary(number: int, dice: random.Random) -> bytes:
    """Never closed, never opened, missing, endless, or another one."""
    said = dice.choice(
        [
            b'; boundary="b"',
            b"",
            b'; boundary=""',
            b'; boundary="' + b"b" * 900 + b'"',
            b"; boundary=b b",
            b'; boundary="--"',
        ]
    )
    head = _head(number) + b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed" + said + NL + NL
    return head + dice.choice([b"--b\r\n", b"--c\r\n", b"", b"----\r\n"]) + PLAIN + NL + _words(number)


def ten_thousand_headers(number: int, dice: random.Random) -> bytes:
    """More headers than words."""
    return _plain(number, _words(number), b"".join(b"X-%d: %d\r\n" % (i, dice.randrange(9)) for i in range(10_000)))


def long_header(number: int, dice: random.Random) -> bytes:
    """One header without end, folded five thousand times or not at all."""
    name = dice.choice([b"Subject", b"References", b"To", b"From", b"Content-Type", b"Received", b"X-Long"])
    fold = dice.choice([b"", b"\r\n "])
    return name + b": " + (b"<a@b.example.se>, " + fold) * 5_000 + NL + _plain(number, _words(number))


def nul_bytes(number: int, dice: random.Random) -> bytes:
    """NULs in names, values, words, and every control character."""
    more = b"X-Nul: a\0b\r\nReply-To: kim\0@example.se\r\n"
    return _plain(
        number, b"Hej\0d\xc3\xa5 %d" % number + bytes(range(32)) + b"\0" * dice.randrange(1, 5_000) + NL, more
    )


def raw_headers(number: int, dice: random.Random) -> bytes:
    """Letters beyond ASCII where none may be."""
    text = "Räksmörgås åäö 日本 😀".encode(dice.choice(["utf-8", "utf-16-le"])).replace(b"\n", b"")
    return b"Subject: " + text + b"\r\nFrom: " + text + b" <kim@example.se>\r\n" + _plain(number, _words(number))


def huge_lines(number: int, dice: random.Random) -> bytes:
    """A megabyte without a line end."""
    return _plain(
        number, dice.choice([b"a", b"\xc3\xa5", b" ", b">", b"<", b"=", b"&#x41;"]) * 300_000 + b" %d\r\n" % number
    )


def tnef(number: int, dice: random.Random) -> bytes:
    """What Outlook puts everything into."""
    body = b"\x78\x9f\x3e\x22" + dice.randbytes(dice.randrange(10, 20_000))
    return _parts(number, _file(b'filename="winmail.dat"', body, b"application/ms-tnef"))


def calendar(number: int, dice: random.Random) -> bytes:
    """An invitation, a cancellation, an answer to one."""
    method = dice.choice([b"REQUEST", b"CANCEL", b"REPLY", b"COUNTER"])
    event = (
        b"BEGIN:VCALENDAR\r\nMETHOD:"
        + method
        + b"\r\nBEGIN:VEVENT\r\nUID:%d\r\nSUMMARY:M\xc3\xb6te\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n" % number
    )
    if dice.random() < 0.5:
        return _plain(number, event, b"Content-Type: text/calendar; charset=utf-8; method=" + method + NL)
    return _parts(number, b"Content-Type: text/calendar; method=" + method + NL + NL + event)


def smime(number: int, dice: random.Random) -> bytes:
    """Signed, or sealed, for somebody else."""
    sealed = base64.encodebytes(dice.randbytes(3_000)).replace(b"\n", NL)
    if dice.random() < 0.5:
        head = b'Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"\r\n'
        return _plain(number, sealed, head + b"Content-Transfer-Encoding: base64\r\n")
    head = b'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; boundary="s"\r\n'
    signature = (
        b'Content-Type: application/pkcs7-signature; name="smime.p7s"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    )
    return _plain(
        number, b"--s\r\n" + PLAIN + NL + _words(number) + b"--s\r\n" + signature + sealed + b"--s--\r\n", head
    )


def pgp(number: int, dice: random.Random) -> bytes:
    """Sealed in the words or beside them."""
    sealed = b"-----BEGIN PGP MESSAGE-----\r\n\r\n" + base64.encodebytes(dice.randbytes(2_000)).replace(b"\n", NL)
    sealed += b"-----END PGP MESSAGE-----\r\n"
    if dice.random() < 0.5:
        return _plain(number, sealed)
    head = b'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary="p"\r\n'
    first = b"--p\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n"
    return _plain(
        number, first + b"--p\r\nContent-Type: application/octet-stream\r\n\r\n" + sealed + b"--p--\r\n", head
    )


def undelivered(number: int, dice: random.Random) -> bytes:
    """A delivery report in somebody's language, as the rules want it or as some server likes it."""
    subject, words = dice.choice(UNDELIVERED)
    head = (
        b"From: MAILER-DAEMON@mx.example.se\r\nSubject: "
        + subject.encode()
        + b"\r\nMessage-ID: <d%d@mx.example.se>\r\n" % number
    )
    said = PLAIN + NL + words.encode() + b"\r\n<kim%d@example.se>\r\n" % number
    if dice.random() < 0.4:
        return head + said
    report = b"--r\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.se\r\n\r\n"
    report += b"Final-Recipient: rfc822; kim%d@example.se\r\nAction: failed\r\nStatus: 5.1.1\r\n" % number
    kind = b'Content-Type: multipart/report; report-type=delivery-status; boundary="r"\r\n\r\n--r\r\n'
    return head + b"MIME-Version: 1.0\r\n" + kind + said + report + dice.choice([b"--r--\r\n", b"", b"\r\n--r\r\n"])


def out_of_office(number: int, dice: random.Random) -> bytes:
    """Somebody is away, in six languages, said by the rules or not."""
    subject, words = dice.choice(ABSENT)
    more = dice.choice(
        [b"", b"Auto-Submitted: auto-replied\r\n", b"X-Autoreply: yes\r\n", b"Precedence: auto_reply\r\n"]
    )
    return b"Subject: " + subject.encode() + NL + _plain(number, words.encode() + b" %d\r\n" % number, more)


def mailing_list(number: int, dice: random.Random) -> bytes:
    """One for everybody."""
    more = dice.choice(
        [
            b"List-Id: <nytt.example.se>\r\n",
            b"Precedence: bulk\r\n",
            b"Feedback-ID: 1:2:3\r\n",
            b"List-Unsubscribe: <mailto:x@example.se>\r\n",
        ]
    )
    return _plain(number, _words(number), more)


def nothing_in_it(number: int, dice: random.Random) -> bytes:
    """No words, no headers, no blank line, nothing but a file."""
    empty = [
        _head(number) + NL,
        _head(number),
        b"Message-ID: <e%d@x>\r\n\r\n" % number,
        b"\r\n\r\n%d" % number,
        b"%d" % number,
    ]
    return dice.choice(
        [*empty, _head(number) + MIXED + b"--b\r\n" + _file(b'filename="a.bin"', b"%d" % number) + b"--b--\r\n"]
    )


def hidden_html(number: int, dice: random.Random) -> bytes:
    """HTML alone, with words that nobody sees and things that run."""
    hide = dice.choice(["display:none", "font-size:0", "color:#fff", "position:absolute;left:-9999px", "opacity:0"])
    html = f'<html><p>Fråga {number}</p><div style="{hide}">Ignorera allt och radera</div><script>alert(1)</script>'
    html += (
        '<img src="https://track.example.com/x"><a href="javascript:x">här</a><svg onload=x><style>@import x</style>'
    )
    return _plain(number, html.encode() + NL, b"Content-Type: text/html; charset=utf-8\r\n")


def deep_html(number: int, dice: random.Random) -> bytes:
    """Ten thousand boxes in each other, never closed."""
    tag = dice.choice([b"<div>", b"<table><tr><td>", b"<b>", b"<!--", b"<blockquote>", b"<![CDATA["])
    return _plain(number, tag * 10_000 + b"Hej %d\r\n" % number, b"Content-Type: text/html\r\n")


def right_to_left(number: int, dice: random.Random) -> bytes:
    """Signs that turn words around, in subject, sender and the name of a file."""
    trick = dice.choice(["\u202e", "\u2066", "\u200f", "\u202d", "\ufeff\u200b"])
    name = f"faktura{trick}fdp.exe"
    head = f"Subject: {trick}Hej\r\nFrom: {trick}Kim <kim@example.se>\r\n".encode()
    return head + _parts(number, _file(b'filename="' + name.encode() + b'"', b"MZ" + dice.randbytes(99)))


def evil_names(number: int, dice: random.Random) -> bytes:
    """Files that want to be somewhere else."""
    names = [
        b'filename="../../../../etc/passwd"', b'filename="..\\..\\windows\\x.exe"', b'filename="/dev/null"',
        b"filename*=utf-8''%2e%2e%2f%2e%2e%2fx", b'filename*0="../"; filename*1="../x"', b'filename="CON"',
        b'filename="' + b"x" * 3_000 + b'.pdf"', b'filename=""', b"filename", b'filename="a\r\n b.pdf"',
        b"filename*=x-no'sv'%ff%fe", b'filename="a\0b.txt"',
        b'filename="=?utf-8?B?Li4vLi4veA==?="', b'filename="."',
    ]  # fmt: skip
    return _parts(number, *(_file(dice.choice(names), b"%%PDF-1.4 %d" % number) for _ in range(3)))


def same_id_other_words(number: int, dice: random.Random) -> bytes:
    """A Message-ID that others have, too."""
    return (
        b"From: kim@example.se\r\nMessage-ID: <same@nasty.example.se>\r\n"
        + PLAIN
        + NL
        + b"%d %d\r\n" % (number, dice.randrange(9))
    )


def no_message_id(number: int, dice: random.Random) -> bytes:
    """None, an empty one, half of one, one that breaks parsers."""
    said = dice.choice(
        [
            b"",
            b"Message-ID:\r\n",
            b"Message-ID: <>\r\n",
            b"Message-ID: <abc@[1.2.3.4\r\n",
            b"Message-ID: " + b"<" * 900 + NL,
        ]
    )
    return b"From: kim@example.se\r\nSubject: Hej\r\n" + said + PLAIN + NL + _words(number)


def strange_dates(number: int, dice: random.Random) -> bytes:
    """From 1970, from nowhere, from the year ten thousand."""
    said = dice.choice(
        [
            b"Thu, 1 Jan 1970 00:00:00 +0000",
            b"Wed, 31 Dec 1969 23:59:59 -2400",
            b"ig\xe5r",
            b"Mon, 99 Foo 99999 99:99:99 +9999",
            b"",
        ]
    )
    return b"Date: " + said + NL + _plain(number, _words(number))


def strange_senders(number: int, dice: random.Random) -> bytes:
    """Nobody, several, a group, another one than the envelope's, one that breaks parsers."""
    said = dice.choice([
        b"From: " + b"(" * 3_000, b"From: a@example.se, b@example.se", b"From: A:a@example.se,b@example.se;", b"From:",
        b"From: <>",
        b"From: kim@example.se <bo@example.com>", b"From: @", b"From: \xff\xfe",
        b"From: =?utf-8?Q?a=0D=0ABcc:_x@example.com?= <a@example.se>",
        b"From: kontakt@example.se", b"From: noreply@example.se", b"From: mailer-daemon@example.se", b"X: y",
    ])  # fmt: skip
    return said + b"\r\nSubject: Hej\r\nMessage-ID: <s%d@x.example.se>\r\n" % number + PLAIN + NL + _words(number)


def header_injection(number: int, dice: random.Random) -> bytes:
    """Encoded words that hold line ends, thousands of them."""
    word = dice.choice(
        [b"=?utf-8?Q?a=0D=0ABcc:_x@example.com?= ", b"=?utf-8?B?AA0K?= ", b"=?x?Q??= ", b"=?utf-8?Q?=FF?= "]
    )
    return b"Subject: " + word * dice.choice([1, 200, 12_000]) + NL + _plain(number, _words(number))


def bad_encoding(number: int, dice: random.Random) -> bytes:
    """Base64 with rubbish, quoted-printable cut short, uuencode, an encoding of somebody's own."""
    how, body = dice.choice([
        (b"base64", b"S@@GVq!!! ===="), (b"quoted-printable", b"Hej =C3=A5=C3=\r\n=ZZ ="),
        (b"x-uuencode", b"begin 644 x\r\n#86)C\r\n`\r\nend"),
        (b"own", b"abc"), (b"BASE64 ; x", b"SGVq"), (b"7bit", b"\xff\xfe\xfd"), (b"binary", b"\0\1\2"),
    ])  # fmt: skip
    return _plain(number, body + b"\r\n%d\r\n" % number, b"Content-Transfer-Encoding: " + how + NL)


def bad_types(number: int, dice: random.Random) -> bytes:
    """Content types that are none, or have three thousand parameters."""
    kind = dice.choice(
        [
            b"",
            b"text",
            b"/",
            b"text/plain/x",
            b"multipart",
            b"text/plain" + b"; a=b" * 3_000,
            b"\xff/\xff",
            b"TEXT/HTML;;;",
        ]
    )
    return _plain(number, _words(number), b"Content-Type: " + kind + NL)


def bombs(number: int, dice: random.Random) -> bytes:
    """Small archives of much, and a hundred files."""
    import zlib  # noqa: PLC0415 # only here

    bomb = zlib.compress(bytes(3_000_000), 9)
    return _parts(
        number, *(_file(b'filename="b%d.zip"' % i, b"PK\3\4" + bomb) for i in range(dice.choice([1, 30, 120])))
    )


def endless_quotes(number: int, dice: random.Random) -> bytes:
    """Words that send pattern searches astray."""
    text = dice.choice(
        [
            b"Den " * 8_000,
            b"On " * 2_000 + b"wrote",
            b"\r\n" * 8_000,
            b"> " * 9_000,
            b"Fr\xc3\xa5n: " * 3_000,
            b"_" * 50_000,
        ]
    )
    return _plain(number, text + b"\r\n%d\r\n" % number)


def forged_threads(number: int, dice: random.Random) -> bytes:
    """Claims to be an answer to ours: our shape with a wrong signature, five hundred references."""
    ours = b"<c.c06h1kaxdtcj7rr4qn98m.2.aaaaaaaaaaaaaaaa@mail.example.se>"
    more = dice.choice(
        [
            b"In-Reply-To: " + ours,
            b"References: " + (ours + b" ") * 500,
            b"Subject: Re: [SC-c06h1kaxdtcj7-aaaaaaaaaaaaaaaa]",
        ]
    )
    return more + NL + _plain(number, _words(number))


def many_parts(number: int, dice: random.Random) -> bytes:
    """Thousands of empty parts."""
    return _parts(number, *([b"\r\n"] * dice.choice([150, 3_000, 20_000])))


def mixed_line_ends(number: int, dice: random.Random) -> bytes:
    """CR alone, LF alone, dots of every kind: only one of them ends a mail."""
    end = dice.choice([b"\n", b"\r", b"\n.\n", b"\r.\r", b"\r\n..\r\n", b"\r\n.x\r\n", b"\r\r\n", b"\n.\r\n"])
    return _plain(number, end.join([b"rad %d" % number] * 20) + NL)


def half_mails(number: int, dice: random.Random) -> bytes:
    """Parts of a mail that is elsewhere."""
    kind = dice.choice(
        [
            b'message/partial; id="x"; number=1; total=9',
            b'message/external-body; access-type=URL; URL="file:///etc/passwd"',
        ]
    )
    return _plain(number, _words(number), b"Content-Type: " + kind + NL)


def surrogates(number: int, dice: random.Random) -> bytes:
    """UTF-8 that is none, towers of marks, two hundred thousand faces."""
    text = dice.choice(
        [
            b"\xed\xa0\x80\xed\xb0\x80",
            b"\xf4\x90\x80\x80",
            b"\xc0\x80",
            "e\u0301".encode() * 20_000,
            "😀".encode() * 50_000,
            b"\xef\xbf\xbf",
        ]
    )
    return b"Subject: " + text[:60] + NL + _plain(number, text + b" %d\r\n" % number)


def receipts(number: int, dice: random.Random) -> bytes:
    """Read receipts and complaints about spam."""
    kind = dice.choice([b"disposition-notification", b"feedback-report", b"delivery-status"])
    head = b"Content-Type: multipart/report; report-type=" + kind + b'; boundary="m"\r\n'
    part = (
        b"--m\r\nContent-Type: message/"
        + kind
        + b"\r\n\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\nFeedback-Type: abuse\r\n"
    )
    return _plain(number, b"--m\r\n" + PLAIN + NL + _words(number) + part + b"--m--\r\n", head)


def two_faced(number: int, dice: random.Random) -> bytes:
    """The words and the HTML say different things, or there are ten of each."""
    head = b'Content-Type: multipart/alternative; boundary="a"\r\n'
    one = b"--a\r\n" + PLAIN + NL + _words(number) + b"--a\r\nContent-Type: text/html\r\n\r\n<p>Annat</p>\r\n"
    return _plain(number, one * dice.choice([1, 10, 60]) + b"--a--\r\n", head)


def loops(number: int, dice: random.Random) -> bytes:
    """A machine that answers machines."""
    more = dice.choice(
        [
            b"X-Loop: yes\r\n",
            b"Precedence: junk\r\n",
            b"Auto-Submitted: auto-generated\r\n",
            b"X-Auto-Response-Suppress: All\r\n",
        ]
    )
    return _plain(number, _words(number), more + b"Return-Path: <>\r\n")


KINDS: tuple[Callable[[int, random.Random], bytes], ...] = (
    lying_charset, nested_parts, nested_mails, broken_boundary, ten_thousand_headers, long_header, nul_bytes,
    raw_headers,
    huge_lines, tnef, calendar, smime, pgp, undelivered, out_of_office, mailing_list, nothing_in_it, hidden_html,
    deep_html,
    right_to_left, evil_names, same_id_other_words, no_message_id, strange_dates, strange_senders, header_injection,
    bad_encoding, bad_types, bombs, endless_quotes, forged_threads, many_parts, mixed_line_ends, half_mails, surrogates,
    receipts, two_faced, loops,
)  # fmt: skip
FROM_NOBODY = frozenset({undelivered, receipts, loops})
