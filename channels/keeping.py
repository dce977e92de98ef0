"""Uploads of a form become attachments of a contact: checked first, then durable, under names of ours."""

from collections.abc import Sequence

from channels.base import Inbox
from channels.form_body import File
from channels.inbound import Attachment
from channels.uploads import EXTENSIONS, check_uploads


async def keep_uploads(
    inbox: Inbox,
    files: Sequence[File],
    *,
    documents: bool = False,
    refuses_infected: bool = False,
    first: int = 1,
) -> tuple[Attachment, ...]:
    """All of them, or none; `documents` lets PDF through, `first` is the number in the first one's name.

    Raises:
        InfectedFile: one is, and `refuses_infected`: whoever sent it can choose another.
        TooLarge: too many, or one too large.
        UnsupportedMediaType: one is no picture.
    """
    kept: list[Attachment] = []
    for i, (file, media_type) in enumerate(zip(files, check_uploads(files, documents=documents), strict=True)):
        name = f"file-{first + i}.{EXTENSIONS[media_type]}"
        on_disk = await inbox.keep(file.body, refuses_infected=refuses_infected)
        kept.append(Attachment(name, media_type, len(file.body), blob=on_disk.blob, scan=on_disk.scan))
    return tuple(kept)
