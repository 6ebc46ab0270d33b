"""What a terminal sees of a command that takes its time, and of its help."""

import io

import pytest

from app.cli.report import Console
from tests.app.cli.test_cli import lacuna


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_one_line_move(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = 0.0
    monkeypatch.setattr("app.cli.report.time.monotonic", lambda: now_s)
    terminal, pipe = Terminal(), io.StringIO()
    for stream in (terminal, pipe):
        console = Console(stream)
        console.start("[1/2] a.png")
        for step in range(11):
            now_s += 0.06
            console.report(step / 10, "fill")
        console.say("done")
    moves = terminal.getvalue().split("\r")
    assert sum("fill" in move for move in moves) == 6
    assert any("[1/2] a.png   50%" in move or "[1/2] a.png   60%" in move for move in moves)
    assert terminal.getvalue().endswith("done\n")
    assert pipe.getvalue() == "done\n"


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert lacuna("--version") == 0
    assert capsys.readouterr().out.startswith("lacuna ")
    assert lacuna("--help") == 0
    assert "lacuna remove photo.jpg" in capsys.readouterr().out
