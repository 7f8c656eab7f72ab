"""What the command line can do, one file for each subject."""

from bot.verbs.chats import VERBS as CHATS
from bot.verbs.database import VERBS as DATABASE
from bot.verbs.demo import VERBS as DEMO
from bot.verbs.organisation import VERBS as ORGANISATION
from bot.verbs.postmortems import VERBS as POSTMORTEMS
from bot.verbs.replay import VERBS as REPLAY
from bot.verbs.running import VERBS as RUNNING
from bot.verbs.sources import VERBS as SOURCES

VERBS = (*RUNNING, *DEMO, *ORGANISATION, *SOURCES, *CHATS, *DATABASE, *REPLAY, *POSTMORTEMS)
