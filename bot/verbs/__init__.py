"""What the command line can do, one file for each subject."""

from bot.verbs import database, organisation, running

VERBS = (*running.VERBS, *organisation.VERBS, *database.VERBS)
