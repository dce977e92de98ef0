"""The process that reads mail: `python -m channels.email.normaliser`, requests on stdin, answers on stdout.

Owns nothing: may be killed at any moment. Has no network, writes no file, and less memory than would hurt.
"""

import resource
import sys
from typing import BinaryIO

import msgspec

from channels.email.limits import CPU_S, MEMORY_BYTES
from channels.email.mail import Mail, Request
from channels.email.reading import read

LENGTH_BYTES = 4
_decode = msgspec.msgpack.Decoder(Request).decode
_encode = msgspec.msgpack.Encoder().encode


def limit_self() -> None:
    """What this process may use; it can't take it back."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def serve(asked: BinaryIO, answers: BinaryIO) -> None:
    """Say that it is ready, then answer until nobody asks any more."""
    _write(answers, b"")
    while len(length := asked.read(LENGTH_BYTES)) == LENGTH_BYTES:
        _write(answers, _encode(answer_to(_decode(asked.read(int.from_bytes(length, "big"))))))


def _write(answers: BinaryIO, answer: bytes) -> None:
    answers.write(len(answer).to_bytes(LENGTH_BYTES, "big"))
    answers.write(answer)
    answers.flush()


def answer_to(request: Request) -> Mail:
    """What the mail says; where reading it fails, its headers; where that fails too, that nothing could be read."""
    for is_whole in (request.is_whole, False):
        try:
            return read(msgspec.structs.replace(request, is_whole=is_whole))
        except Exception:  # noqa: BLE001, S112 # anybody's bytes: whatever goes wrong, the mail is kept as it came
            continue
    return Mail(is_read=False, faults=("broken",))


WARM = Request(b"Content-Type: text/html\r\n\r\n<p>Hej</p><p>Den 1 maj skrev X:</p><p>&gt; ja</p>\r\n")
"""Read once before the first mail comes, so that what is loaded late is not paid for by it."""

if __name__ == "__main__":
    limit_self()
    answer_to(WARM)
    serve(sys.stdin.buffer, sys.stdout.buffer)
