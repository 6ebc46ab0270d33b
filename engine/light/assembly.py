"""Graphs that ship without weights, and whole models put together in memory from them.

A graph is `resources/graphs/NAME.onnx.gz`; `NAME.json` beside it has the tensors that it needs, by
the names and with the shapes of the official files.
"""

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np

from engine.errors import ModelUnreadable
from engine.jobs.operations import Floats
from engine.light.protobuf import external_initializer, initializer
from engine.models.safetensors_file import Arrays

EXTERNAL_BYTES = 1024  # tensors from this size on stay where they are


@dataclass(frozen=True, slots=True, eq=False)
class GraphSkeleton:
    """A graph without its weights."""

    name: str
    model: bytes  # ONNX
    shapes: Mapping[str, tuple[int, ...]]  # of the tensors it needs


@dataclass(frozen=True, slots=True, eq=False)
class AssembledModel:
    """A graph with its small tensors in it, and the others beside it: they are never copied."""

    model: bytes  # ONNX
    tensors: Mapping[str, Floats]


@cache
def skeleton(name: str) -> GraphSkeleton:
    """A graph of resources/graphs."""
    folder = files("resources") / "graphs"
    model = gzip.decompress((folder / f"{name}.onnx.gz").read_bytes())
    table = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    shapes = {each: tuple(sides) for each, sides in table["tensors"].items()}
    return GraphSkeleton(name, model, shapes)


def assembled(graph: GraphSkeleton, weights: Arrays, path: Path) -> AssembledModel:
    """The graph with its tensors as float32.

    Raises ModelUnreadable (keys) for the file at `path` when a tensor is missing or of another
    shape: nothing is made up.
    """
    wrong = [name for name, shape in graph.shapes.items() if _shape(weights, name) != shape]
    if wrong:
        raise ModelUnreadable(path, "keys", f"{len(wrong)}: {', '.join(sorted(wrong)[:3])}")
    parts, tensors = [graph.model], dict[str, Floats]()
    for name, shape in graph.shapes.items():
        values = np.ascontiguousarray(weights[name], "<f4")
        if values.nbytes < EXTERNAL_BYTES:
            parts.append(initializer(name, shape, values.tobytes()))
        else:
            parts.append(external_initializer(name, shape))
            tensors[name] = values.reshape(shape)
    return AssembledModel(b"".join(parts), tensors)


def _shape(weights: Arrays, name: str) -> tuple[int, ...] | None:
    return weights[name].shape if name in weights else None
