"""Under construction: sentences of this subject follow."""

from collections.abc import Mapping
from typing import Final

from bot.wording.sentence import Sentence

SENTENCES: Final[Mapping[str, Sentence]] = {}
