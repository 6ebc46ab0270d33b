"""Types of arguments: each parses a word or says what would be allowed."""

import argparse
import math
from collections.abc import Callable

from engine.errors import RecipeInvalid
from engine.jobs.paint_settings import Lora
from engine.recipes.coordinates import BoxCoordinates, Coordinate, place
from engine.recipes.steps import ALL, BEST


def places(text: str, many: int) -> list[Coordinate]:
    parts = text.split(",")
    try:
        if len(parts) != many:
            raise RecipeInvalid("", f"takes {many} values with commas between, found {text!r}")
        return [place(part if "%" in part else float(part), "") for part in parts]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no list of numbers") from None
    except RecipeInvalid as error:
        raise argparse.ArgumentTypeError(error.reason) from None


def point(text: str) -> tuple[Coordinate, Coordinate]:
    x, y = places(text, 2)
    return x, y


def box(text: str) -> BoxCoordinates:
    return BoxCoordinates(*places(text, 4))


def pixels(text: str) -> int:
    return whole(text, 0, 500)


def quality(text: str) -> int:
    return whole(text, 1, 100)


def whole(text: str, low: int, high: int) -> int:
    value = int(text) if text.isascii() and text.isdigit() else -1
    if not low <= value <= high:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {low} to {high}")
    return value


def number(low: float, high: float) -> Callable[[str], float]:
    """A number in this range."""

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is no number from {low:g} to {high:g}")
        return value

    return parse


def count(low: int, high: int) -> Callable[[str], int]:
    """A whole number in this range."""
    return lambda text: whole(text, low, high)


def pick(text: str) -> str | tuple[int, ...]:
    """all, best, or numbers with commas between."""
    if text in (ALL, BEST):
        return text
    return tuple(whole(part.strip(), 1, 100) for part in text.split(","))


def lora(text: str) -> Lora:
    """A name, or NAME:WEIGHT."""
    name, colon, weight = text.rpartition(":")
    try:
        return Lora(name, float(weight)) if colon and name else Lora(text)
    except ValueError:
        return Lora(text)  # the colon belongs to the name
