"""Sentences of the command line: none speaks of the window."""

import inspect

import pytest

from app.text.errors import downloads, server_jobs, servers
from app.text.errors.explain import explain
from app.text.errors.terminal import PHRASES, terminal_sentence
from engine import errors
from tests.app.text.test_explain import EXAMPLES

WINDOW = ("window", "settings", "tool", "brush", "menu", "diagnostics", "form of")


@pytest.mark.parametrize("kind", sorted(EXAMPLES, key=str), ids=lambda kind: kind.__name__)
def test_no_next_step_is_one_of_the_window(kind: type) -> None:
    sentence = terminal_sentence(kind(*EXAMPLES[kind]))
    if kind is not errors.ProjectUnreadable:  # the command line opens none
        assert not [word for word in WINDOW if word in sentence.lower()]


def test_limits_name_their_option() -> None:
    error = errors.ImageTooLarge(None, "pixels", 130_000_000, 120_000_000)
    assert "--max-megapixels" in terminal_sentence(error)
    assert "--max-megapixels" not in terminal_sentence(errors.ImageTooLarge(None, "side", 2, 1))


def test_the_phrases_are_those_of_messages() -> None:
    source = "".join(inspect.getsource(module) for module in (downloads, server_jobs, servers))
    source = source.replace('"\n        "', "")
    assert all(phrase in source for phrase in PHRASES)
    assert explain(errors.NothingSelected()).next_step != ""
