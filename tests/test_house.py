"""Rules for names, docstrings and sizes that hold in the whole tree."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("app", "engine", "widgets")
MAX_LINES, MAX_MODULES = 400, 17  # of a file; of a folder, `__init__` included
QUESTIONS = ("what", "who", "whom", "whose", "how", "which", "where", "why", "whether", "when")
GLOSSARY = ROOT / "docs" / "GLOSSARY.md"
PATHS = re.compile(r"`((?:app|engine|widgets|tests|resources|docs)/[\w./-]*\w)`")


def files() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def public_classes() -> Iterator[tuple[str, str]]:
    """(class, file) of all that stand at the top of a module."""
    for path in files():
        for node in tree_of(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                yield node.name, name_of(path)


def test_no_public_class_name_stands_twice():
    places = defaultdict[str, list[str]](list)
    for name, place in public_classes():
        places[name].append(place)
    assert not {name: found for name, found in places.items() if len(found) > 1}


def test_no_module_docstring_begins_with_a_question_word():
    first_words = {
        name_of(path): re.match(r"\w*", ast.get_docstring(tree_of(path)) or "") for path in files()
    }
    assert not [
        place
        for place, word in first_words.items()
        if word is not None and word[0].lower() in QUESTIONS
    ]


def test_every_package_says_in_one_sentence_what_lives_there():
    packages = [path for path in files() if path.name == "__init__.py"]
    sentences = {name_of(path): ast.get_docstring(tree_of(path)) or "" for path in packages}
    assert not {
        place: text
        for place, text in sentences.items()
        if not re.fullmatch(r"[A-Z.][^\n]*\.", text)
    }
    assert not [name_of(path) for path in packages if len(tree_of(path).body) != 1]


def test_no_folder_is_a_crowd():
    counts = defaultdict[str, int](int)
    for path in files():
        counts[name_of(path.parent)] += 1
    assert not {folder: count for folder, count in counts.items() if count > MAX_MODULES}


def test_no_file_is_long():
    lengths = {
        name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in files()
    }
    assert not {place: length for place, length in lengths.items() if length > MAX_LINES}


def test_every_class_of_the_glossary_exists():
    lines = GLOSSARY.read_text(encoding="utf-8").splitlines()
    terms = [line.split("|")[1] for line in lines if line.startswith("|")]
    named = {name for term in terms for name in re.findall(r"`([A-Z]\w+)`", term)}
    assert len(named) > 100
    assert named <= set(top_level_names())


def top_level_names() -> Iterator[str]:
    """Classes, and aliases of types."""
    yield from (name for name, _ in public_classes())
    for path in files():
        for node in tree_of(path).body:
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                yield node.target.id


def test_the_map_of_the_packages_is_complete():
    text = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    sentences = {
        f"- `{name_of(path.parent)}`: {ast.get_docstring(tree_of(path))}"
        for path in files()
        if path.name == "__init__.py"
    }
    assert sentences == {line for line in text.splitlines() if line.startswith("- `")}


def test_every_path_that_the_documents_name_exists():
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("findings/*.md")]
    named = {
        (document.name, path)
        for document in documents
        for path in PATHS.findall(document.read_text(encoding="utf-8"))
    }
    assert not [each for each in named if not (ROOT / each[1]).exists()]
