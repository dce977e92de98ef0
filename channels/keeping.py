"""Uploads of a form become attachments of a contact: checked first, then durable, under names of ours."""

from collections.abc import Sequence

from channels.base import Inbox
from channels.form_body import File
from channels.inbound import Attachment
from channels.uploads import EXTENSIONS, check_uploads


async def keep_uploads(
    inbox: Inbox, files: Sequence[File], *, documents: bool = False, first: int = 1
) -> tuple[Attachment, ...]:
    """All of them, or none; `documents` lets PDF through, `first` is the number in the first one's name.

    Raises:
        TooLarge: too many, or one too large.
        UnsupportedMediaType: one is no picture.
    """
    kept: list[Attachment] = []
    for i, (file, media_type) in enumerate(zip(files, check_uploads(files, documents=documents), strict=True)):
        name = f"file-{first + i}.{EXTENSIONS[media_type]}"
        blob = await inbox.keep(file.body)
        kept.append(Attachment(name=name, media_type=media_type, size_bytes=len(file.body), blob=blob))
    return tuple(kept)
