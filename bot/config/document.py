"""Write docs/configuration.md from what the settings and the sections say of themselves.

`python -m bot.generated` writes it anew after a change to either.
"""

from collections.abc import Iterator
from datetime import timedelta
from enum import Enum
from inspect import getdoc
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bot.config.declared import Declaration
from bot.config.section import Section, keys_of
from bot.config.shape import file_with
from bot.config.values import Form
from bot.config.variables import VARIABLES, Variable
from bot.domain.phrases import describe

_OPENING: Final = """\
# Configuration

<!-- Written by `python -m bot.generated`; change the descriptions in `bot/config` and in each chat's folder. -->

Tocsin reads two things: environment variables, for secrets and for this machine, and one YAML file, for the
organisation. `tocsin check` reads both and tells every mistake with its line and its remedy, then who is on call and
who would be paged first. `tocsin doctor` also looks at the database, the secret key, the clocks and the
port.

`tocsin reload`, or the signal SIGHUP, reads the file again. A file with a mistake changes nothing: what was in force
stays in force, and the log says why. Every version that was in force is kept, and every decision refers to its own.
The environment is read at the start only.

## Who can reach Tocsin

As long as Tocsin listens on loopback and its public URL is a loopback address too, nothing needs a login. Anywhere
else it refuses to start without

- a person with a `login`, for the pages,
- `TOCSIN_API_TOKEN`, for the API,
- `TOCSIN_WEBHOOK_KEY`, or `keys`, `signing` or `topics` for every source, and
- `TOCSIN_SECRET_KEY`.

Keys and tokens then have at least 16 characters and passwords at least 8. This makes a good key:

```sh
python3 -c 'import secrets; print(secrets.token_urlsafe(32))'
```

## Environment variables

An empty variable counts as unset. A variable that starts with `TOCSIN_` and means nothing is warned of.
"""

_FILE: Final = """\
## tocsin.yaml

[tocsin.example.yaml](../tocsin.example.yaml) is a whole file to begin with. Keys that Tocsin does not know are
mistakes, and so are keys that stand twice. Words need no quotes unless YAML reads them otherwise (`: `, ` #`, a leading
`@`, `*`, `&`, `!`, `%` or `` ` ``); no word is taken for a number, a date or a truth value by its looks.

A *name* has up to 80 letters and digits of any script, `.`, `_`, `+` and `-`, and begins with a letter, a digit or
`_`. A *name for the web* keeps to A-Z, a-z, 0-9, `.`, `_` and `-`. Names that differ only in case are the same.

Secrets do not belong into the file. `keys` and `signing` of sources, `key` of heartbeats and `login` of people name an environment
variable instead, as `env:NAME`; nothing else takes such a reference.
"""


def document(chats: tuple[Declaration, ...]) -> str:
    """Return the whole page, with what each of these chats declares."""
    own = (_variable(variable) for variable in VARIABLES)
    return "\n".join([_OPENING, *own, *(part for chat in chats for part in _chat(chat)), _FILE, *_sections(chats)])


def _chat(chat: Declaration) -> Iterator[str]:
    if chat.page is not None:
        yield f"### {chat.title}\n\n[{chat.page}]({chat.page}) tells how {chat.title} is connected.\n"
    yield from (_variable(setting.variable) for setting in chat.settings)


def _variable(variable: Variable) -> str:
    secret = " A secret." if variable.is_secret else ""
    return (
        f"### `{variable.name}`\n\n{variable.meaning}{secret}\n\n"
        f"- Form: {variable.form}\n- Default: {variable.default}\n"
    )


def _sections(chats: tuple[Declaration, ...]) -> Iterator[str]:
    shape = file_with(chats)
    yield _section("The file", shape, level=3)
    for name, section, is_list in _inner(shape):
        yield from _tree(name, section, is_list=is_list)


def _tree(path: str, section: type[Section], *, is_list: bool) -> Iterator[str]:
    shown = f"{path}[]" if is_list else path
    yield _section(f"`{shown}`", section, level=3)
    for name, inner, inner_is_list in _inner(section):
        yield from _tree(f"{shown}.{name}", inner, is_list=inner_is_list)


def _inner(section: type[Section]) -> Iterator[tuple[str, type[Section], bool]]:
    for name, field in keys_of(section).items():
        inner = _section_in(field.annotation)
        if inner is not None:
            yield name, inner, get_origin(field.annotation) is tuple


def _section(title: str, section: type[Section], *, level: int) -> str:
    lines = [f"{'#' * level} {title}", "", getdoc(section) or "", "", "| key | value | default | meaning |"]
    lines += ["|---|---|---|---|"]
    for name, field in keys_of(section).items():
        cells = (f"`{name}`", _form(field), _default(field), field.description or "")
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _form(field: FieldInfo) -> str:
    own = [metadata.text for metadata in field.metadata if isinstance(metadata, Form)]
    return own[-1] if own else _form_of(field.annotation)


def _form_of(annotation: Any) -> str:
    """Return what a value of a type looks like, from the innermost `Form` and the containers around it."""
    if get_origin(annotation) is Annotated:
        forms = [metadata.text for metadata in get_args(annotation)[1:] if isinstance(metadata, Form)]
        return forms[-1] if forms else _form_of(get_args(annotation)[0])
    if _section_in(annotation) is not None:
        return "a list of sections" if get_origin(annotation) is tuple else "a section"
    inner = [argument for argument in get_args(annotation) if argument not in {NoneType, Ellipsis}]
    if get_origin(annotation) is tuple:
        return f"a list: {_form_of(inner[0])}"
    if get_origin(annotation) is dict:
        return f"a section: {_form_of(inner[0])} → {_form_of(inner[1])}"
    if get_origin(annotation) in {Union, UnionType}:
        return _form_of(inner[0])
    raise TypeError(f"{annotation!r} does not say what it looks like; give it a Form")


def _section_in(annotation: Any) -> type[Section] | None:
    for candidate in (annotation, *get_args(annotation)):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            assert issubclass(candidate, Section)
            return candidate
    return None


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "needed"
    return _shown(field.default)


def _shown(value: Any) -> str:
    match value:
        case None | () | BaseModel():
            return ""
        case timedelta():
            return f"`{describe(value).replace(' ', '')}`"
        case Enum():
            return f"`{value.value}`" if isinstance(value.value, str) else f"`{_name(value)}`"
        case tuple():
            return f"`[{', '.join(_plain(item) for item in value)}]`"
        case dict():
            return f"`{{{', '.join(f'{_plain(key)}: {_plain(inner)}' for key, inner in value.items())}}}`"
        case _:
            return f"`{value}`"


def _plain(value: Any) -> str:
    return _shown(value).strip("`")


def _name(value: Enum) -> str:
    return value.name if value.name.startswith("SEV") else value.name.lower()
