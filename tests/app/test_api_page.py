"""The examples of docs/API.md, run in one session from an empty folder."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "API.md"


def test_the_page_runs_from_an_empty_folder(tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) > 8
    work = tmp_path / "empty"
    work.mkdir()
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "\n".join(blocks)],
        cwd=work,
        env=os.environ | {"PYTHONPATH": str(ROOT), "LACUNA_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "stopped" in done.stdout
    assert "there is no model for this" in done.stdout
    assert "give exactly one of" in done.stdout
    written = {path.name for path in work.iterdir()}
    assert {"clean.png", "clean.jpg", "mask.png", "clean-2.png"} < written
