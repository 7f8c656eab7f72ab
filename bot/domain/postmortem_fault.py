"""What is wrong with an answer and at which of its fields, and whom a word of an answer names."""

from bot.domain.organisation import Organisation, Person
from bot.domain.refusal import Refusal, Value


class Misfit(Refusal):
    """An answer lacks what its question wants; nothing was kept. `field` is where in the form that shows."""

    def __init__(self, field: str, key: str, **fields: Value) -> None:
        super().__init__(key, **fields)
        self.field = field


def person_in(word: str, org: Organisation, asker: Person) -> Person | None:
    """Return the person whom a word names, as `omar`, `@omar` or `me`; None: it names nobody."""
    name = word.strip().strip(",;:.()").removeprefix("@").casefold()
    if name in {"me", "myself", "i"}:
        return asker
    return next((person for person in org.people if person.name.casefold() == name), None)
