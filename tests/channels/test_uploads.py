"""Uploads are what their first bytes say, whatever they are called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.form_body import File
from channels.uploads import MOST_BYTES, MOST_FILES, check_uploads, media_type_of
from router.errors import InputError, TooLarge, UnsupportedMediaType
from tests.channels.served import JPEG, PNG


def file(body: bytes, field: str = "photo") -> File:
    """An upload that claims to be a picture."""
    return File(field, "bild.jpg", "image/jpeg", body)


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (JPEG, "image/jpeg"),
        (PNG, "image/png"),
        (b"GIF89a....", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"\0\0\0\x18ftypheic", "image/heic"),
        (b"%PDF-1.7", "application/pdf"),
        (b"<svg onload=alert(1)>", ""),
        (b"MZ\x90", ""),
        (b"RIFF\0\0\0\0WAVE", ""),
        (b"\0\0\0\x18ftypisom", ""),
        (b"", ""),
    ],
)
def test_first_bytes_say_what_it_is(body: bytes, media_type: str) -> None:
    """Pictures that phones make are known; pages, programs, sound and films are not."""
    assert media_type_of(body) == media_type


@pytest.mark.parametrize(
    ("files", "refused"),
    [
        ([file(b"<html>")], UnsupportedMediaType),
        ([file(b"%PDF-1.7")], UnsupportedMediaType),
        ([file(JPEG)] * (MOST_FILES + 1), TooLarge),
        ([file(JPEG + b"\0" * MOST_BYTES)], TooLarge),
    ],
)
def test_a_wrong_upload_is_named(files: list[File], refused: type[InputError]) -> None:
    """Too many, too large, no picture: refused with the field's name."""
    with pytest.raises(refused) as told:
        check_uploads(files)
    assert told.value.field == "photo"


def test_documents_come_where_they_may() -> None:
    """A PDF beside pictures where the form takes documents."""
    assert check_uploads([file(JPEG), file(b"%PDF-1.7")], documents=True) == ("image/jpeg", "application/pdf")


@given(st.binary(max_size=40))
def test_any_bytes_are_something(body: bytes) -> None:
    """No bytes break it."""
    assert isinstance(media_type_of(body), str)
