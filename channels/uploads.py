"""What an uploaded file really is, by its first bytes, and whether a form takes it. Pure.

Believes neither name nor declared type. Opens no picture: whoever shows one does, and it is never shown as a page.
"""

from collections.abc import Mapping, Sequence

from channels.form_body import File
from router.errors import TooLarge, UnsupportedMediaType

MOST_FILES = 5
MOST_BYTES = 10 * 1_048_576
EXTENSIONS: Mapping[str, str] = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/gif": "gif",
    "image/heic": "heic",
    "application/pdf": "pdf",
}
_FIRST: Mapping[bytes, str] = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
    b"%PDF-": "application/pdf",
}
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"mif1", b"heif", b"avif"})


def media_type_of(body: bytes) -> str:
    """The media type of a picture or a PDF, or '' for anything else."""
    if body.startswith(b"RIFF"):
        return "image/webp" if body[8:12] == b"WEBP" else ""
    if body[4:8] == b"ftyp":
        return "image/heic" if body[8:12] in _HEIC_BRANDS else ""
    return next((media_type for first, media_type in _FIRST.items() if body.startswith(first)), "")


def check_uploads(files: Sequence[File], *, documents: bool = False) -> tuple[str, ...]:
    """The media type of each; `documents` lets PDF through beside pictures.

    Raises:
        TooLarge: too many, or one too large.
        UnsupportedMediaType: one is something else.
    """
    found = tuple(media_type_of(file.body) for file in files)
    for i, (file, media_type) in enumerate(zip(files, found, strict=True)):
        if i >= MOST_FILES:
            raise TooLarge(f"at most {MOST_FILES} files", field=file.field)
        if len(file.body) > MOST_BYTES:
            raise TooLarge(f"a file is at most {MOST_BYTES // 1_048_576} MiB", field=file.field)
        if not media_type or (media_type == "application/pdf" and not documents):
            taken = "JPEG, PNG, WebP, GIF, HEIC" + (" or PDF" if documents else "")
            raise UnsupportedMediaType(f"taken are {taken}", field=file.field)
    return found
