"""Who runs or tends this Tocsin on its machine, as the audit names them."""

import getpass
import os


def operator() -> str:
    """Return the user of the operating system under whom this process runs: `operator:root`."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        # In a container the user may have a number and no name.
        name = str(os.getuid())
    return f"operator:{name}"
