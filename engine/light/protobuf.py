"""Writes the few protobuf fields that a tensor of an ONNX model needs.

Two messages one behind the other are read as one, their lists joined: so tensors are added to a
graph by appending bytes, and no ONNX package is needed.
"""

import math

MODEL_GRAPH, GRAPH_INITIALIZER = 7, 5  # ModelProto.graph, GraphProto.initializer
_DIMS, _DATA_TYPE, _NAME, _RAW_DATA = 1, 2, 8, 9  # of TensorProto
_EXTERNAL_DATA, _DATA_LOCATION = 13, 14
_FLOAT, _EXTERNAL = 1, 1  # TensorProto.DataType, TensorProto.DataLocation


def varint(number: int) -> bytes:
    """A number from 0 on, seven bits a byte, the lowest first."""
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    found.append(number)
    return bytes(found)


def delimited(field: int, content: bytes) -> bytes:
    """A field of text, bytes or a message."""
    return varint(field << 3 | 2) + varint(len(content)) + content


def initializer(name: str, shape: tuple[int, ...], raw: bytes) -> bytes:
    """A float32 initializer with its little-endian bytes, as an addition to a model."""
    return _added(name, shape, delimited(_RAW_DATA, raw))


def external_initializer(name: str, shape: tuple[int, ...]) -> bytes:
    """A float32 initializer whose numbers the session is given, as an addition to a model."""
    entries = {"location": "memory", "offset": "0", "length": str(4 * math.prod(shape))}
    places = b"".join(delimited(_EXTERNAL_DATA, _entry(*each)) for each in entries.items())
    return _added(name, shape, places + varint(_DATA_LOCATION << 3) + varint(_EXTERNAL))


def _entry(key: str, value: str) -> bytes:
    return delimited(1, key.encode()) + delimited(2, value.encode())


def _added(name: str, shape: tuple[int, ...], numbers: bytes) -> bytes:
    sides = b"".join(varint(_DIMS << 3) + varint(side) for side in shape)
    kind = varint(_DATA_TYPE << 3) + varint(_FLOAT)
    tensor = sides + kind + delimited(_NAME, name.encode()) + numbers
    return delimited(MODEL_GRAPH, delimited(GRAPH_INITIALIZER, tensor))
