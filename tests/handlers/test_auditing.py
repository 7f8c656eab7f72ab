"""Every command that changes or tells anything is in the audit: who, when, by which credential, what, before and after."""

from dataclasses import dataclass

import pytest

from bot.domain.access import Access
from bot.ports.records import AuditEntry
from bot.ports.store import PersonEntry
from handlers.registry import registry
from tests.builders import NOW, a_person, an_organisation
from tests.handlers.talking import Talk

DECLARE = "declare Smoke --sev 2 --quiet"
SILENCE = 'silence service="inference-gateway" for 2h because load test --yes'
RESOLVED = (DECLARE, "ack INC-1", "resolve INC-1")


@dataclass(frozen=True)
class Given:
    """A line that omar writes after others, and what is in the audit of it: action and subject, in any order."""

    line: str
    before: tuple[str, ...] = (DECLARE,)
    entries: tuple[tuple[str, str], ...] = ()

    @property
    def command(self) -> str:
        found = registry().find(self.line.split()[0])
        assert found is not None
        return found.name


def about(*actions: str) -> tuple[tuple[str, str], ...]:
    return tuple((action, "INC-1") for action in actions)


LINES = (
    Given(DECLARE, (), about("Declare")),
    Given("ack INC-1", entries=about("Acknowledge")),
    Given("sev INC-1 1 all regions", entries=about("SetSeverity")),
    Given("assign INC-1 scribe @lina", entries=about("Assign")),
    Given("lead INC-1", entries=about("Assign")),
    Given("note INC-1 the cache is cold", entries=about("AddNote")),
    Given("note INC-1 --at 5m the cache is cold", entries=about("AddNote")),
    Given("update INC-1 rolling back", entries=about("GiveUpdate")),
    Given("page INC-1 @lina", entries=about("PagePeople")),
    Given("page INC-1 @lina", (DECLARE, "page INC-1 @lina"), about("PagePeople")),
    Given("followup INC-1 in 2h Rotate the key", entries=about("AddFollowup")),
    Given("followup INC-1 done 1", (DECLARE, "followup INC-1 in 2h Rotate the key"), about("FinishFollowup")),
    Given("mitigate INC-1", entries=about("Mitigate")),
    Given("resolve INC-1", entries=about("Resolve", "postmortem_opened")),
    Given("cancel INC-1 a test", entries=about("Cancel")),
    Given("close INC-1", RESOLVED, about("Close")),
    Given("reopen INC-1 it is back", RESOLVED, about("Reopen")),
    Given("export INC-1 json", entries=about("Export")),
    Given("answer INC-1 lina", RESOLVED, about("postmortem_answered")),
    Given("skip INC-1 nobody knows", RESOLVED, about("postmortem_skipped")),
    Given("postmortem INC-1", (DECLARE.replace("2", "4"), "resolve INC-1"), about("postmortem_opened")),
    Given("postmortem INC-1 pause", RESOLVED, about("postmortem_paused")),
    Given("postmortem INC-1 back", (*RESOLVED, "answer INC-1 lina"), about("postmortem_back")),
    Given("postmortem INC-1 owner @lina", RESOLVED, about("Join", "postmortem_handed_over")),
    Given(SILENCE, entries=(("Silence", "S-1"),)),
    Given("maintenance inference-gateway for 2h because new cards --yes", entries=(("Silence", "S-1"),)),
    Given("unsilence S-1", (DECLARE, SILENCE), (("Unsilence", "S-1"),)),
)


@pytest.mark.parametrize("given", LINES, ids=[given.line for given in LINES])
async def test_what_a_line_changes_or_tells_is_in_the_audit_once(talk: Talk, given: Given) -> None:
    for line in given.before:
        await talk.done("omar", line)
    known, version = len(await talk.audit()), (await talk.incident()).version if given.before else 0

    assert (await talk.says("omar", given.line, token="api")).ok
    new = (await talk.audit())[known:]
    assert sorted((entry.action, entry.subject) for entry in new) == sorted(given.entries)
    assert {(entry.at, entry.actor, entry.token) for entry in new} == {(NOW, "person:p-omar", "api")}
    if given.before:
        ours = (entry for entry in new if entry.action[0].isupper() and entry.subject == "INC-1" and entry.before)
        assert all(entry.before["version"] >= version for entry in ours)


def test_every_command_that_may_change_something_is_among_these_lines() -> None:
    changing = {command.name for command in registry().commands if not command.only_reads}
    assert {given.command for given in LINES} | {"link"} == changing


async def test_an_offer_to_link_an_account_is_in_the_audit_without_its_token(talk: Talk) -> None:
    tokens: list[str] = []

    def invitation(token: str) -> str:
        tokens.append(token)
        return f"https://chat.example/{token}"

    talk.desk.invitations["telegram"] = invitation
    async with talk.writing() as unit:
        ids = await unit.people.sync([PersonEntry("omar", Access.RESPONDER, "Asia/Dubai", "en", None, ())], NOW)
    talk.configured(an_organisation(people=(a_person("omar", id=ids["omar"]),)))

    assert (await talk.says("omar", "link telegram")).ok
    [entry] = await talk.audit()
    actor = f"person:{ids['omar']}"
    assert (entry.actor, entry.action, entry.subject, entry.after) == (actor, "OfferLink", actor, {"chat": "telegram"})
    assert tokens[-1] not in str(entry)


async def entry_of(talk: Talk, line: str) -> AuditEntry:
    await talk.done("omar", line)
    return (await talk.audit())[-1]


async def test_of_what_was_written_the_audit_keeps_that_it_was_and_not_the_words(talk: Talk) -> None:
    await talk.done("omar", DECLARE)
    entry = await entry_of(talk, "note INC-1 the cache is cold")
    assert (entry.before, entry.after) == ({"version": 1}, {"version": 2, "events": ["note"]})


async def test_the_audit_says_who_was_called_and_which_follow_up_it_was(talk: Talk) -> None:
    await talk.done("omar", DECLARE)
    assert (await entry_of(talk, "page INC-1 @lina @amira")).after["called"] == ["p-lina", "p-amira"]
    async with talk.store.read(talk.desk.tenant) as unit:
        assert await unit.followups.of((await talk.incident()).id) == []
    entry = await entry_of(talk, "followup INC-1 in 2h Rotate the key")
    async with talk.store.read(talk.desk.tenant) as unit:
        [followup] = await unit.followups.of((await talk.incident()).id)
    assert entry.after["followups"] == [followup.id]


@pytest.mark.parametrize("line", ["status INC-1", "timeline INC-1", "list", "oncall", "help", "followup INC-1 list"])
async def test_who_only_looks_is_not_in_the_audit(talk: Talk, line: str) -> None:
    await talk.done("omar", DECLARE)
    known = await talk.audit()
    await talk.done("omar", line)
    assert await talk.audit() == known
