"""A line is read as its writer meant it, however hastily it was typed."""

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.forms import command_line
from bot.domain.refusal import Refusal
from handlers.grammar import YES, Arguments, Shape, number_of, read_arguments, read_line

PLAIN = Shape(options=("sev", "reason"), flags=("private", "quiet"))
PROSE = Shape(options=("at", "text"), prose_after=0)
IN_ROOM = Shape(options=("at", "text"), prose_after=0, ref_anywhere=False)
SEVERITY = Shape(options=("severity", "reason"), prose_after=1, bare_ref=False, ref_anywhere=False)


def read(tail: str, shape: Shape = PLAIN) -> Arguments:
    return read_arguments(tail, shape)


@pytest.mark.parametrize(
    ("line", "verb", "tail", "number"),
    [
        ("ack", "ack", "", None),
        ("  ACK  INC-42 ", "ack", "INC-42", None),
        ("/inc ack INC-42", "ack", "INC-42", None),
        ("/INC  ack", "ack", "", None),
        ("/inc@TocsinBot ack", "ack", "", None),
        ("/ack@TocsinBot INC-42", "ack", "INC-42", None),
        ("@tocsin ack", "ack", "", None),
        ("@Tocsin: ack", "ack", "", None),
        ("@tocsin, /inc ack", "ack", "", None),
        ("inc ack INC-42", "ack", "INC-42", None),
        ("Inc: ack", "ack", "", None),
        ("/inc inc ack", "ack", "", None),
        ("@tocsin incident list", "list", "", None),
        ("inc", "", "", None),
        ("incoming x", "incoming", "x", None),
        ("`list`", "list", "", None),
        ("`/inc ack INC-42`", "ack", "INC-42", None),
        ("/inc `ack INC-42`", "ack", "INC-42", None),
        ("```\nnote it is `df` again\n```", "note", "it is `df` again", None),
        ("``", "``", "", None),
        ("`note` it", "`note`", "it", None),
        ("Ack!", "ack", "", None),
        ("--help", "help", "", None),
        ("INC-42 ack", "ack", "", 42),
        ("#42: resolve it is over", "resolve", "it is over", 42),
        ("inc42", "status", "", 42),
        ("/inc", "", "", None),
        ("", "", "", None),
        (" \n\t", "", "", None),
        ("note\nfirst line\nsecond", "note", "first line\nsecond", None),
        ("/incident-room x", "incident-room", "x", None),
    ],
)
def test_a_line_has_a_verb(line: str, verb: str, tail: str, number: int | None) -> None:
    found = read_line(line)

    assert (found.verb, found.tail, found.number) == (verb, tail, number)


@pytest.mark.parametrize("word", ["INC-42", "inc42", "Inc-42", "inc_42", "#42", "INC-42,", "inc-0042", "#42."])
def test_an_incident_has_many_spellings(word: str) -> None:
    assert number_of(word) == 42


@pytest.mark.parametrize(
    "word", ["42", "INC", "INC-", "incident", "INC-4a", "xINC-42", "INC-٤٢", "INC--42", f"INC-{'9' * 19}"]
)
def test_other_words_name_no_incident(word: str) -> None:
    assert number_of(word) is None


@pytest.mark.parametrize(
    ("tail", "shape", "number", "words", "rest"),
    [
        ("INC-42", PLAIN, 42, (), ""),
        ("42", PLAIN, 42, (), ""),
        ("scribe @omar #42", PLAIN, 42, ("scribe", "@omar"), "scribe @omar"),
        ("42 scribe", PLAIN, 42, ("scribe",), "scribe"),
        ("scribe 42", PLAIN, None, ("scribe", "42"), "scribe 42"),
        ("INC-42 INC-42 x", PLAIN, 42, ("x",), "x"),
        ('"INC-42"', PLAIN, None, ("INC-42",), "INC-42"),
        ('"42"', PLAIN, None, ("42",), "42"),
        ("2 INC-42 because of INC-7", SEVERITY, 42, ("2", "because", "of", "INC-7"), "2 because of INC-7"),
        ("2 because of INC-7", SEVERITY, None, ("2", "because", "of", "INC-7"), "2 because of INC-7"),
        ("2", SEVERITY, None, ("2",), "2"),
        # Prose outside a room: what it names is meant, and stays a word of the sentence.
        ("same cause as INC-7", PROSE, 7, ("same", "cause", "as", "INC-7"), "same cause as INC-7"),
        ("INC-42 same cause as INC-7", PROSE, 42, ("same", "cause", "as", "INC-7"), "same cause as INC-7"),
        ("42", PROSE, 42, (), ""),
        ("42 nodes are back", PROSE, None, ("42", "nodes", "are", "back"), "42 nodes are back"),
        # Prose in an incident's room speaks of others without meaning them.
        ("same cause as INC-7", IN_ROOM, None, ("same", "cause", "as", "INC-7"), "same cause as INC-7"),
        ("INC-7 same cause", IN_ROOM, 7, ("same", "cause"), "same cause"),
        # A command that is about no incident has none.
        ("INC-42 42", Shape(takes_ref=False), None, ("INC-42", "42"), "INC-42 42"),
    ],
)
def test_the_incident_is_found_where_it_is_meant(
    tail: str, shape: Shape, number: int | None, words: tuple[str, ...], rest: str
) -> None:
    found = read(tail, shape)

    assert (found.number, found.words, found.rest) == (number, words, rest)


def test_two_incidents_at_once_are_refused() -> None:
    with pytest.raises(Refusal) as refused:
        read("INC-1 INC-2")

    assert (refused.value.key, refused.value.fields) == ("incident.two", {"first": "INC-1", "second": "INC-2"})


@pytest.mark.parametrize(
    ("tail", "words"),
    [
        ('"GPU nodes down" now', ("GPU nodes down", "now")),
        ("'GPU nodes down' now", ("GPU nodes down", "now")),
        ("“GPU nodes down” now", ("GPU nodes down", "now")),
        ("„GPU nodes down“ now", ("GPU nodes down", "now")),
        ("‘GPU nodes down’ now", ("GPU nodes down", "now")),
        ("«GPU nodes down» now", ("GPU nodes down", "now")),
        ('"say \\"hi\\" and \\\\"', ('say "hi" and \\',)),
        (r'"C:\temp and \d"', (r"C:\temp and \d",)),
        ('"two\nlines"', ("two\nlines",)),
        ("'it's broken' now", ("it's broken", "now")),
        ("'tis broken", ("'tis", "broken")),
        ("don't", ("don't",)),
        ("the 5\" disk's full", ("the", '5"', "disk's", "full")),
        ('""', ("",)),
        ('"never closed at all', ("never", "closed", "at", "all")),
        ("“never closed", ("never", "closed")),
        ('a "b c', ("a", "b", "c")),
        ('"', ('"',)),
        ('"a"b', ("a", "b")),
    ],
)
def test_quotes_hold_words_together(tail: str, words: tuple[str, ...]) -> None:
    assert read(tail).words == words


@pytest.mark.parametrize(
    ("tail", "options", "rest"),
    [
        ("GPU down --sev 2", {"sev": "2"}, "GPU down"),
        ("--sev=2 GPU down", {"sev": "2"}, "GPU down"),
        ('GPU --sev="2 or 3"  down', {"sev": "2 or 3"}, "GPU down"),
        ('GPU --reason "so many" down --private', {"reason": "so many", "private": YES}, "GPU down"),
        ("GPU --PRIVATE down", {"private": YES}, "GPU down"),
        ("--private=no GPU", {"private": "no"}, "GPU"),
        ("GPU —sev 2 — down", {"sev": "2"}, "GPU — down"),
        ("GPU –private", {"private": YES}, "GPU"),
        ("GPU —really", {}, "GPU —really"),
        ("--sev 2 --sev 3", {"sev": "3"}, ""),
        ("--sev= x", {"sev": ""}, "x"),
        ('"--sev" 2', {}, '"--sev" 2'),
        ("a -- b --5 c", {}, "a -- b --5 c"),
        ("--reason INC-42 x", {"reason": "INC-42"}, "x"),
        ("keeps  its   spaces\n\nand lines --sev 2", {"sev": "2"}, "keeps  its   spaces\n\nand lines"),
    ],
)
def test_options_are_taken_out_of_the_sentence(tail: str, options: dict[str, str], rest: str) -> None:
    found = read(tail)

    assert (found.options, found.rest) == (options, rest)


def test_a_sentence_may_hold_options_of_other_programs() -> None:
    found = read("ran kubectl drain --force=yes --now", PROSE)

    assert found.rest == "ran kubectl drain --force=yes --now"
    assert found.words == ("ran", "kubectl", "drain", "--force=yes", "--now")


@pytest.mark.parametrize(
    ("tail", "shape", "like"),
    [
        ("x --sevv 2", PLAIN, "--sev"),
        ("x --force", PLAIN, None),
        ("x --tekst y", PROSE, "--text"),
        ("x --serv y", Shape(options=("sev", "service")), "--service"),
        ("x --vis y", Shape(options=("sev", "visibility")), "--visibility"),
    ],
)
def test_an_option_that_is_unknown_or_misspelt_is_refused(tail: str, shape: Shape, like: str | None) -> None:
    with pytest.raises(Refusal) as refused:
        read(tail, shape)

    assert refused.value.key == "option.unknown"
    assert refused.value.fields["like"] == like


@pytest.mark.parametrize("tail", ["--sev", "--sev --private", "x --sev --reason why"])
def test_an_option_without_its_value_is_refused(tail: str) -> None:
    with pytest.raises(Refusal) as refused:
        read(tail)

    assert (refused.value.key, refused.value.fields) == ("option.value", {"given": "--sev"})


SHAPES = st.sampled_from([PLAIN, PROSE, IN_ROOM, SEVERITY, Shape(), Shape(takes_ref=False)])
TYPED = st.one_of(
    st.text(),
    st.lists(
        st.sampled_from(
            [
                '"',
                "'",
                "“",
                "”",
                "«",
                "‘",
                "--sev",
                "--",
                "=",
                "—at",
                "INC-4",
                "#4",
                "4",
                "\\",
                " ",
                "\n",
                "a",
                "--private",
            ]
        )
    ).map("".join),
)


@given(TYPED, SHAPES)
@example('\\"\\"\\"', PLAIN)
@example('--sev="', PLAIN)
def test_any_text_is_read_or_refused(text: str, shape: Shape) -> None:
    line = read_line(text)
    assert line.verb == line.verb.casefold()
    try:
        found = read(line.tail, shape)
    except Refusal:
        return
    assert set(found.options) <= {*shape.options, *shape.flags}
    assert found.rest == found.rest.strip()


@given(st.text().filter(lambda text: not set("\"“”„«»‘'-—–#") & set(text) and "inc" not in text.casefold()))
def test_a_sentence_without_marks_is_kept_as_it_was_typed(text: str) -> None:
    shape = Shape(takes_ref=False)

    assert read(text, shape).rest == text.strip()
    assert read(text, shape).words == tuple(text.split())


NAMES = st.from_regex(r"[a-z][a-z_-]{0,10}", fullmatch=True)


@given(st.dictionaries(NAMES, st.text(), max_size=4))
@example({"text": 'say "hi" \\'})
@example({"text": "--sev 2\nINC-7", "at": "“x”"})
@example({"text": '\\\\"'})
def test_an_answered_form_is_read_back_as_it_was_answered(answers: dict[str, str]) -> None:
    line = read_line(command_line("update INC-42", answers))
    found = read_arguments(line.tail, Shape(options=tuple(answers), prose_after=0))

    assert line.verb == "update"
    assert found.number == 42
    assert found.words == ()
    assert found.options == {name: answer for name, answer in answers.items() if answer}


@pytest.mark.parametrize("piece", ['" ', "' ", '\\" "', "« ", "'a'b", '--sev="', "‘a’b", '"\\', "--", "“ ", "INC-1 "])
def test_a_line_of_nothing_but_marks_is_read_or_refused(piece: str) -> None:
    with suppress(Refusal):
        read((piece * 4000)[:4000], PROSE)
