"""`tocsin check` and `tocsin doctor` tell what a start would meet, and leave nothing to be guessed."""

# ruff: noqa: ASYNC240 - writing a small file between two awaits holds nobody up here

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from bot.config import report
from bot.config.file import File
from bot.config.finding import Finding, well
from bot.config.settings import Settings
from tests.config.files import CHATS, ENVIRONMENT, EXAMPLE, RIGHT

check_text = partial(report.check_text, chats=CHATS)

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
FREE = {**ENVIRONMENT, "TOCSIN_LISTEN": "127.0.0.1:0"}


async def right_key(settings: Settings) -> Finding:
    return well("secret key", f"it opens what is in {settings.database_url}")


doctor_text = partial(report.doctor_text, chats=CHATS, key=right_key)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "tocsin.yaml"
    path.write_text(RIGHT)
    return path


async def right_time(url: str) -> datetime:
    assert url.startswith("sqlite:")
    return datetime.now(UTC)


async def nothing_pending(url: str) -> Sequence[str]:
    assert url.startswith("sqlite:")
    return ()


def test_a_right_file_is_summed_up_with_who_is_on_call_and_who_is_paged_first(path: Path) -> None:
    code, text = check_text(path, ENVIRONMENT, kinds={"alertmanager": ()}, at=AT)
    assert code == 0
    assert text.splitlines() == [
        "This file can be used: 2 people, 2 services, 1 schedule, 2 policies, 1 source.",
        "On call at 2026-11-22 16:00 Asia/Dubai:",
        "  ml-primary: omar, until 2026-11-23 09:00 Asia/Dubai",
        "Paged first:",
        "  ml-oncall: omar",
        "  quiet: amira",
    ]


def test_the_example_is_right_as_it_stands() -> None:
    code, text = check_text(EXAMPLE, ENVIRONMENT, kinds={"alertmanager": ()}, at=AT)
    assert code == 0
    assert "warning" not in text


def test_a_wrong_file_is_told_line_by_line_and_fails(path: Path) -> None:
    path.write_text(RIGHT.replace("repeat: 2", "reapeat: 2").replace("[amira, omar], lead", "[amira, omra], lead"))
    code, text = check_text(path, ENVIRONMENT, at=AT)
    assert code == 1
    assert text.splitlines() == [
        f"{path}:6:42: there is no person 'omra'; did you mean 'omar'?",
        f"{path}:17:5: unknown key 'reapeat'; did you mean 'repeat'?",
        "2 problems: Tocsin would not start like this.",
    ]


def test_the_environment_is_checked_with_the_file_and_told_once(path: Path) -> None:
    env = {**ENVIRONMENT, "TOCSIN_LISTEN": "0.0.0.0:80", "TOCSIN_API_TOKEN": "a b", "TOCSIN_PUBLIC_UR": "x"}
    code, text = check_text(path, env, at=AT)
    assert code == 1
    assert [line.partition(":")[0] for line in text.splitlines()] == [
        "TOCSIN_API_TOKEN",
        "TOCSIN_PUBLIC_UR",
        "TOCSIN_SECRET_KEY",
        "TOCSIN_PUBLIC_URL",
        "2 problems",
    ]


def test_a_variable_that_the_file_refers_to_is_not_called_unknown(path: Path) -> None:
    path.write_text(RIGHT.replace("AMIRA_PASSWORD", "TOCSIN_AMIRA"))
    code, text = check_text(path, {**ENVIRONMENT, "TOCSIN_AMIRA": "password"}, at=AT)
    assert (code, "TOCSIN_AMIRA" in text) == (0, False)


def test_without_a_file_the_default_organisation_is_summed_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code, text = check_text(None, {}, at=AT)
    assert code == 0
    assert text.startswith("There is no file, so the default organisation is used: 1 person, no services, 1 schedule")
    assert text.endswith("Paged first:\n  call-me: me")


def test_a_first_step_that_pages_nobody_yet_is_passed_over_and_said(path: Path) -> None:
    path.write_text(
        "people: [{name: me, access: admin}]\n"
        "schedules: [{name: later, layers: [{name: a, people: [me], every: 1d, handoff: 2199-01-01}]}]\n"
        "policies:\n"
        "  - {name: late, steps: [{page: [schedule:later]}, {page: [person:me]}]}\n"
        "  - {name: void, steps: [{page: [schedule:later]}]}\n"
    )
    _, text = check_text(path, {}, at=AT)
    assert "  later: nobody, until 2199-01-01 00:00 UTC" in text
    assert "  late: me (by step 2: nobody is there before)" in text
    assert "  void: nobody, at this moment" in text


async def test_doctor_finds_a_healthy_tocsin_healthy(path: Path) -> None:
    code, text = await doctor_text(FREE, database=right_time, pending=nothing_pending, path=path)
    assert code == 0
    assert text.splitlines() == [
        f"ok       configuration: {path} and the environment fit together",
        "ok       exposure: only this machine can reach http://127.0.0.1:0",
        "ok       database: it answers",
        "ok       migrations: all are applied",
        "ok       clock: it agrees with the database's",
        "ok       secret key: it opens what is in sqlite:///var/tocsin.sqlite3",
        "ok       port: the system chooses one",
        "no problems, no warnings.",
    ]


@pytest.mark.parametrize(
    ("variable", "value", "examined"),
    [
        ("TOCSIN_DATABASE_URL", "mysql://x", ["exposure", "port"]),
        ("TOCSIN_LISTEN", "nowhere", ["database", "migrations", "clock", "secret"]),
        ("TOCSIN_PUBLIC_URL", "nowhere", ["database", "migrations", "clock", "secret", "port"]),
    ],
)
async def test_doctor_does_not_call_well_what_stands_in_for_a_wrong_variable(
    path: Path, variable: str, value: str, examined: list[str]
) -> None:
    env = {**FREE, variable: value}
    code, text = await doctor_text(env, database=right_time, pending=nothing_pending, path=path)
    assert code == 1
    assert f"problem  {variable}: " in text
    well = [line.split()[1].rstrip(":") for line in text.splitlines() if line.startswith("ok ")]
    assert well == examined


async def test_doctor_tells_each_mistake_of_the_file(path: Path) -> None:
    path.write_text("people: [{name: me, acess: admin}]\n")
    code, text = await doctor_text(FREE, database=right_time, pending=nothing_pending, path=path)
    assert code == 1
    assert f"problem  {path}:1:21: unknown key 'acess'; did you mean 'access'?" in text
    assert "fit together" not in text


async def test_doctor_tells_of_migrations_to_apply(path: Path) -> None:
    async def two(_url: str) -> Sequence[str]:
        return ("0001", "0002")

    code, text = await doctor_text(FREE, database=right_time, pending=two, path=path)
    assert code == 0
    assert "warning  migrations: 2 migrations to apply; run 'tocsin migrate'" in text


@pytest.mark.parametrize(
    ("ahead", "words"),
    [(timedelta(minutes=5), "this machine is 5m behind"), (timedelta(minutes=-5), "this machine is 5m ahead of")],
)
async def test_doctor_tells_of_a_clock_that_is_wrong(path: Path, ahead: timedelta, words: str) -> None:
    async def wrong_time(_url: str) -> datetime:
        return datetime.now(UTC) + ahead

    _, text = await doctor_text(FREE, database=wrong_time, pending=nothing_pending, path=path)
    assert f"warning  clock: {words}" in text
    assert "(NTP)" in text


async def test_doctor_survives_a_database_that_raises_and_hides_its_password(path: Path) -> None:
    async def unreachable(_url: str) -> datetime:
        raise RuntimeError("no route to postgresql://tocsin:hunter2@db/tocsin\nand a second line")

    code, text = await doctor_text(FREE, database=unreachable, pending=nothing_pending, path=path)
    assert code == 1
    assert "problem  database: the database can't be used (no route to postgresql://***@db/tocsin); see that" in text
    assert "hunter2" not in text


@pytest.fixture
async def answering() -> AsyncIterator[dict[bytes, int]]:
    """Servers on loopback, by what they answer; an empty answer is a program that says nothing and hangs up."""
    servers = {}
    for answer in (b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 404 Not Found\r\n\r\n", b"SSH-2.0-OpenSSH\r\n", b""):

        async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: bytes = answer) -> None:
            if answer:
                await reader.readline()
            writer.write(answer)
            await writer.drain()
            writer.close()

        servers[answer] = await asyncio.start_server(reply, "127.0.0.1", 0)
    yield {answer: server.sockets[0].getsockname()[1] for answer, server in servers.items()}
    for server in servers.values():
        server.close()
        await server.wait_closed()


async def test_doctor_knows_tocsin_from_another_program_on_its_port(path: Path, answering: dict[bytes, int]) -> None:
    for answer, port in answering.items():
        env = {**ENVIRONMENT, "TOCSIN_LISTEN": f"127.0.0.1:{port}"}
        code, text = await doctor_text(env, database=right_time, pending=nothing_pending, path=path)
        if b"200" in answer:
            assert (code, f"ok       port: Tocsin answers on 127.0.0.1:{port}" in text) == (0, True)
        else:
            told = f"problem  port: another program answers on 127.0.0.1:{port}; stop it, or give Tocsin another port"
            assert (code, told in text) == (1, True), text


async def test_doctor_finds_a_port_free_when_nobody_answers(path: Path, answering: dict[bytes, int]) -> None:
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    env = {**ENVIRONMENT, "TOCSIN_LISTEN": f"127.0.0.1:{port}"}
    _, text = await doctor_text(env, database=right_time, pending=nothing_pending, path=path)
    assert f"ok       port: 127.0.0.1:{port} is free" in text


async def test_doctor_tells_what_each_chat_finds_and_survives_one_that_raises(path: Path) -> None:
    async def talkative(_settings: Settings, _file: File) -> Sequence[Finding]:
        return (well("slack", "the token works"),)

    async def broken(_settings: Settings, _file: File) -> Sequence[Finding]:
        raise OSError("no route to xoxb-1-secret")

    code, text = await doctor_text(
        FREE, database=right_time, pending=nothing_pending, ask=(broken, talkative), path=path
    )
    assert code == 1
    assert "problem  chat: it can't be examined (no route to ***); see that this machine reaches it" in text
    assert "ok       slack: the token works" in text
