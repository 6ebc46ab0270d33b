"""Docstrings of the engine: public functions on arrays say the shape, modules a noun.

A shape is a parenthesis of dimensions, as in "(H, W, 3) uint8 sRGB". A method that answers for a
Protocol of the engine has it there, so that every backend need not repeat it.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = sorted(path.parent.name for path in (ROOT / "engine").glob("*/__init__.py")) + sorted(
    path.name for path in (ROOT / "engine").glob("[a-z]*.py")
)
ARRAYS = {"Image", "Mask", "Native", "Floats", "NDArray"}
_WORD = "rows|columns|tokens|steps|count|nodes|members|height|width|side|length"
_SIDE = rf"(?:\d*[A-Za-z]\d?|\d+|\.\.\.|{_WORD}|[A-Z]{{3,}}(?:_[A-Z]+)*)(?: ?[-+*/] ?\w+)*"
QUESTIONS = re.compile(r"(What|Who|Whom|Whose|How|Which|Where|Why|Whether|When)\b")
SHAPE = re.compile(rf"\({_SIDE}(?:,|, {_SIDE}|\[, {_SIDE}\])+\)")


def trees(package: str) -> Iterator[tuple[Path, ast.Module]]:
    top = ROOT / "engine" / package
    for path in sorted(top.rglob("*.py")) if top.is_dir() else [top]:
        yield path, ast.parse(path.read_text("utf-8"))


def types_of(function: ast.FunctionDef) -> set[str]:
    """All names in the annotations of a signature; `Pil.Image` is no `Image`."""
    arguments = function.args
    annotations = [
        each.annotation for each in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    ]
    nodes = [node for node in [*annotations, function.returns] if node is not None]
    return {name.id for node in nodes for name in ast.walk(node) if isinstance(name, ast.Name)}


def is_protocol(node: ast.ClassDef) -> bool:
    return any(isinstance(base, ast.Name) and base.id == "Protocol" for base in node.bases)


def public(tree: ast.Module) -> Iterator[tuple[ast.ClassDef | None, ast.FunctionDef]]:
    """Public functions, and public methods with their class."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield None, node
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            for each in node.body:
                if isinstance(each, ast.FunctionDef) and not each.name.startswith("_"):
                    yield node, each


@cache
def promised() -> frozenset[tuple[str, tuple[str, ...]]]:
    """Name and parameters of each method of a Protocol that says its shape."""
    return frozenset(
        signature(function)
        for path in (ROOT / "engine").glob("*/__init__.py")
        for _, tree in trees(path.parent.name)
        for owner, function in public(tree)
        if owner and is_protocol(owner) and SHAPE.search(ast.get_docstring(function) or "")
    )


def signature(function: ast.FunctionDef) -> tuple[str, tuple[str, ...]]:
    return function.name, tuple(each.arg for each in function.args.args)


@pytest.mark.parametrize("package", PACKAGES)
def test_functions_on_arrays_say_the_shape(package: str) -> None:
    silent = [
        f"{path.relative_to(ROOT)}:{function.lineno} {function.name}"
        for path, tree in trees(package)
        for owner, function in public(tree)
        if types_of(function) & ARRAYS
        and not SHAPE.search(ast.get_docstring(function) or "")
        and not (owner and signature(function) in promised())
    ]
    assert silent == []


@pytest.mark.parametrize("package", PACKAGES)
def test_no_module_begins_with_a_question(package: str) -> None:
    asking = [
        str(path.relative_to(ROOT))
        for path, tree in trees(package)
        if QUESTIONS.match(ast.get_docstring(tree) or "")
    ]
    assert asking == []


@pytest.mark.parametrize(
    ("text", "is_shape"),
    [
        ("(H, W, 3) uint8", True),
        ("of (n,)", True),
        ("(2n+1, 2n+1)", True),
        ("(1, c, h / f, w / f) float32", True),
        ("(H, W[, C])", True),
        ("(H, W, ...)", True),
        ("(CHART_PX, CHART_PX, 3)", True),
        ("(He, Sun and Tang, 2010)", False),
        ("(sky, tree)", False),
        ("one (of them)", False),
    ],
)
def test_shapes_are_told_from_other_parentheses(text: str, is_shape: bool) -> None:
    assert bool(SHAPE.search(text)) == is_shape
