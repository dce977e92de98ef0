"""What a resident may send as a file, known by its first bytes. Pure; takes nothing apart and runs nothing."""

from channels.chat.wire import Upload
from router.errors import UnsupportedMediaType

_SIGNS: dict[str, tuple[tuple[int, bytes], ...]] = {
    "image/jpeg": ((0, b"\xff\xd8\xff"),),
    "image/png": ((0, b"\x89PNG\r\n\x1a\n"),),
    "image/gif": ((0, b"GIF8"),),
    "image/webp": ((0, b"RIFF"), (8, b"WEBP")),
    "image/heic": ((4, b"ftyp"),),
    "application/pdf": ((0, b"%PDF-"),),
}
MEDIA_TYPES = frozenset({*_SIGNS, "text/plain"})
"""Nothing that runs where it is opened."""


def check_kind(media_type: str) -> None:
    """Whether such files are taken.

    Raises:
        UnsupportedMediaType: they are not.
    """
    if media_type not in MEDIA_TYPES:
        raise UnsupportedMediaType(f"known: {', '.join(sorted(MEDIA_TYPES))}", field="$.data.media_type")


def check_file(upload: Upload, body: bytes) -> None:
    """Whether the bytes are what was announced.

    Raises:
        UnsupportedMediaType: another size, or they do not begin as such a file does.
    """
    if len(body) != upload.size_bytes:
        raise UnsupportedMediaType("another size than announced", field="file")
    signs = _SIGNS.get(upload.media_type)
    if signs is None:
        if b"\0" in body:
            raise UnsupportedMediaType("not text", field="file")
    elif not all(body[at : at + len(sign)] == sign for at, sign in signs):
        raise UnsupportedMediaType("not such a file", field="file")
