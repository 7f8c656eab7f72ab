"""Holds a sentence."""

SENTENCES = {"reply.done": "Done."}
