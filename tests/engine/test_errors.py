"""The tree of errors in the docstring of `engine.errors` is the tree of the classes."""

import importlib
import pkgutil

import engine
from engine import errors

INDENT = 4


def drawn() -> set[tuple[str, str]]:
    """(error, parent) as the docstring has them."""
    pairs, above = set[tuple[str, str]](), list[str]()
    for line in (errors.__doc__ or "").splitlines()[1:]:
        if line.strip():
            depth, name = (len(line) - len(line.lstrip())) // INDENT, line.split()[0]
            above[depth:] = [name]
            if depth:
                pairs.add((name, above[depth - 1]))
    return pairs


def defined() -> set[tuple[str, str]]:
    """(error, parent) of every class, also of those outside of `engine.errors`."""
    for module in pkgutil.walk_packages(engine.__path__, "engine."):
        if module.name.endswith("errors"):
            importlib.import_module(module.name)
    pairs, todo = {("Cancelled", "Exception"), ("EngineError", "Exception")}, [errors.EngineError]
    for parent in todo:
        todo.extend(parent.__subclasses__())
        pairs.update(
            (each.__name__, parent.__name__)
            for each in parent.__subclasses__()
            if each.__module__.startswith(("engine", "app"))
        )
    return pairs


def test_the_docstring_draws_all_errors() -> None:
    assert drawn() == defined()
