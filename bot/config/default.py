"""The organisation of someone who has just started Tocsin and written nothing yet: themselves, on call always."""

from typing import Final

from bot.config.file import File
from bot.config.reading import Reading, read_text

SOURCE: Final = "the default organisation"

DEFAULT: Final = """\
organisation: {name: Our organisation}
people:
  - {name: me, access: admin}
schedules:
  - name: always
    layers:
      - {name: me, people: [me], every: 7d, handoff: 2026-01-05T09:00}
policies:
  - name: call-me
    repeat: 2
    steps:
      - {page: [schedule:always]}
routes:
  - {policy: call-me}
"""


def read_default(shape: type[File] = File) -> Reading:
    """Return the default organisation, read as any file is."""
    return read_text(DEFAULT, SOURCE, shape)
