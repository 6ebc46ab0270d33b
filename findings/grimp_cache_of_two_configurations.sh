#!/usr/bin/env bash
# Import contracts are judged by old imports when two configurations share a cache.
#
# grimp 3.19 (under import-linter 2.16). Its cache keeps the times of a package's files in one
# `<package>.meta.json`, and their imports in a file for each set of options. A run with other options
# (root packages, external packages) notes the new times; the next run with the first options then
# takes its own old imports for current ones. One would expect a changed file to be read again,
# whatever was run in between: that is what import-linter's page on caching promises.
#
# Lacuna has one configuration, in pyproject.toml. Try another one with `lint-imports --no-cache`.
#
# Output on 2026-11-30:
#     grimp 3.19: imports of pkg.a after its import was removed: ['pkg.b'] (fresh: [])
#
# Exit code: 0 as described, 1 not any more, 2 it could not be tried.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv" || exit 2
"$folder/venv/bin/python" -m pip install --quiet grimp==3.19 || exit 2
cd "$folder"
mkdir pkg
touch pkg/__init__.py pkg/b.py
echo "import pkg.b" > pkg/a.py
venv/bin/python - <<'PY'
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
PY
