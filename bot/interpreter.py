"""How the interpreter is set for a process that runs for months: when it collects garbage, and when threads take turns.

The figures were measured under a storm of alerts on two cores.
"""

import gc
import sys
from typing import Final

_YOUNG: Final = 20_000
"""A batch of alerts is some ten thousand objects: with Python's 700, every batch was looked through many times over."""
_MIDDLE: Final = 20
_OLD: Final = 50

_TURN_SECONDS: Final = 0.0005
"""How long the thread of a database waits before the event loop hands it the interpreter; Python's is 5 ms, and a
delivery needs several such turns before its sender is answered."""


def settle() -> None:
    """Leave what start-up made out of every later collection, and tune the rest; call it once all parts are there.

    Looking through the hundred thousands of objects that stay anyway took a third of the time of absorbing alerts, and
    kept senders waiting each time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
    sys.setswitchinterval(_TURN_SECONDS)
