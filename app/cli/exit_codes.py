"""The exit codes of all commands, and the errors that lead to them."""

from collections.abc import Callable, Collection, Sequence

from app.cli.report import Console
from app.text.errors.terminal import terminal_sentence
from engine.errors import EngineError

DONE, SOME_FAILED, WRONG_USE, INTERRUPTED = 0, 1, 2, 130


class UsageError(Exception):
    """Arguments that do not go together or cannot be used; the text says how they would."""


def of_statuses(statuses: Collection[str]) -> int:
    """The code of a command that worked on several files or models."""
    if "interrupted" in statuses:
        return INTERRUPTED
    return SOME_FAILED if "failed" in statuses else DONE


def guarded(
    console: Console,
    command: str,
    work: Callable[[], int],
    *,
    wrong_use: tuple[type[EngineError], ...] = (),
    hints: Callable[[EngineError], Sequence[str]] = lambda _: (),
) -> int:
    """Do the work and return its exit code; say the errors that end it.

    Errors of the types `wrong_use` are mistakes in the arguments; `hints` are lines below an error.
    """
    try:
        return work()
    except UsageError as error:
        console.say(f"lacuna {command}: {error}")
        return WRONG_USE
    except EngineError as error:
        for line in (terminal_sentence(error), *hints(error)):
            console.say(line)
        return WRONG_USE if isinstance(error, wrong_use) else SOME_FAILED
    except KeyboardInterrupt:
        console.say("Interrupted.")
        return INTERRUPTED
