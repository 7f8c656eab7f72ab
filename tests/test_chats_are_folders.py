"""Adding a chat is adding its folder: nothing outside of it names a chat, and whatever it declares takes its place."""

import sys
from pathlib import Path

import aiohttp
import pytest

from bot.config.declared import Declaration
from integrations.chat.discovery import BUILT_IN, discover
from integrations.chat.slack import declaration as slack
from integrations.chat.slack.needs import PATH as SLACK
from integrations.chat.telegram import declaration as telegram
from integrations.chat.telegram.webhook import PATH as TELEGRAM
from tests.counterparts.program import Program, becomes_ready, free_port, until
from tests.counterparts.tocsin import REPOSITORY

CODE = ("bot", "handlers", "integrations", "storage")

# Each exception says why.
NAMED = {
    "bot/wording/locales/messages.pot": "written for translators from every sentence, those of chats among them",
}

DROPPED_IN = REPOSITORY / "tests" / "fakes" / "dropped_in"
PROGRAM = f"""\
import sys, integrations.chat
integrations.chat.__path__.append({str(DROPPED_IN)!r})
from bot.cli import main
sys.exit(main())
"""
FILE = """\
people:
  - {name: amira, access: admin, pigeon: DV-7}
policies: [{name: all, steps: [{page: ["person:amira"]}]}]
chat: {pigeon: {corn: barley}}
"""


def test_nothing_outside_its_folder_names_a_chat() -> None:
    names = [name for name in discover() if name != BUILT_IN]
    assert {"slack", "telegram"} <= set(names)
    naming = set()
    for path in (path for package in CODE for path in (REPOSITORY / package).rglob("*")):
        if not path.is_file() or "__pycache__" in path.parts:
            continue
        place = path.relative_to(REPOSITORY)
        text = path.read_text(encoding="utf-8", errors="replace").casefold()
        others = [name for name in names if f"integrations/chat/{name}" not in str(place)]
        if any(name in text or name in str(place) for name in others):
            naming.add(str(place))

    assert naming == set(NAMED)


class Dropped:
    """A Tocsin into whose `integrations/chat` somebody has put the folder `pigeon`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.loft = folder / "loft"
        self.loft.mkdir()
        (folder / "tocsin.yaml").write_text(FILE)
        self.port = free_port()
        self.env = {
            "PYTHONPATH": str(REPOSITORY),
            "TOCSIN_LISTEN": f"127.0.0.1:{self.port}",
            "TOCSIN_PIGEON_LOFT": str(self.loft),
            "TOCSIN_PIGEON_WHISTLE": "coo-12345",
        }

    def program(self, *words: str, **env: str) -> Program:
        log = self.folder / f"{words[0]}.log"
        log.unlink(missing_ok=True)
        return Program([sys.executable, "-c", PROGRAM, *words], self.folder, log, env={**self.env, **env})

    def says(self, *words: str, **env: str) -> tuple[int, str]:
        """Run one verb to its end; its exit code and what it printed."""
        program = self.program(*words, **env)
        return program.run(), program.says()


@pytest.fixture
def dropped(tmp_path: Path) -> Dropped:
    return Dropped(tmp_path)


def test_its_settings_and_its_keys_of_the_file_are_read_and_checked(dropped: Dropped) -> None:
    code, said = dropped.says("check")
    # A chat of others has no use for links to this machine, whatever the chat.
    about_links, verdict, *_ = said.splitlines()
    assert (code, verdict.partition(":")[0]) == (0, "This file can be used")
    assert about_links.startswith("TOCSIN_PUBLIC_URL: warning: it is http://127.0.0.1")
    assert said.count("warning") == 1

    code, said = dropped.says("check", TOCSIN_PIGEON_LOFT="attic", TOCSIN_PIGEON_WHISTLE="", TOCSIN_PIGEON_LOFTS="/a")
    assert code == 1
    assert "TOCSIN_PIGEON_LOFT: it is no place that a pigeon finds; write a path" in said
    assert "TOCSIN_PIGEON_LOFT: pigeons need a loft and a whistle; set both, or neither" in said
    assert "TOCSIN_PIGEON_LOFTS: warning: Tocsin has no such variable; did you mean TOCSIN_PIGEON_LOFT?" in said

    twice = "  - {name: omar, pigeon: dv-7}\n  - {name: lena, pigeon: DV-7}\npolicies"
    (dropped.folder / "tocsin.yaml").write_text(FILE.replace("policies", twice).replace("corn", "korn"))
    code, said = dropped.says("check")
    assert code == 1
    assert "tocsin.yaml:3:26: no ring says this; read it from the pigeon's leg: DV-1" in said
    assert "this Pigeon account belongs to another person, on line 2" in said
    assert "unknown key 'korn'; did you mean 'corn'?" in said


def test_the_doctor_examines_it_and_its_tokens_are_hidden(dropped: Dropped) -> None:
    assert "ok       pigeon: the loft is there, for amira" in dropped.says("doctor")[1]

    _, said = dropped.says("doctor", TOCSIN_PIGEON_LOFT="/nowhere")
    assert "problem  chat: it can't be examined (no loft, and nobody hears **********, which is ***)" in said


def test_its_word_of_the_command_line_and_its_sentences_are_there(dropped: Dropped) -> None:
    assert dropped.says("feed", "12") == (0, "12 grains of barley\n")
    assert dropped.program("wording").run() == 0
    assert "pigeon.coo  Coo.\n" in (dropped.folder / "wording.log").read_text()


async def test_incidents_and_pages_reach_it_and_its_door_is_open_to_programs(dropped: Dropped) -> None:
    exposed = {
        "TOCSIN_PUBLIC_URL": "https://tocsin.example",
        "TOCSIN_API_TOKEN": "a-token-that-is-long-enough",
        "TOCSIN_WEBHOOK_KEY": "a-key-that-is-long-enough",
        "TOCSIN_SECRET_KEY": "k" * 32,
        "AMIRA": "a-password",
    }
    (dropped.folder / "tocsin.yaml").write_text(FILE.replace("DV-7", 'DV-7, login: "env:AMIRA"'))
    program = dropped.program("run", **exposed)
    program.start()
    url = f"http://127.0.0.1:{dropped.port}"
    try:
        assert await becomes_ready(program, f"{url}/healthz"), program.says()
        async with aiohttp.ClientSession(url, headers={"Host": "whatever.example"}) as session:
            async with session.post("/pigeon/landing") as response:
                assert (response.status, await response.text()) == (200, "Coo.")
            body, key = {"title": "It burns", "severity": "critical"}, {"X-Tocsin-Key": exposed["TOCSIN_WEBHOOK_KEY"]}
            async with session.post("/webhooks/generic", json=body, headers=key) as response:
                assert response.status == 202

        async def has_carried() -> bool:
            carried = dropped.loft / "carried.txt"
            lines = carried.read_text().splitlines() if carried.exists() else []
            return {"OpenRoom to all for barley", "Direct to DV-7 for barley"} <= set(lines)

        await until(has_carried)
    finally:
        program.stop()


@pytest.mark.parametrize(("declared", "path"), [(slack.DECLARATION, SLACK), (telegram.DECLARATION, TELEGRAM)])
def test_a_chat_is_called_behind_the_doors_that_it_declares(declared: Declaration, path: str) -> None:
    assert any(path.startswith(f"{door}/") for door in declared.doors)
