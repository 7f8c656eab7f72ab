"""Whatever is done in a conversation, in whatever order, no answer is lost or given to another question."""

from collections.abc import Callable
from itertools import count

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bot.domain.effects import AskQuestion
from bot.domain.postmortem import ASKING, MOVES, Answer, given, latest, left, seen
from bot.domain.postmortem_deciding import (
    Outcome,
    Sitting,
    answer,
    back,
    finish,
    hand_over,
    move_on,
    pause,
    skip,
    take_up,
    waive,
)
from bot.domain.postmortem_script import PromptKind
from bot.domain.refusal import Refusal
from tests.builders import AMIRA, OMAR, of_type
from tests.domain.postmortems import SCRIPT, a_given, a_sitting, carried_on, prompt

QUESTIONS = st.sampled_from([one.id for one in SCRIPT.prompts])
SIMPLE = st.sampled_from([take_up, move_on, back, pause, finish])


class AConversation(RuleBasedStateMachine):
    """Somebody answers, skips, changes and leaves, as people do."""

    def __init__(self) -> None:
        super().__init__()
        self.sitting = a_sitting()
        self.numbers = count()
        self.said: dict[str, Answer] = {}

    def act(self, decide: Callable[[Sitting], Outcome]) -> None:
        before = self.sitting
        try:
            outcome = decide(before)
        except Refusal:
            return
        assert outcome == decide(before), "the same answer twice"
        after = outcome.postmortem
        assert after.version == before.postmortem.version
        assert after.state is before.postmortem.state or after.state in MOVES[before.postmortem.state]
        asked = [effect.question for effect in of_type(outcome.effects, AskQuestion)]
        assert len(asked) <= 1, "more than one question at a time"
        assert asked in ([], [after.current])
        if after.current != before.postmortem.current and after.state in ASKING:
            assert asked, "what is asked now was told nobody"
        for kept in outcome.answers:
            assert kept.number == 1 + max(
                (one.number for one in before.answers if (one.question, one.item) == (kept.question, kept.item)),
                default=0,
            )
            self.said[kept.id] = kept
        self.sitting = carried_on(before, outcome)

    @rule(simple=SIMPLE)
    def something_is_pressed(self, simple: Callable[[Sitting], Outcome]) -> None:
        self.act(simple)

    @rule()
    def what_is_asked_is_answered(self) -> None:
        if self.sitting.postmortem.current is not None:
            name = f"a-{next(self.numbers)}"
            self.act(lambda sitting: answer(sitting, a_given(sitting.postmortem.current or "", name, id=name)))

    @rule(question=QUESTIONS, is_current=st.booleans(), item=st.none() | st.integers(1, 2))
    def any_question_is_answered(self, question: str, is_current: bool, item: int | None) -> None:
        name = f"a-{next(self.numbers)}"
        versions = seen(self.sitting.answers, question) if is_current else None
        self.act(lambda sitting: answer(sitting, a_given(question, name, id=name, seen=versions, item=item)))

    @rule(question=QUESTIONS, reason=st.sampled_from(["", "nobody knows"]))
    def a_question_is_skipped(self, question: str, reason: str) -> None:
        name = f"a-{next(self.numbers)}"
        self.act(lambda sitting: skip(sitting, prompt(question), reason, name))

    @rule(owner=st.sampled_from(["p-omar", "p-lina"]))
    def it_is_handed_over(self, owner: str) -> None:
        self.act(lambda sitting: hand_over(sitting, owner))

    @rule(odds=st.integers(0, 9))
    def it_is_waived(self, odds: int) -> None:
        if odds == 0:
            self.act(lambda sitting: waive(sitting, "a known fault"))

    @rule(actor=st.sampled_from([OMAR, AMIRA]))
    def somebody_else_goes_on(self, actor: object) -> None:
        assert actor in {OMAR, AMIRA}
        self.sitting = Sitting(
            self.sitting.incident,
            self.sitting.postmortem,
            SCRIPT,
            self.sitting.answers,
            OMAR if actor == OMAR else AMIRA,
            self.sitting.now,
        )

    @invariant()
    def no_answer_is_lost(self) -> None:
        assert {one.id: one for one in self.sitting.answers} == self.said
        assert len(self.sitting.answers) == len(self.said)

    @invariant()
    def it_is_possible(self) -> None:
        postmortem = self.sitting.postmortem
        assert postmortem.is_asking or postmortem.current is None
        if postmortem.is_asking and postmortem.current is None:
            assert left(SCRIPT, self.sitting.answers) == ()
        for one in SCRIPT.prompts:
            several = latest(self.sitting.answers, one.id)
            assert one.kind is PromptKind.ACTIONS or len(several) <= 1
            assert [kept.item for kept in given(several, one.id)] == list(range(1, 1 + len(given(several, one.id))))
            assert all(kept.person is None for kept in several) or not one.is_anonymous


TestAConversation = AConversation.TestCase
TestAConversation.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
