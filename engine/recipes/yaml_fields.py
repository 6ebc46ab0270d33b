"""Checked access to a parsed YAML file: every error names the place and what is allowed."""

import math
from collections.abc import Sequence
from typing import Any, TypeGuard

from engine.errors import RecipeInvalid


def is_mapping(raw: Any) -> TypeGuard[dict[Any, Any]]:
    """Names with values."""
    return isinstance(raw, dict)


def is_list(raw: Any) -> TypeGuard[list[Any]]:
    """A list of anything."""
    return isinstance(raw, list)


class Fields:
    """The entries of one mapping. Take each known one, then call `end`."""

    def __init__(self, raw: Any, where: str) -> None:
        if not is_mapping(raw):
            raise RecipeInvalid(where, f"expected names with values, found {shown(raw)}")
        self._raw = raw
        self._where = where
        self._known: list[str] = []

    def take(self, name: str) -> Any:
        """The raw value, or None when it is not there."""
        self._known.append(name)
        return self._raw.get(name)

    def number(self, name: str, low: float, high: float) -> float | None:
        raw = self.take(name)
        return None if raw is None else checked(raw, self.at(name), low, high)

    def whole(self, name: str, low: int, high: int) -> int | None:
        value = self.number(name, low, high)
        if value is not None and value != int(value):
            raise RecipeInvalid(self.at(name), f"must be a whole number, found {value}")
        return None if value is None else int(value)

    def exact(self, name: str, low: int, high: int) -> int | None:
        """A whole number that may be too large for a float."""
        raw = self.take(name)
        if raw is None:
            return None
        if not isinstance(raw, int) or isinstance(raw, bool) or not low <= raw <= high:
            raise RecipeInvalid(
                self.at(name), f"must be a whole number from {low} to {high}, found {shown(raw)}"
            )
        return raw

    def text(self, name: str, most: int) -> str:
        """A text of at most so many characters; "" when it is not there."""
        raw = self.take(name)
        if raw is None:
            return ""
        if not isinstance(raw, str) or len(raw) > most:
            raise RecipeInvalid(self.at(name), f"must be a text, found {shown(raw)}")
        return raw

    def flag(self, name: str, default: bool = False) -> bool:
        raw = self.take(name)
        if raw is None:
            return default
        if not isinstance(raw, bool):
            raise RecipeInvalid(self.at(name), f"must be true or false, found {shown(raw)}")
        return raw

    def choice(self, name: str, allowed: Sequence[str], default: str) -> str:
        raw = self.take(name)
        if raw is None:
            return default
        if raw not in allowed:
            raise RecipeInvalid(
                self.at(name), f"must be one of {', '.join(allowed)}, found {shown(raw)}"
            )
        return raw

    def items(self, name: str, most: int) -> list[Any]:
        """The entries of a list; empty when it is not there."""
        raw = self.take(name)
        if raw is None:
            return []
        if not is_list(raw) or len(raw) > most:
            raise RecipeInvalid(self.at(name), f"must be a list of at most {most}: {shown(raw)}")
        return raw

    def end(self) -> None:
        """Raise RecipeInvalid for the first entry that was not taken."""
        for name in self._raw:
            if name not in self._known:
                allowed = ", ".join(self._known)
                raise RecipeInvalid(self._where, f"does not know {shown(name)}; allowed: {allowed}")

    def at(self, name: str) -> str:
        return f"{self._where}, {name}"


def checked(raw: Any, where: str, low: float, high: float) -> float:
    """The number, or RecipeInvalid with the range."""
    is_number = isinstance(raw, int | float) and not isinstance(raw, bool)
    if not is_number or not math.isfinite(raw) or not low <= raw <= high:
        raise RecipeInvalid(where, f"must be a number from {low:g} to {high:g}, found {shown(raw)}")
    return float(raw)


def shown(raw: Any) -> str:
    """A foreign value, short enough for a sentence."""
    text = type(raw).__name__ if is_mapping(raw) or is_list(raw) else repr(raw)
    return text if len(text) <= 40 else text[:37] + "..."
