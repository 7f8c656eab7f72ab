"""Refuse to be reachable from outside without logins, keys and tokens; warn of what a link would show."""

from collections.abc import Iterator

from pydantic import SecretStr

from bot.config import variables as var
from bot.config.addresses import leads_here_only
from bot.config.file import File, SourceSection
from bot.config.problem import Problem
from bot.config.secrets import Secrets
from bot.config.settings import NEW_KEY, Settings

_SHORTEST_KEY = 16
_SHORTEST_PASSWORD = 8


def check_exposure(settings: Settings, file: File, secrets: Secrets | None = None) -> list[Problem]:
    """Return what is missing for Tocsin to be reached by others; on loopback alone nothing is but links into chats.

    With `secrets`, their lengths are checked too; without, only that they are named.
    """
    if not settings.is_exposed:
        return list(_links(settings))
    return [*_missing(settings, file), *_weak(settings, secrets or Secrets()), *_links(settings)]


def _missing(settings: Settings, file: File) -> Iterator[Problem]:
    why = f"Tocsin can be reached from outside ({_reason(settings)})"
    if not any(person.login for person in file.people):
        what = f"{why}, and nobody has a login for its pages"
        remedy = "add 'login: env:NAME' to a person and set that variable to a password, or listen on 127.0.0.1"
        yield Problem("people", what, remedy)
    if settings.api_token is None:
        yield Problem(var.API_TOKEN.name, f"it is not set, and {why}", f"set it: {NEW_KEY}")
    if not settings.secret_keys:
        yield Problem(var.SECRET_KEY.name, f"it is not set, and {why}", f"set it: {NEW_KEY}")
    if settings.webhook_key is None:
        yield from _open_sources(file, why)


def _open_sources(file: File, why: str) -> Iterator[Problem]:
    if not any(_is_guarded(source) for source in file.sources):
        what = f"it is not set, no source has keys, and {why}"
        yield Problem(var.WEBHOOK_KEY.name, what, f"set it, or give keys to 'sources': {NEW_KEY}")
        return
    for source in file.sources:
        if not _is_guarded(source):
            what = f"the source {source.name!r} has no keys, so it lets nobody in"
            remedy = f"give it 'keys: [\"env:NAME\"]', or set {var.WEBHOOK_KEY.name}"
            yield Problem("sources", what, remedy)


def _is_guarded(source: SourceSection) -> bool:
    return bool(source.keys or source.signing or source.topics)


def _weak(settings: Settings, secrets: Secrets) -> Iterator[Problem]:
    named = ((var.WEBHOOK_KEY, settings.webhook_key), (var.API_TOKEN, settings.api_token))
    for variable, secret in named:
        if secret is not None and _is_short(secret, _SHORTEST_KEY):
            yield Problem(variable.name, f"it is shorter than {_SHORTEST_KEY} characters", f"make one: {NEW_KEY}")
    for name, keys in secrets.keys.items():
        if any(_is_short(key, _SHORTEST_KEY) for key in keys):
            what = f"a key of the source {name!r} is shorter than {_SHORTEST_KEY} characters"
            yield Problem("sources", what, f"make one: {NEW_KEY}")
    for name, key in secrets.heartbeats.items():
        if _is_short(key, _SHORTEST_KEY):
            what = f"the key of the heartbeat {name!r} is shorter than {_SHORTEST_KEY} characters"
            yield Problem("heartbeats", what, f"make one: {NEW_KEY}")
    for name, signing in secrets.signing.items():
        if any(_is_short(secret, _SHORTEST_KEY) for secret in signing):
            what = f"a signing secret of the source {name!r} is shorter than {_SHORTEST_KEY} characters"
            yield Problem("sources", what, f"make one, and set it on the sender's side too: {NEW_KEY}")
    for name, password in secrets.logins.items():
        if _is_short(password, _SHORTEST_PASSWORD):
            what = f"the password of {name!r} is shorter than {_SHORTEST_PASSWORD} characters"
            yield Problem("people", what, "choose a longer one")


def _links(settings: Settings) -> Iterator[Problem]:
    if not settings.public_url_is_given and settings.listen.is_everywhere:
        what = f"it is not set, so links would lead to {settings.public_url}"
        remedy = "set it to the address by which people reach Tocsin"
        yield Problem(var.PUBLIC_URL.name, what, remedy, is_warning=True)
    elif settings.chats.values and leads_here_only(settings.public_url):
        what = f"it is {settings.public_url}, which nobody else can open, so chats get no link to an incident's page"
        remedy = "set it to the address by which people reach Tocsin, if they are to reach its pages"
        yield Problem(var.PUBLIC_URL.name, what, remedy, is_warning=True)
    elif settings.is_exposed and settings.public_url.startswith("http://"):
        what = "it starts with http://, so passwords and keys travel in the open"
        yield Problem(var.PUBLIC_URL.name, what, "put a proxy with TLS in front and write https://", is_warning=True)


def _reason(settings: Settings) -> str:
    if not settings.listen.is_loopback:
        return f"{var.LISTEN.name} is {settings.listen}"
    return f"{var.PUBLIC_URL.name} is {settings.public_url}"


def _is_short(secret: SecretStr, least: int) -> bool:
    return len(secret.get_secret_value()) < least
