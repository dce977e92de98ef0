"""Who is protected, as the register knows it. Blocking: call it in a thread. Writes nothing."""

from sqlalchemy import Engine, select

from router.protection import strictest
from router.register import schema
from router.register.engine import using


def protections(engine: Engine) -> dict[str, str]:
    """Person key -> the strictest level that any contact of theirs carried, however long ago.

    Raises:
        RegisterUnavailable: the register does not answer.
    """
    contact, link = schema.contacts.c, schema.person_contacts.c
    query = (
        select(link.person_key, contact.protection)
        .join_from(schema.person_contacts, schema.contacts, link.contact == contact.id)
        .where(contact.protection != "none")
        .distinct()
    )
    found: dict[str, str] = {}
    with using(engine) as connection:
        for key, level in connection.execute(query):
            found[key] = strictest((level, found.get(key, "none")))
    return found
