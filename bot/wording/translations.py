"""Translations: gettext catalogues that translators keep as .po files, read as they are."""

import re
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Final

from babel import UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from babel.support import NullTranslations, Translations

LOCALES: Final = Path(__file__).parent / "locales"
"""One folder a language, as gettext has it: `<language>/LC_MESSAGES/messages.po`."""

_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(?:_[A-Za-z0-9]{2,8}){0,2}")


@lru_cache(maxsize=64)
def translations(language: str, locales: Path = LOCALES) -> NullTranslations:
    """Return the translations into a language, or into the one it is a dialect of; none: English stays English.

    The .po files are read directly, so that there is no compiled file that could be stale.
    """
    whole = language.replace("-", "_")
    for name in dict.fromkeys((whole, whole.partition("_")[0])):
        path = locales / name / "LC_MESSAGES" / "messages.po"
        if _LANGUAGE.fullmatch(name) and path.is_file():
            try:
                with path.open("rb") as file:
                    catalogue = read_po(file, locale=name, abort_invalid=True)
            except (PoFileError, UnknownLocaleError, ValueError):
                continue
            compiled = BytesIO()
            write_mo(compiled, catalogue)
            compiled.seek(0)
            return Translations(compiled)
    return NullTranslations()
