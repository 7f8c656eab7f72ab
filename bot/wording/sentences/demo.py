"""What the demo says, in the terminal and in the room of its incident."""

from collections.abc import Mapping
from typing import Final

from bot.wording.sentence import Sentence

SENTENCES: Final[Mapping[str, Sentence]] = {
    "demo.open": "Open {url} in your browser: an incident is about to begin. You are {name} there, and on call. Ctrl-C ends it.",
    "demo.about": "This is a demo with an organisation of its own: nothing of yours is read, nothing leaves this machine, and at the end all is deleted.",
    "demo.port": "Port {taken} is in use, so another one was taken.",
    "demo.mild": "A mild alert about {service} came in as well: it is kept and rings nobody.",
    "demo.hint.ack": "Hint: press Acknowledge, or write /ack. [{name} was called first and did not answer, so it is your turn. |]Once somebody has it, nobody else is called.",
    "demo.hint.run": "Hint: it is yours now. Write “/sev 1 everyone is affected”, “/note the new model needs more memory than a node has” or “/followup in 1m warn before memory runs out”.",
    "demo.hint.resolve": "Hint: all alerts are over. Press Resolve, or write “/resolve we took the new model back”.",
    "demo.hint.interview": "Hint: now the postmortem conversation has begun, one question at a time. Press Answer, or just write here: what you write is the answer. Skip leaves a question out, Pause lets you talk.",
    "demo.hint.export": "Hint: your answer is kept, and each later one too: you can go on whenever you like. “/export” puts the incident, its timeline and all answers into the room as a file.",
    "demo.hint.after": "Hint: it is over, and everything is written down. Write “/timeline {ref}”, or begin another one: “/declare GPU nodes are down --sev 2”.",
    "demo.end": "The demo has ended, and what it wrote is deleted. To start your own: make run, or tocsin run.",
}
