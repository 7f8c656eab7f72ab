"""Slack: what the adapter says of its own, where Slack does not let Tocsin answer as usual."""

from collections.abc import Mapping
from typing import Final

from bot.wording.sentence import Sentence

SENTENCES: Final[Mapping[str, Sentence]] = {
    "slack.cancel": "Cancel",
    "slack.working": "Working on it; the answer follows here.",
    "slack.open_form": "Open the form",
    "slack.form_here": "{title}: this needs a form, which Slack opens from a button only.",
    "slack.form_part": "{label} ({number} of {count})",
    "slack.form_late": "Slack lets a form open for three seconds only, and that was too late. Please try once more.",
    "slack.form_busy": "Slack takes no form from Tocsin right now. Please try once more in a moment, or write it as a line; "
    "“help” shows how.",
    "slack.form_unclear": "Slack did not say whether the form opened. If you see none, please try once more.",
    "slack.form_refused": "Slack did not open the form ({reason}). The same can be written as a line; “help” shows how.",
    "slack.not_stored": "Tocsin could not take this down just now, so nothing was done. Please try again in a moment.",
    "slack.button_unknown": "Tocsin does not know this button; it may come from another release. Write the command instead.",
    "slack.form_unknown": "Tocsin does not know this form; it may come from another release. Please open it anew.",
    "slack.put_out": "Somebody has removed Tocsin from this incident's channel, so nothing is told there. Write "
    "“/invite @tocsin” in it: then what waits is told.",
    "slack.stranger": "Nobody is known by this account yet, so Tocsin answers “help” only. Have “slack: {user}” written "
    "beside your name in tocsin.yaml, or, as a full member of this workspace, the e-mail address that Slack has verified "
    "for you: then Tocsin knows you by itself, an hour later at most.",
    "slack.late_refusal": "“{line}” was not carried out: {reason}",
}
