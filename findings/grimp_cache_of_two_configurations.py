"""Import contracts are judged by old imports when two configurations share a cache.

grimp 3.19 (under import-linter 2.16). Its cache keeps the times of a package's files in one
`<package>.meta.json`, and their imports in a file for each set of options. A run with other options
(root packages, external packages) notes the new times; the next run with the first options then
takes its own old imports for current ones. One would expect a changed file to be read again,
whatever was run in between: that is what import-linter's page on caching promises.

Lacuna has one configuration, in pyproject.toml. Try another one with `lint-imports --no-cache`.

Output on 2026-11-30:
    grimp 3.19: imports of pkg.a after its import was removed: ['pkg.b'] (fresh: [])
"""

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

PINNED = "grimp==3.19"
PROGRAM = """
import os, sys
from importlib.metadata import version
import grimp

def imports(**options):
    graph = grimp.build_graph("pkg", cache_dir="cache", **options)
    return sorted(graph.find_modules_directly_imported_by("pkg.a"))

imports()
imports(include_external_packages=True)
with open("pkg/a.py", "w") as file:
    file.write("")
os.utime("pkg/a.py", (2_000_000_000, 2_000_000_000))
imports(include_external_packages=True)
cached, fresh = imports(), sorted(
    grimp.build_graph("pkg", cache_dir=None).find_modules_directly_imported_by("pkg.a")
)
print(f"grimp {version('grimp')}: imports of pkg.a after its import was removed:", end=" ")
print(f"{cached} (fresh: {fresh})")
sys.exit(0 if cached != fresh else 1)
"""


def main() -> int:
    """0: as described; 1: not any more; 2: it could not be tried."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        venv.create(folder / "venv", with_pip=True)
        python = folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
        install = [python, "-m", "pip", "install", "--quiet", PINNED]
        if subprocess.run(install, check=False).returncode:
            return 2
        package = folder / "pkg"
        package.mkdir()
        for file, text in (("__init__", ""), ("a", "import pkg.b\n"), ("b", "")):
            (package / f"{file}.py").write_text(text)
        return subprocess.run([python, "-c", PROGRAM], cwd=folder, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
