"""Exports the graphs of resources/graphs from the modules of transformers and spandrel.

    python -m tests.engine.light.export_light [NAME ...]

A graph is ONNX without its weights: the names of its initializers are the names of the tensors in
the official files, their shapes stand in the table beside it.
"""

import gzip
import logging
import sys
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import onnx
import torch

from tests.engine.light.networks import GRAPHS, Graph

FOLDER = Path(__file__).resolve().parents[3] / "resources" / "graphs"
OPSET = 20


class Exported(NamedTuple):
    skeleton: bytes  # ONNX without initializers
    table: dict[str, Any]


def exported(graph: Graph) -> Exported:
    """The graph without weights, and the table of the tensors that it needs."""
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            graph.module,
            tuple(graph.inputs.values()),
            input_names=list(graph.inputs),
            output_names=list(graph.outputs),
            dynamic_shapes={n: graph.dynamic.get(n) for n in graph.inputs}
            if graph.dynamic
            else None,
            opset_version=OPSET,
            dynamo=True,
            optimize=False,  # which would fold weights into each other
            verbose=False,
        )
    assert program is not None
    return _stripped(program.model_proto, graph.module.state_dict())


def _stripped(model: Any, weights: dict[str, torch.Tensor]) -> Exported:
    _without_zero_biases(model)
    shapes: dict[str, list[int]] = {}
    for tensor in model.graph.initializer:
        assert list(weights[tensor.name].shape) == list(tensor.dims), tensor.name
        shapes[tensor.name.removeprefix("m.")] = list(tensor.dims)
    for node in model.graph.node:
        node.input[:] = [name.removeprefix("m.") for name in node.input]
        del node.metadata_props[:]
        node.doc_string = ""
    for value in (*model.graph.input, *model.graph.output):
        del value.metadata_props[:]
    for left_over in ("initializer", "value_info", "metadata_props"):
        del getattr(model.graph, left_over)[:]
    del model.metadata_props[:]
    made_with = f"torch {str(torch.__version__).partition('+')[0]}, opset {OPSET}"
    return Exported(
        model.SerializeToString(deterministic=True), {"made_with": made_with, "tensors": shapes}
    )


def _without_zero_biases(model: Any) -> None:
    """Convolutions without a bias get none.

    The exporter gives them zeros that it computes from the input: onnxruntime, which cannot know
    that they are constant, then neither folds the batch normalisation nor lays the planes out for
    the processor.
    """
    made = {name: node for node in model.graph.node for name in node.output}
    for node in model.graph.node:
        if node.op_type == "Conv" and len(node.input) == 3 and _is_zero(made, node.input[2]):
            del node.input[2]
    wanted = {value.name for value in model.graph.output}
    used: list[Any] = []
    for node in reversed(model.graph.node):
        if not wanted.isdisjoint(node.output):
            used.append(node)
            wanted.update(node.input)
    kept = [type(node).FromString(node.SerializeToString()) for node in reversed(used)]
    del model.graph.node[:]
    model.graph.node.extend(kept)


def _is_zero(made: dict[str, Any], name: str) -> bool:
    node = made.get(name)
    if node is None:
        return False
    if node.op_type == "Constant":
        values = [onnx.numpy_helper.to_array(a.t) for a in node.attribute if a.name == "value"]
        return bool(values) and not values[0].any()
    return node.op_type in ("Expand", "Cast", "CastLike") and _is_zero(made, node.input[0])


def _lines(table: dict[str, Any]) -> str:
    """JSON, a tensor a line."""
    tensors = ",\n".join(f'"{name}": {shape}' for name, shape in table["tensors"].items())
    return f'{{"made_with": "{table["made_with"]}", "tensors": {{\n{tensors}\n}}}}\n'


def write(name: str) -> None:
    found = exported(GRAPHS[name](0))
    (FOLDER / f"{name}.onnx.gz").write_bytes(gzip.compress(found.skeleton, 9, mtime=0))
    (FOLDER / f"{name}.json").write_text(_lines(found.table), encoding="utf-8")
    print(name, len(found.skeleton), len(found.table["tensors"]), flush=True)  # noqa: T201


if __name__ == "__main__":
    for each in sys.argv[1:] or GRAPHS:
        write(each)
