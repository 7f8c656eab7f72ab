"""The shape of tocsin.yaml with the chats there are: each may have a section of its own, and accounts of people."""

from functools import lru_cache
from typing import Any

from pydantic import Field, create_model

from bot.config.declared import Declaration
from bot.config.file import ChatSection, File, PersonSection


@lru_cache(maxsize=16)
def file_with(chats: tuple[Declaration, ...]) -> type[File]:
    """Return the shape of a file in which `chat` and `people` have the keys that these chats declare."""
    accounts: dict[str, Any] = {
        chat.name: (chat.account.form | None, Field(None, description=chat.account.meaning))
        for chat in chats
        if chat.account is not None
    }
    sections: dict[str, Any] = {
        chat.name: (chat.section, Field(chat.section(), description="See below."))
        for chat in chats
        if chat.section is not None
    }
    person = create_model("PersonSection", __base__=PersonSection, **accounts)
    chat = create_model("ChatSection", __base__=ChatSection, **sections)
    people, where = File.model_fields["people"], File.model_fields["chat"]
    shape: dict[str, Any] = {
        "people": (tuple[person, ...], Field((), description=people.description)),
        "chat": (chat, Field(chat(), description=where.description)),
    }
    return create_model("File", __base__=File, **shape)
