"""The one path from a line of text to what it does: stored, read, authorised, carried out, answered."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import structlog

from bot.domain.access import Access, require
from bot.domain.forms import Question
from bot.domain.incident import Incident
from bot.domain.organisation import Account, Person
from bot.domain.phrases import Misread
from bot.domain.refusal import Refusal
from bot.domain.text import clean, clip
from bot.ids import new_id
from bot.ports.chat import Answer, Incoming, Linking
from bot.ports.records import CommandReceipt
from bot.ports.store import Conflict, Unit, Urgency
from bot.setbacks import Setbacks
from bot.startup import StartupError
from handlers.answering import fault_of, late, no, remember, yes
from handlers.ask import About, Ask, Command
from handlers.case import Case
from handlers.desk import Desk
from handlers.finding import find, of_room
from handlers.grammar import Arguments, Line, Shape, read_arguments, read_line
from handlers.linking import AccountLinks
from handlers.overhearing import answer_in
from handlers.reading import WrongOption
from handlers.receipts import answer_from_json, answer_to_json, line_from_json, line_to_json
from handlers.registry import Registry, registry
from handlers.standing import standing

log = structlog.get_logger(__name__)

LONGEST_LINE: Final = 24_000
"""How much of a line is kept; a command may take less: see `handlers.ask.Command.longest`."""

TRIES: Final = 5
"""How often a command is decided again when others change its incident meanwhile."""

RESUMES: Final = 3
"""How often a line is taken up again after a crash, before it is given up: it may be what crashes Tocsin."""

GRACE: Final = timedelta(seconds=30)
"""How long a line may be under way, perhaps in another replica, before it counts as left behind."""

AT_ONCE: Final = 50
"""How many lines that were left behind are looked at at a time."""

_GUESTS_VERB: Final = "help"


class Router:
    """Takes lines from every chat. See `bot.ports.chat.ChatInbox`."""

    def __init__(self, desk: Desk, commands: Registry | None = None, linking: Linking | None = None) -> None:
        self._desk = desk
        self._linking = linking or AccountLinks(desk)
        self._commands = commands or registry()
        self._running: dict[tuple[str, str], asyncio.Task[Answer]] = {}
        self._setbacks = Setbacks[str]("commands", desk.metrics)

    async def take(self, incoming: Incoming) -> Answer:
        """Store the line, carry it out and return the answer; a line answered before returns the same answer again.

        Whoever stops waiting stops nothing: the line is stored, so it is carried out. Raises only when it could not be
        stored: then nothing happened, and the chat should let the platform deliver it again. A line that its chat has
        on disk is stored together with what comes of it, since each commit is a wait.
        """
        return await self._once_at_a_time(incoming.account.chat, incoming.key, self._take(incoming))

    async def overheard(self, incoming: Incoming) -> Answer | None:
        """Take talk in an incident's room for the answer to what its postmortem asks; see `answer_in`."""
        person = await self._known(incoming)
        line = await answer_in(self._desk, person, incoming) if person is not None else None
        return None if line is None else await self.take(line)

    async def fault(self, question: Question, answer: str, account: Account) -> str | None:
        """Return what is wrong with an answer to one question; see `bot.ports.chat.ChatInbox`."""
        person = await self._linking.person_behind(account)
        if person is None or not answer.strip():
            return None
        return fault_of(question, answer, person, self._desk)

    async def finish_unanswered(self) -> int:
        """Carry out lines that were stored but not answered, since Tocsin stopped in between; returns how many.

        Their people are told the answer directly. A line that was tried too often is given up, and they are told that.
        One on which even that fails is put off, and the others are carried out.
        """
        now = self._desk.now()
        resting = self._setbacks.resting(now)
        async with self._desk.store.read(self._desk.tenant) as unit:
            receipts = await unit.commands.unanswered(now - GRACE, limit=AT_ONCE + len(resting))
        awake = [receipt for receipt in receipts if receipt.id not in resting]
        for receipt in awake:
            try:
                await self._once_at_a_time(receipt.chat, receipt.key, self._resume(receipt))
            except OSError:
                raise  # the database is away
            except Exception as error:  # noqa: BLE001 - the other lines must be carried out
                self._setbacks.failed(receipt.id, self._desk.now(), error, chat=receipt.chat)
            else:
                self._setbacks.well(receipt.id)
        return len(awake)

    async def drain(self) -> None:
        """Return when every line under way is answered."""
        while self._running:
            await asyncio.wait(self._running.values())

    async def _once_at_a_time(self, chat: str, key: str, work: Coroutine[Any, Any, Answer]) -> Answer:
        task = self._running.get((chat, key))
        if task is None:
            task = asyncio.create_task(work)
            self._running[chat, key] = task
            task.add_done_callback(lambda done: self._ended(chat, key, done))
        else:
            work.close()
        return await asyncio.shield(task)

    def _ended(self, chat: str, key: str, task: asyncio.Task[Answer]) -> None:
        del self._running[chat, key]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("line_not_stored", chat=chat, exc_info=error)

    async def _take(self, incoming: Incoming) -> Answer:
        incoming = replace(incoming, text=clip(clean(incoming.text), LONGEST_LINE + 1))
        now = self._desk.now()
        chat, tenant = incoming.account.chat, self._desk.tenant
        receipt = CommandReceipt(new_id(now), tenant, chat, incoming.key, line_to_json(incoming), now)
        case = Case(receipt, incoming)
        if not incoming.is_kept:
            async with self._desk.store.write(tenant, Urgency.COMMAND) as unit:
                known = await self._answer_before(unit, case)
            if known is not None:
                return known
        return await self._carry_out(case)

    async def _resume(self, receipt: CommandReceipt) -> Answer:
        async with self._desk.store.write(self._desk.tenant, Urgency.COMMAND) as unit:
            await unit.commands.attempted(receipt.id)
        try:
            case = Case(receipt, line_from_json(receipt.line), is_late=True)
        except (KeyError, TypeError):
            # Another release may have written it in another way; nobody can be told.
            case = Case(receipt, Incoming(receipt.key, "", Account(receipt.chat, "", "")))
        else:
            case.person = await self._known(case.incoming)
            if receipt.attempts < RESUMES:
                return await self._carry_out(case)
        log.error("line_given_up", reference=case.reference, attempts=receipt.attempts)
        return await self._store(case, self._broken(case))

    async def _carry_out(self, case: Case) -> Answer:
        problem: Exception | None = None
        try:
            try:
                return await self._decide(case)
            except (Refusal, Misread, WrongOption, StartupError) as said:
                problem = said
                answer = await no(self._desk, case, said)
            return await self._store(case, answer, problem)
        except Exception:
            log.exception("command_failed", reference=case.reference, verb=case.command.name if case.command else "")
            answer = self._broken(case)
            await self._store_if_possible(case, answer)
        return answer

    async def _decide(self, case: Case) -> Answer:
        """Carry the line out, again when others change its incident meanwhile."""
        incoming = case.incoming
        case.person = await self._known(incoming)
        case.line = read_line(incoming.text)
        case.command = self._commands.find(case.line.verb or _GUESTS_VERB)
        if case.person is None:
            if case.command is None or case.command.name != _GUESTS_VERB:
                account = incoming.account
                key = "actor.unknown" if incoming.actor is not None else "account.unknown"
                raise Refusal(key, chat=account.chat, user=account.user, actor=incoming.actor)
            case.person = Person("", incoming.account.user, Access.VIEWER, self._desk.organisation().timezone)
        if case.command is None:
            raise Refusal("verb.unknown", given=clip(case.line.verb, 40), like=self._commands.like(case.line.verb))
        if len(incoming.text) > case.command.longest:
            raise Refusal("line.long", limit=case.command.longest)
        for _ in range(TRIES):
            try:
                return await self._once(case, case.line, case.command, case.person)
            except Conflict:
                continue
        raise Refusal("busy", verb=case.command.name)

    async def _once(self, case: Case, line: Line, command: Command, person: Person) -> Answer:
        store, tenant = self._desk.store, self._desk.tenant
        if command.only_reads:
            async with store.read(tenant) as unit:
                answer = await self._run(unit, case, line, command, person)
            return await self._store(case, answer)
        async with store.write(tenant, Urgency.COMMAND) as unit:
            # Counting the try locks the receipt: of two replicas with the same line, the second sees the answer.
            await unit.commands.attempted(case.receipt.id)
            if (known := await self._answer_before(unit, case)) is not None:
                return known
            answer = await self._run(unit, case, line, command, person)
            await self._answered(unit, case, answer)
        return answer

    async def _run(self, unit: Unit, case: Case, line: Line, command: Command, person: Person) -> Answer:
        incoming = case.incoming
        takes_ref = command.about is not About.NOTHING and line.number is None
        in_room = await of_room(unit, incoming.room, person) if takes_ref else None
        shape = Shape(
            options=command.options,
            flags=command.flags,
            takes_ref=takes_ref,
            # In an incident's room a sentence may speak of another incident without meaning it.
            ref_anywhere=in_room is None,
            bare_ref=not command.takes_number,
            prose_after=command.prose_after,
            is_verbatim=command.is_verbatim,
        )
        given = read_arguments(line.tail, shape)
        if in_room is not None and await _is_text(given, command, unit, in_room):
            given = replace(given, number=None, rest=line.tail)
        number = given.number if line.number is None else line.number
        case.incident = await find(unit, command, person, number, in_room)
        require(standing(person, case.incident), command.access, command.name)
        ask = Ask(
            desk=self._desk,
            unit=unit,
            person=person,
            account=incoming.account,
            now=self._desk.now(),
            words=given.words,
            rest=given.rest,
            options=given.options,
            incident=case.incident,
            room=incoming.room,
            token=incoming.token,
        )
        is_here = in_room is not None and in_room == case.incident and in_room.has_room
        return yes(await command.run(ask), self._desk.speech(person), case.incident, in_room=is_here)

    async def _known(self, incoming: Incoming) -> Person | None:
        if incoming.actor is not None:
            return self._desk.organisation().person(incoming.actor)
        return await self._linking.person_behind(incoming.account)

    async def _answer_before(self, unit: Unit, case: Case) -> Answer | None:
        """Store a line unless it is there; returns what it was answered before."""
        known = await unit.commands.take(case.receipt)
        if known is None:
            return None
        case.receipt = known
        return answer_from_json(known.answer) if known.answer is not None else None

    async def _store(self, case: Case, answer: Answer, problem: Exception | None = None) -> Answer:
        """Store an answer; returns it, or the one that was given before."""
        async with self._desk.store.write(self._desk.tenant, Urgency.COMMAND) as unit:
            if (known := await self._answer_before(unit, case)) is not None:
                return known
            await self._answered(unit, case, answer)
            if isinstance(problem, Refusal):
                await remember(unit, problem, case, self._desk.now())
        return answer

    async def _store_if_possible(self, case: Case, answer: Answer) -> None:
        try:
            await self._store(case, answer)
        except Exception:
            # What failed may be the database itself; the line stays unanswered there and is taken up again.
            log.exception("answer_not_stored", reference=case.reference)
            if case.incoming.is_kept:
                raise

    async def _answered(self, unit: Unit, case: Case, answer: Answer) -> None:
        await unit.commands.answered(case.receipt.id, answer_to_json(answer))
        if case.is_late:
            await late(unit, self._desk, case, answer)

    def _broken(self, case: Case) -> Answer:
        text = self._desk.speech(case.person).words("refusal.broken", reference=case.reference)
        return Answer(ok=False, text=text, incident=case.incident.ref if case.incident is not None else None)


async def _is_text(given: Arguments, command: Command, unit: Unit, in_room: Incident) -> bool:
    """Whether the incident that is named at the front of a line belongs to its text; buttons and forms are exact."""
    if given.number in {None, in_room.number} or given.options or command.names_others is None:
        return False
    return await command.names_others(unit, in_room)
