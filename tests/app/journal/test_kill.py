"""kill -9 at any moment: the last whole edit comes back, files are old or new."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
KILLS = 50


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_50_kills_lose_nothing(tmp_path: Path):
    command = [
        sys.executable,
        "-m",
        "tests.app.journal.kill_session",
        str(tmp_path),
        str(KILLS),
        "2024",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    every = [json.loads(line) for line in done.stdout.splitlines()]
    assert [kill for kill in every if kill["wrong"]] == []
    kills = [kill for kill in every if kill["action"] != "paste"]
    assert (len(every), len(kills)) == (KILLS + KILLS // 5, KILLS)
    # most were in the middle of what they were meant for
    within = [kill for kill in kills if kill["ended"] == kill["index"] - 1]
    assert len(within) > KILLS // 2
    assert {"edit", "save", "export"} <= {kill["action"] for kill in within}
    pastes = [kill["based"] for kill in every if kill["action"] == "paste"]
    assert True in pastes
