"""A file that is not YAML, or says more than a file should, is told in plain words; no word in it is guessed at."""

from pathlib import Path

import pytest

from bot.config.reading import read_path, read_text
from bot.config.tree import plant
from tests.config.files import SHAPE, told


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tocsin.yaml"


SYNTAX = [
    ("people:\n\t- {name: me}\n", "2:1: a tab stands where only spaces may; indent with spaces"),
    ("people: [{name: me}\n", "1:9: the [ that opens here is never closed; close it"),
    ("people:\n  - {name: me\n", "2:5: the { that opens here is never closed; close it"),
    ("people: [{name: me} {name: you}]\n", "1:21: the [ of line 1 is not closed before this, or a comma is missing"),
    ("organisation: {name: 'Acme}\n", "1:22: the quote that opens here is never closed; close it"),
    ("organisation: name: Acme\n", "1:19: a colon stands where no key can be; put the text in quotes, or indent it"),
    ("people:\n  - name: me\n   access: admin\n", "3:4: this line is indented unlike those above it; line it up"),
    ("people: []\n---\nteams: []\n", "2:1: a second document begins here; take the line '---' away"),
    ("people: [\n", "2:1: a value is missing before this; write it, or close the bracket"),
    ("people: [a]]\n", "1:12: this ] closes nothing; take it away, or open it with ["),
    ("people: {a: b}}\n", "1:15: this } closes nothing; take it away, or open it with {"),
    ("people: []\nteams\n", "2:1: a key has no colon after it; write 'key: value'"),
    ("organisation: {}\npeople: 'a' b\n", "2:13: a text follows where the value has ended; put all of it into one"),
    ("people: []\n...\nteams: []\n", "3:1: the document has ended above this; take the line '...' or '---' away"),
    ("organisation:\n  name: |x\n", "2:10: nothing may follow this sign; put the text in quotes"),
    ("people: *nobody\n", "1:9: this alias stands for nothing; define it above with &name, or write it out"),
    ("organisation: {name: @acme}\n", "1:22: a text can't begin with this sign; put the text in quotes"),
    ('organisation: {name: "a\\qb"}\n', "1:25: this backslash begins nothing that YAML knows; use single quotes"),
    ('organisation: {name: "\\UFFFFFFFF"}\n', "a \\U escape names no character; use single quotes around the text"),
    ("just a sentence\n", "1:1: the file holds no sections; begin with a section, for example 'people:'"),
    ("- people\n", "1:1: the file holds no sections; begin with a section, for example 'people:'"),
    ("people: []\npeople: []\n", "2:1: 'people' stands here a second time; the first is on line 1; keep one of them"),
    ("[a]: b\n", "1:1: a list or a section stands where a key belongs; write a word before the colon"),
    ("<<: {a: b}\n", "1:1: '<<' does not merge anything here; write the keys out"),
    ("organisation: {name: !!python/name:os.system x}\n", "1:22: tags such as !this mean nothing here; take the word"),
    ("people: []\x07\n", "1:11: an invisible control character stands here; delete it"),
    ("organisation: {name: a\u202eb}\n", "1:22: an invisible control character stands in this text; delete it"),
    ("a: &a [*a]\n", "1:4: sections within sections, or aliases, make this file too large; write it flatter"),
]


@pytest.mark.parametrize(("text", "sentence"), SYNTAX, ids=[repr(text) for text, _ in SYNTAX])
def test_broken_yaml_is_told_in_plain_words(path: Path, text: str, sentence: str) -> None:
    assert any(line.startswith(sentence) for line in told(path, text)), told(path, text)


def test_lists_in_lists_without_end_are_refused(path: Path) -> None:
    assert told(path, "[" * 3000) == ["lists stand in lists too many times; write it flatter"]


def test_aliases_can_not_make_a_small_file_large() -> None:
    bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
    )
    (problem,) = plant(bomb, "bomb.yaml").problems
    assert "too large" in problem.what


def test_a_file_that_is_far_too_long_is_not_read(path: Path) -> None:
    assert told(path, "# " + "x" * 1_000_001) == ["the file is over a million characters long; is it the right file?"]


def test_words_are_words_whatever_they_look_like() -> None:
    text = "organisation: {name: no}\nseverities: {on: SEV1, 09:00: SEV2, 1e3: SEV3, null: SEV4, 2026-01-01: SEV5}\n"
    file = read_text(text, "tocsin.yaml", SHAPE).file
    assert file is not None
    assert file.organisation.name == "no"
    assert list(file.severities) == ["on", "09:00", "1e3", "null", "2026-01-01"]


def test_a_section_whose_entries_are_all_comments_counts_as_left_out(path: Path) -> None:
    text = (
        "people: [{name: me, access: admin}]\npolicies: [{name: p, steps: [{page: [person:me]}]}]\nteams:\n  # - none\n"
    )
    assert told(path, text) == []


def test_aliases_stand_for_what_they_name(path: Path) -> None:
    text = (
        "people: [{name: a, access: admin}, {name: b}]\n"
        "teams: [{name: x, members: &all [a, b]}, {name: y, members: *all}]\n"
        "policies: [{name: p, steps: [{page: [team:x, team:y]}]}]\n"
    )
    assert told(path, text) == []


def test_a_file_may_begin_with_a_byte_order_mark(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbforganisation: {name: Acme}\n")
    assert read_path(path).problems == ()


def test_a_file_that_is_not_utf_8_is_told_with_its_line(path: Path) -> None:
    path.write_bytes(b"organisation:\n  name: Acm\xe9\n")
    (problem,) = read_path(path).problems
    assert str(problem) == f"{path}:2:1: the file is not UTF-8 from here on; save it as UTF-8"


def test_a_folder_or_a_missing_file_is_told(path: Path) -> None:
    (missing,) = read_path(path).problems
    assert str(missing) == f"{path}: it can't be read: No such file or directory; check its path and its permissions"
    (folder,) = read_path(path.parent).problems
    assert str(folder).startswith(f"{path.parent}: it can't be read: Is a directory")
