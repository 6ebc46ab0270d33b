"""What every command of the command line begins and ends with: its words, and its exit code."""

import argparse
import sys
from collections.abc import Sequence

DONE, SOME_FAILED, WRONG_USE, INTERRUPTED = 0, 1, 2, 130


def parsed(
    parser: argparse.ArgumentParser, words: Sequence[str]
) -> tuple[argparse.Namespace | None, int]:
    """The arguments; None where the parser has said all there is to say, with the exit code."""
    try:
        return parser.parse_args(words), DONE
    except SystemExit as stop:
        return None, DONE if stop.code is None else int(stop.code)


def helped(parser: argparse.ArgumentParser) -> int:
    """No verb was given: say which there are."""
    parser.print_help(sys.stderr)
    return WRONG_USE
