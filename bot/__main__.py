"""`python -m bot` is `tocsin`."""

import sys

from bot.cli import main

sys.exit(main())
