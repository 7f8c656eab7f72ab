"""The small language of the catalogue's sentences: placeholders, and clauses that vanish when their field is empty.

- `{name}` stands for a field. `{{` and `}}` are braces.
- `[: {reason}]` is a clause: it is left out when a field inside it is missing, None, empty or the number 0.
  `[{name}|nobody]` has words for that case. `[[` and `]]` are square brackets. Clauses don't nest.
- A sentence that counts is a `Plural`; its field `count` chooses the form.

What fills a placeholder is text from people and machines: it is put in as it is and never read as a sentence.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_TOKEN: Final = re.compile(r"\{\{|\}\}|\[\[|\]\]|\{(?P<name>[a-z][a-z_]*)\}|[\[\]|{}]|[^\[\]|{}]+")
_DOUBLED: Final = {"{{": "{", "}}": "}", "[[": "[", "]]": "]"}
_EMPTY: Final = "–"
"""What stands where a sentence needs a field that is empty: an old event may lack what newer sentences say."""


@dataclass(frozen=True, slots=True)
class Plural:
    """A sentence in the forms that English has; other languages have theirs in their own catalogues."""

    one: str
    other: str


Sentence = str | Plural


@dataclass(frozen=True, slots=True)
class Slot:
    """A placeholder."""

    name: str


@dataclass(frozen=True, slots=True)
class Clause:
    """Words that are said only when every slot among them is filled; `otherwise` is said when not."""

    parts: tuple[str | Slot, ...]
    otherwise: tuple[str | Slot, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """The fields on which it depends."""
        return frozenset(part.name for part in self.parts if isinstance(part, Slot))


@dataclass(frozen=True, slots=True)
class Template:
    """A sentence taken apart."""

    parts: tuple[str | Slot | Clause, ...]

    @property
    def required(self) -> frozenset[str]:
        """The fields without which the sentence has a hole."""
        return frozenset(part.name for part in self.parts if isinstance(part, Slot))

    @property
    def names(self) -> frozenset[str]:
        """Every field that the sentence can show."""
        clauses = [part for part in self.parts if isinstance(part, Clause)]
        spare = {part.name for clause in clauses for part in clause.otherwise if isinstance(part, Slot)}
        return self.required.union(spare, *(clause.names for clause in clauses))

    def fill(self, fields: Mapping[str, str], nothing: Collection[str] = ()) -> str:
        """Return the sentence with its fields; an empty field outside a clause shows as a dash, never as a hole.

        `nothing` names fields that are as good as empty for clauses, since they say 0.
        """
        said: list[str] = []
        for part in self.parts:
            if isinstance(part, Clause):
                is_filled = all(fields.get(name) and name not in nothing for name in part.names)
                said.extend(_fill(inner, fields) for inner in (part.parts if is_filled else part.otherwise))
            else:
                said.append(_fill(part, fields))
        return "".join(said)


@lru_cache(maxsize=2048)
def template(text: str) -> Template:
    """Take a sentence apart. ValueError says what is wrong with one that can't be read."""
    parts: list[str | Slot | Clause] = []
    clause: list[list[str | Slot]] | None = None
    for token in _TOKEN.finditer(text):
        word = token.group()
        target: list[str | Slot] | list[str | Slot | Clause] = parts if clause is None else clause[-1]
        if token["name"]:
            target.append(Slot(token["name"]))
        elif word in _DOUBLED:
            target.append(_DOUBLED[word])
        elif word == "[":
            if clause is not None:
                raise ValueError(f"a clause stands inside another in {text!r}")
            clause = [[]]
        elif word == "]":
            if clause is None:
                raise ValueError(f"a clause ends that never began in {text!r}")
            parts.append(Clause(tuple(clause[0]), tuple(clause[1]) if len(clause) > 1 else ()))
            clause = None
        elif word == "|" and clause is not None and len(clause) == 1:
            clause.append([])
        elif word in {"{", "}"}:
            raise ValueError(f"a brace stands alone in {text!r}; write a placeholder as {{name}}, a brace doubled")
        else:
            target.append(word)
    if clause is not None:
        raise ValueError(f"a clause is never closed in {text!r}")
    return Template(tuple(parts))


def _fill(part: str | Slot, fields: Mapping[str, str]) -> str:
    return (fields.get(part.name) or _EMPTY) if isinstance(part, Slot) else part
