"""Whether a contact that somebody names came by their own door: further words about it are taken from nobody else."""

from channels.base import Inbox
from channels.public_state import PublicState
from router.errors import NotFound


async def belonging(inbox: Inbox, contact: str, source: str, field: str) -> PublicState:
    """The contact as it stands; of one that may not be told about, that it is open, and nothing else.

    A protected person's words must come through, too.

    Raises:
        NotFound: no contact of this source has this id.
    """
    state = await inbox.public_state(contact)
    if state is None:
        seen = await inbox.look(contact)
        state = PublicState(contact, seen.source, "received", 0, 0) if seen is not None else None
    if state is None or state.source != source:
        raise NotFound("no contact of yours has this id", field=field)
    return state
