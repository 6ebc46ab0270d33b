"""The node of a workflow that a value comes from, for messages."""

from typing import NamedTuple


class Origin(NamedTuple):
    """The node that makes a value."""

    node: str  # its id
    type: str  # its class
    title: str  # what the user sees
