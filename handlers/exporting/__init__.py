"""An incident and its postmortem as a file: gathered once, written as Markdown or as JSON."""
