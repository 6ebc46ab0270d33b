import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app import selftest
from app.__main__ import main


@pytest.mark.slow  # the whole program in a process of its own; once is enough
def test_everything_works_in_this_installation(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    done = subprocess.run(
        [sys.executable, "-m", "app", f"--self-test={report}"],
        cwd=Path(selftest.__file__).parents[1],
        env=os.environ | {"LACUNA_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    found = json.loads(report.read_text())
    assert {check["name"]: check["ok"] for check in found["checks"]} == dict.fromkeys(
        selftest.CHECKS, True
    ), done.stderr
    assert done.returncode == 0
    assert found["ok"]


def test_a_failing_check_is_told_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails() -> selftest.Facts:
        raise OSError("no such thing")

    monkeypatch.setattr(selftest, "CHECKS", {"first": fails, "second": lambda: {"seen": 1}})
    assert main(["--self-test"]) == 1
    said = capsys.readouterr()
    checks = json.loads(said.out)["checks"]
    assert [check["ok"] for check in checks] == [False, True]
    assert "no such thing" in checks[0]["facts"]["error"]
    assert said.err.splitlines() == ["FAILED first", "ok     second"]
