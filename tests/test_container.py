"""The container image and the Compose file, read as text: what they name must exist here.

No container engine is needed; what only a build can show is not claimed.
"""

import json
import re
import shlex
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.config.declared import every_variable
from integrations.chat.discovery import declared

ROOT = Path(__file__).resolve().parent.parent

ENVIRONMENT = frozenset(variable.name for variable in every_variable(declared()))


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction of the Dockerfile, its continuation lines joined; `stage` counts its FROM from 0."""

    stage: int
    word: str
    rest: str

    @property
    def arguments(self) -> list[str]:
        """The words of it, from the JSON form or from the shell form, without flags."""
        text = re.sub(r"^(--\S+\s+)+", "", self.rest)
        if text.startswith("["):
            return [str(word) for word in json.loads(text)]
        return shlex.split(text)


@pytest.fixture(scope="module")
def dockerfile() -> list[Instruction]:
    return list(instructions((ROOT / "Dockerfile").read_text()))


@pytest.fixture(scope="module")
def final(dockerfile: list[Instruction]) -> list[Instruction]:
    last = dockerfile[-1].stage
    return [instruction for instruction in dockerfile if instruction.stage == last]


@pytest.fixture(scope="module")
def compose() -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return loaded


def test_what_the_image_copies_is_in_the_repository_and_not_ignored(dockerfile: list[Instruction]) -> None:
    copied = [
        source
        for instruction in dockerfile
        if instruction.word == "COPY" and "--from=" not in instruction.rest
        for source in instruction.arguments[:-1]
    ]

    assert copied
    assert [source for source in copied if not (ROOT / source).exists()] == []
    assert [source for source in copied if is_ignored(source)] == []


def test_every_package_of_the_project_is_in_the_image(dockerfile: list[Instruction]) -> None:
    copied = {argument for one in dockerfile if one.word == "COPY" for argument in one.arguments}

    assert set(project()["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) <= copied


def test_what_the_image_installs_is_pinned_by_hash_or_built_from_here(dockerfile: list[Instruction]) -> None:
    installs = [
        command
        for instruction in dockerfile
        if instruction.word == "RUN"
        for command in instruction.rest.split("&&")
        if "pip install" in command
    ]

    assert installs
    assert all("--require-hashes" in command or "--no-deps /dist/" in command for command in installs)


def test_the_entry_point_is_a_script_that_the_project_declares(final: list[Instruction]) -> None:
    assert only(final, "ENTRYPOINT").arguments[0] in project()["project"]["scripts"]


def test_the_image_runs_as_a_user_without_rights(final: list[Instruction]) -> None:
    user = only(final, "USER").rest.partition(":")[0]

    assert user not in {"", "0", "root"}
    assert f"--uid {user}" in " ".join(one.rest for one in final if one.word == "RUN"), "the user is not made"


def test_what_tocsin_stores_outlives_the_container(final: list[Instruction]) -> None:
    assert only(final, "VOLUME").rest == only(final, "WORKDIR").rest == "/var/lib/tocsin"


def test_the_image_listens_where_its_port_and_its_health_check_expect(final: list[Instruction]) -> None:
    port = only(final, "EXPOSE").rest

    assert environment_of(final)["TOCSIN_LISTEN"] == f"0.0.0.0:{port}"
    assert "TOCSIN_LISTEN" in only(final, "HEALTHCHECK").rest


def test_the_health_check_is_python_that_compiles_and_asks_for_a_path_that_is_served(final: list[Instruction]) -> None:
    command = only(final, "HEALTHCHECK").rest.partition("CMD ")[2]
    program, flag, code = json.loads(command)
    path = re.search(r"'GET', '([^']+)'", code)

    assert (program, flag) == ("python", "-c")
    compile(code, "HEALTHCHECK", "exec")
    assert path is not None
    assert path[1] in served_paths()


def test_both_stages_stand_on_the_same_python_that_the_project_supports(dockerfile: list[Instruction]) -> None:
    bases = {one.rest.split()[0] for one in dockerfile if one.word == "FROM"}

    assert len(bases) == 1
    version = re.match(r"python:(3\.\d+)-slim", bases.pop())
    assert version is not None
    assert f"Programming Language :: Python :: {version[1]}" in project()["project"]["classifiers"]


def test_compose_starts_two_replicas_on_one_postgresql(compose: Mapping[str, Any]) -> None:
    replicas = [compose["services"][name] for name in ("tocsin-a", "tocsin-b")]
    urls = {replica["environment"]["TOCSIN_DATABASE_URL"] for replica in replicas}

    assert len(urls) == 1
    assert re.fullmatch(r"postgresql://tocsin:\$\{POSTGRES_PASSWORD:\?.*\}@postgres:5432/tocsin", urls.pop())
    assert len({port for replica in replicas for port in replica["ports"]}) == 2


def test_compose_and_image_name_only_what_tocsin_or_the_example_reads(
    compose: Mapping[str, Any], final: list[Instruction]
) -> None:
    named = {name for service in tocsins(compose) for name in service["environment"]}
    named |= {name for name in environment_of(final) if name.startswith("TOCSIN_")}

    assert named <= ENVIRONMENT | named_by_the_example()
    assert named >= named_by_the_example()


def test_compose_holds_no_secret_and_refuses_to_start_without(compose: Mapping[str, Any]) -> None:
    for service in tocsins(compose):
        for name in ("TOCSIN_SECRET_KEY", "TOCSIN_API_TOKEN", "TOCSIN_WEBHOOK_KEY", "TOCSIN_PUBLIC_URL"):
            assert re.fullmatch(rf"\$\{{{name}:\?.+\}}", service["environment"][name])
    assert compose["services"]["postgres"]["environment"]["POSTGRES_PASSWORD"].startswith("${POSTGRES_PASSWORD:?")


def test_compose_waits_for_services_that_it_defines(compose: Mapping[str, Any]) -> None:
    services = compose["services"]

    for service in services.values():
        for name, after in service.get("depends_on", {}).items():
            assert name in services
            if after["condition"] == "service_healthy":
                assert "test" in services[name]["healthcheck"]


def test_compose_gives_replicas_no_more_rights_than_they_need(compose: Mapping[str, Any]) -> None:
    for service in tocsins(compose):
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


def instructions(text: str) -> Iterator[Instruction]:
    stage = -1
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for logical in re.sub(r"\\\n", " ", "\n".join(lines)).splitlines():
        if logical.strip():
            word, _, rest = logical.strip().partition(" ")
            stage += word == "FROM"
            yield Instruction(stage, word, " ".join(rest.split()) if word != "HEALTHCHECK" else rest.strip())


def only(stage: list[Instruction], word: str) -> Instruction:
    (found,) = [instruction for instruction in stage if instruction.word == word]
    return found


def environment_of(stage: list[Instruction]) -> Mapping[str, str]:
    pairs = [pair.partition("=") for one in stage if one.word == "ENV" for pair in one.arguments]
    return {name: value for name, _, value in pairs}


def is_ignored(source: str) -> bool:
    """Tell whether .dockerignore, of which the last line that matches wins, keeps `source` out."""
    ignored = False
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.removeprefix("!")
        parents = [source, *(str(parent) for parent in Path(source).parents)]
        if pattern and not line.startswith("#") and any(fnmatch(path, pattern) for path in parents):
            ignored = not line.startswith("!")
    return ignored


def project() -> Mapping[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def named_by_the_example() -> set[str]:
    """The variables after `env:` in the example, in what is commented out too; NAME stands for any."""
    return set(re.findall(r"\benv:([A-Z_]+)", (ROOT / "tocsin.example.yaml").read_text())) - {"NAME"}


def tocsins(compose: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [service for service in compose["services"].values() if service.get("image") == "tocsin"]


def served_paths() -> frozenset[str]:
    """The fixed paths that the web handlers name, read from their source so that no server has to start."""
    sources = "\n".join(path.read_text() for path in (ROOT / "handlers" / "web").rglob("*.py"))
    return frozenset(re.findall(r'"(/[a-z]+)"', sources))
