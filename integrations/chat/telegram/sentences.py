"""What Tocsin says in Telegram of its own: greetings, questions of a form, and what can't be done there."""

from collections.abc import Mapping
from typing import Final

from bot.wording.sentence import Sentence

SENTENCES: Final[Mapping[str, Sentence]] = {
    "telegram.anonymous": "You write as the group itself, so nobody can tell who you are. Turn “Remain anonymous” off among your rights as administrator, then write it again.",
    "telegram.blank": "(no words)",
    "telegram.button_old": "This button is too old to be known any more. Write the command instead; /help tells how.",
    "telegram.called": "– you are in this incident.",
    "telegram.come_in": "{name}, you are in an incident, and its room is in a group that you are not in yet: {link}",
    "telegram.elsewhere": "Tocsin answers only in its own group and in private.",
    "telegram.form.answered": "This question was answered already.",
    "telegram.form.back": "Back",
    "telegram.form.cancel": "Cancel",
    "telegram.form.cancelled": "Cancelled: nothing was done.",
    "telegram.form.keep": "Keep it",
    "telegram.form.not_yours": "This question is not yours, or its form is closed. Give the command yourself.",
    "telegram.form.now": "So far: {value}",
    "telegram.form.place": "{at} of {count}",
    "telegram.form.reply_here": "Answer by a button, or by a reply to this message.",
    "telegram.form.skip": "Skip",
    "telegram.outside": "– not in this group yet; this lets you in:",
    "telegram.stranger": "This is Tocsin, the incident bot. Nobody is known by this account yet, so it answers “help” only. Write “link telegram” to Tocsin in a chat that knows you and open the address that it answers, or have “telegram: {user}” written beside your name in tocsin.yaml.",
    "telegram.stray": "This topic was opened by mistake. {name} is here: {address}",
    "telegram.surely": "Yes: {label}",
    "telegram.token_useless": "This address was used already, or it is too old. Write “link telegram” to Tocsin in a chat that knows you to get another one, or have “telegram: {user}” written beside your name in tocsin.yaml.",
    "telegram.tone.alarm": "🔴 Needs somebody",
    "telegram.tone.calm": "🟢 Done",
    "telegram.tone.working": "🟠 Under way",
    "telegram.welcome": "Hello {name}. From now on Tocsin calls you here when you are on call. Write a command such as “list” or “oncall”; “help” tells them all.",
}
