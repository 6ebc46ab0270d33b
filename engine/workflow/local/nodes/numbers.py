"""Nodes of numbers and texts: primitives, measures of pictures, and switches between values."""

from engine.workflow.local.inputs import NodeInputs
from engine.workflow.local.nodes.record import (
    IMAGE,
    LocalNode,
    flag,
    link,
    links,
    number,
    seed,
    text,
)
from engine.workflow.local.values import Literal, Measured, Side, Value

_LARGEST = 2**63 - 1


def _whole(inputs: NodeInputs) -> tuple[Value, ...]:
    return (Literal(value=inputs.integer("value", -_LARGEST, _LARGEST, 0)),)


def _number(inputs: NodeInputs) -> tuple[Value, ...]:
    return (Literal(value=inputs.number("value", -_LARGEST, _LARGEST, 0.0)),)


def _text(inputs: NodeInputs) -> tuple[Value, ...]:
    return (Literal(value=inputs.text("value", "")),)


def _flag(inputs: NodeInputs) -> tuple[Value, ...]:
    return (Literal(value=inputs.boolean("value", False)),)


def _joined(inputs: NodeInputs) -> tuple[Value, ...]:
    parts = (inputs.text("string_a", ""), inputs.text("string_b", ""))
    return (Literal(value=inputs.text("delimiter", "").join(parts)),)


def _size(inputs: NodeInputs) -> tuple[Value, ...]:
    pictures = inputs.pictures("image")
    return tuple(Measured(pictures=pictures, side=side) for side in Side)


def _switch(inputs: NodeInputs) -> tuple[Value, ...]:
    return (inputs.any("on_true" if inputs.boolean("switch", False) else "on_false"),)


NUMBER_NODES = (
    LocalNode(
        name="PrimitiveInt", title="Int", inputs=(seed("value"),), outputs=("INT",), build=_whole
    ),
    LocalNode(
        name="PrimitiveFloat", title="Float", inputs=(number("value", 0.0),), outputs=("FLOAT",),
        build=_number,
    ),
    LocalNode(
        name="PrimitiveString", title="Text String", inputs=(text("value"),),
        outputs=("STRING",), build=_text,
    ),
    LocalNode(
        name="PrimitiveStringMultiline", title="Input Text", inputs=(text("value"),),
        outputs=("STRING",), build=_text,
    ),
    LocalNode(
        name="PrimitiveBoolean", title="Boolean", inputs=(flag("value", False),),
        outputs=("BOOLEAN",), build=_flag,
    ),
    LocalNode(
        name="StringConcatenate", title="Concatenate Text",
        inputs=(text("string_a"), text("string_b"), text("delimiter")), outputs=("STRING",),
        build=_joined,
    ),
    LocalNode(
        name="GetImageSize", title="Get Image Size", inputs=links(image=IMAGE),
        outputs=("INT", "INT", "INT"), build=_size,
    ),
    LocalNode(
        name="ComfySwitchNode", title="Switch",
        inputs=(flag("switch", False), link("on_false", "*"), link("on_true", "*")),
        outputs=("*",), build=_switch,
    ),
)  # fmt: skip
