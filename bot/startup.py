"""What keeps Tocsin from starting, in a sentence that says what to do about it."""


class StartupError(Exception):
    """Tocsin can't start like this. The message names the thing, the problem and the remedy."""
