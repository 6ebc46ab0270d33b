"""The record of one diagnostic line, without Qt: a terminal shows it, too."""

from typing import Literal, NamedTuple, TypeAlias

Kind: TypeAlias = Literal["info", "success", "warning", "error"]


class Diagnostic(NamedTuple):
    """One line. The kind is a symbol beside it: the words must say the same without it."""

    kind: Kind
    title: str
    text: str = ""
    links: tuple[str, ...] = ()  # pages where one can read on
