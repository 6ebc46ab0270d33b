"""The words of the command line, and the recipe they stand for."""

import argparse
from pathlib import Path
from typing import Any

from engine.errors import RecipeInvalid
from engine.recipe import (
    WRITABLE,
    Box,
    Output,
    Place,
    Point,
    Recipe,
    Remove,
    Select,
    place,
)


class Usage(Exception):
    """Arguments that do not go together; the text says how they would."""


DESCRIPTION = """Photo editor: click an object, refine the mask, remove it; nothing else changes.

Without one of the commands below, `lacuna [files]` opens the window.
Places are pixels from the upper left corner, or shares such as 25%."""

EXAMPLES = """examples:
  lacuna remove photo.jpg --point 820,460 -o clean.jpg
  lacuna select photo.jpg --box 10%,20%,30%,40% -o mask.png
  lacuna run recipe.yaml photos/*.jpg -o out/ --json report.json
  lacuna models fetch big-lama

exit codes: 0 done, 1 some files failed, 2 wrong arguments, 130 interrupted"""


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="lacuna",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    top.add_argument("--version", action="store_true", help="print the version")
    top.add_argument(
        "--self-test",
        nargs="?",
        const="-",
        metavar="FILE",
        help="check that this installation works; the report is JSON",
    )
    commands = top.add_subparsers(dest="command", metavar="COMMAND")
    _add_remove(commands)
    _add_select(commands)
    _add_run(commands)
    commands.add_parser("models", help="list, fetch and check models; `lacuna models --help`")
    return top


def _add_remove(commands: Any) -> None:
    one = commands.add_parser("remove", help="erase an object from one picture")
    _add_selection(one)
    one.add_argument("--grow", type=_pixels, metavar="PX", help="replace this far around the mask")
    one.add_argument("--feather", type=_pixels, metavar="PX", help="mix old and new this far out")
    one.add_argument(
        "--seed", type=_seed, default=0, metavar="N", help="another seed, another fill"
    )
    _add_quality(one)
    _add_output(one, "the picture to write; its ending says the format")


def _add_select(commands: Any) -> None:
    one = commands.add_parser("select", help="write the mask of an object as a picture")
    _add_selection(one)
    _add_output(one, "the mask to write, a gray PNG: white is marked")


def _add_run(commands: Any) -> None:
    one = commands.add_parser("run", help="run a recipe on pictures or folders of pictures")
    one.add_argument("recipe", type=Path, metavar="RECIPE.yaml")
    one.add_argument("inputs", nargs="+", metavar="FILE", help="pictures, folders, or patterns")
    one.add_argument("--format", choices=WRITABLE, help="instead of the recipe's or the source's")
    _add_quality(one)
    _add_output(one, "the folder to write to")


def _add_selection(one: argparse.ArgumentParser) -> None:
    one.add_argument("input", type=Path, metavar="IN")
    one.add_argument(
        "--point", type=_point, action="append", default=[], metavar="X,Y", help="on the object"
    )
    one.add_argument(
        "--not", dest="outside", type=_point, action="append", default=[], metavar="X,Y",
        help="not on the object",
    )  # fmt: skip
    one.add_argument("--box", type=_box, metavar="X,Y,W,H", help="around the object")
    one.add_argument("--mask", type=Path, metavar="M.png", help="a picture that is white there")
    one.add_argument(
        "--candidate",
        type=int,
        choices=(1, 2, 3),
        default=1,
        help="the second or third best answer",
    )


def _add_quality(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--quality", type=_quality, metavar="1-100", help="of JPEG, WebP and AVIF (92)"
    )


def _add_output(one: argparse.ArgumentParser, output: str) -> None:
    one.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help=output)
    one.add_argument("--force", action="store_true", help="replace outputs that exist")
    one.add_argument("--json", metavar="FILE", help="write a report; - is the standard output")


def recipe(arguments: argparse.Namespace) -> Recipe:
    """What `remove` and `select` ask for. Raises Usage."""
    steps = (selection(arguments),)
    if arguments.command == "select":
        return Recipe(steps=steps)
    remove = Remove(grow_px=arguments.grow, feather_px=arguments.feather, seed=arguments.seed)
    return Recipe(steps=(*steps, remove), output=Output(quality=arguments.quality or 92))


def selection(arguments: argparse.Namespace) -> Select:
    """The one way to select that was given. Raises Usage."""
    points = [Point(x, y) for x, y in arguments.point]
    given = [bool(points), arguments.box is not None, arguments.mask is not None]
    if given.count(True) != 1:
        raise Usage("give exactly one of --point, --box, --mask")
    if arguments.outside and not points:
        raise Usage("--not only works beside --point")
    points += [Point(x, y, False) for x, y in arguments.outside]
    return Select(
        points=tuple(points),
        box=arguments.box,
        mask=arguments.mask,
        candidate=arguments.candidate,
    )


def _places(text: str, count: int) -> list[Place]:
    parts = text.split(",")
    try:
        if len(parts) != count:
            raise RecipeInvalid("", f"takes {count} values with commas between, found {text!r}")
        return [place(part if "%" in part else float(part), "") for part in parts]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no list of numbers") from None
    except RecipeInvalid as error:
        raise argparse.ArgumentTypeError(error.reason) from None


def _point(text: str) -> tuple[Place, Place]:
    x, y = _places(text, 2)
    return x, y


def _box(text: str) -> Box:
    return Box(*_places(text, 4))


def _pixels(text: str) -> int:
    return _whole(text, 0, 500)


def _seed(text: str) -> int:
    return _whole(text, 0, 2**31 - 1)


def _quality(text: str) -> int:
    return _whole(text, 1, 100)


def _whole(text: str, low: int, high: int) -> int:
    value = int(text) if text.isascii() and text.isdigit() else -1
    if not low <= value <= high:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {low} to {high}")
    return value
