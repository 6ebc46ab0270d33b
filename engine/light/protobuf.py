"""Writes the few protobuf fields that a tensor of an ONNX model needs.

Two messages one behind the other are read as one, their lists joined: so tensors are added to a
graph by appending bytes, and no ONNX package is needed.
"""

import math

MODEL_GRAPH, GRAPH_INITIALIZER = 7, 5  # ModelProto.graph, GraphProto.initializer
_DIMS, _DATA_TYPE, _NAME, _RAW_DATA = 1, 2, 8, 9  # of TensorProto
_FLOAT = 1  # TensorProto.DataType


def varint(number: int) -> bytes:
    """A number from 0 on, seven bits a byte, the lowest first."""
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    found.append(number)
    return bytes(found)


def opened(field: int, length: int) -> bytes:
    """What stands before the `length` bytes of a field."""
    return varint(field << 3 | 2) + varint(length)


def initializer_head(name: str, shape: tuple[int, ...]) -> bytes:
    """A float32 initializer up to its raw data, as an addition to a model.

    The little-endian bytes of the array follow it.
    """
    size = 4 * math.prod(shape)
    sides = b"".join(varint(_DIMS << 3) + varint(side) for side in shape)
    kind = varint(_DATA_TYPE << 3) + varint(_FLOAT)
    text = name.encode()
    head = sides + kind + opened(_NAME, len(text)) + text + opened(_RAW_DATA, size)
    inside = opened(GRAPH_INITIALIZER, len(head) + size)
    return opened(MODEL_GRAPH, len(inside) + len(head) + size) + inside + head
