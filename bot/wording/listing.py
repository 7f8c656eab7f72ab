"""The catalogue as text: for those who want to read every sentence, and as a template for translators."""

import re
from io import BytesIO
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from bot.wording.catalogue import SENTENCES
from bot.wording.sentence import Plural
from bot.wording.translations import LOCALES

TEMPLATE: Final = LOCALES / "messages.pot"
_HOW: Final = """\
The sentences of Tocsin, for translators: save your language's as <language>/LC_MESSAGES/messages.po beside this file.
{name} stands for a field. [...] is left out when a field inside it is empty; [...|...] has words for that case.
"""
_DATES: Final = re.compile(
    rb'^"(?:POT-Creation-Date|PO-Revision-Date|Generated-By|Last-Translator|Language-Team|Report-Msgid-Bugs-To):.*\n',
    re.MULTILINE,
)


def listing() -> str:
    """Return every key with its English sentence, in the order of keys; a sentence that counts has two."""
    lines: list[str] = []
    for key, sentence in sorted(SENTENCES.items()):
        if isinstance(sentence, Plural):
            lines += [f"{key} (one)  {sentence.one}", f"{key} (more)  {sentence.other}"]
        else:
            lines.append(f"{key}  {sentence}")
    return "\n".join(lines) + "\n"


def translators_template() -> str:
    """Return the gettext template: the English sentence is the message, its key the context.

    It holds no date, so that it changes only when a sentence does.
    """
    catalogue = Catalog(
        project="Tocsin",
        version="1",
        fuzzy=False,
        header_comment="\n".join(f"# {line}".rstrip() for line in _HOW.splitlines()),
    )
    for key, sentence in sorted(SENTENCES.items()):
        message = (sentence.one, sentence.other) if isinstance(sentence, Plural) else sentence
        catalogue.add(message, context=key)
    written = BytesIO()
    write_po(written, catalogue, width=0, sort_output=False)
    return _DATES.sub(b"", written.getvalue()).decode()
