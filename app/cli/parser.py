"""The tree of arguments: `lacuna`, its commands and theirs."""

import argparse
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from app.cli import values
from app.cli.commands import COMMANDS
from engine.comfy.server.address import Login
from engine.dispatch.choice import AUTO, WANTED
from engine.image_io.limits import Limits
from engine.jobs.paint_settings import MAX_SEED, MAX_VARIANTS, SAMPLERS, SCHEDULERS, StartFrom
from engine.jobs.requests import FIND_FLOOR
from engine.net.tokens import COMFYUI
from engine.recipes.recipe import WRITABLE
from engine.recipes.steps import ALL, FindStep

MAX_REMOVE_SEED = 2**31 - 1
PLACES = ("here", "server")
PLACE_OPTIONS = ("--point", "--not", "--box")
OUTPUT_FOLDER = "the folder to write to"

DESCRIPTION = """Photo editor: click an object, refine the mask, remove it; nothing else changes.

Without one of the commands below, `lacuna [files]` opens the window.
Places are pixels from the upper left corner, or shares such as 25%."""

EXAMPLES = """examples:
  lacuna remove photo.jpg --point 820,460 -o clean.jpg
  lacuna select photo.jpg --box 10%,20%,30%,40% -o mask.png
  lacuna find photo.jpg "plate with food" --threshold 0.2 -o mask.png
  lacuna paint photo.jpg --mask mask.png --prompt "a piece of meat" -o new.png
  lacuna run recipe.yaml photos/*.jpg -o out/ --json report.json
  lacuna run recipe.yaml photos/ --recursive --masks masks/ -o out/
  lacuna remove - --mask mask.png -o - <photo.jpg >clean.jpg
  lacuna remove photo.jpg --mask mask.png -o out/ --report report.html
  lacuna run workflow.json photos/*.jpg --set KSampler.seed=5 -o out/
  lacuna models fetch light
  lacuna server add workshop http://192.168.1.20:8188

exit codes: 0 done, 1 some files failed, 2 wrong arguments, 130 interrupted"""

MODELS_EPILOG = """\
sets: light (266 MB: EdgeTAM, LaMa, U-2-Net), light-small (89 MB: MI-GAN for LaMa) select and
remove on any computer, without torch

states: own (downloaded), elsewhere (of another program, used in place), unfinished,
absent (can be fetched), unusable

Access tokens are taken from HF_TOKEN, the system's keyring, or the hub's own program."""

SERVER_EPILOG = f"""\
A token or password is never an argument: it is taken from {COMFYUI.variables[0]}, asked for, or
read from the standard input, one line for each. It is kept in the keyring of the system.

exit codes: 0 done, 1 the server does not work or nothing was changed, 2 wrong arguments"""


def make_parser() -> argparse.ArgumentParser:
    """The whole tree. `command` and `verb` of what it parses say which branch was taken."""
    top = argparse.ArgumentParser(
        prog="lacuna",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    top.set_defaults(parser=top)
    top.add_argument("--version", action="store_true", help="print the version")
    top.add_argument(
        "--self-test",
        nargs="?",
        const="-",
        metavar="FILE",
        help="check that this installation works; the report is JSON",
    )
    commands = top.add_subparsers(dest="command", metavar="COMMAND")
    for name, line in COMMANDS.items():
        _ADD[name](commands, name, line)
    return top


def _add_remove(commands: Any, name: str, line: str) -> None:
    one = commands.add_parser(name, help=line)
    _add_selection(one)
    _add_engine(one)
    _add_reach(one)
    one.add_argument(
        "--seed",
        type=values.count(0, MAX_REMOVE_SEED),
        default=0,
        metavar="N",
        help="another seed, another fill",
    )
    _add_quality(one)
    _add_report(one)
    _add_output(one, "the picture to write, its ending says the format, or FOLDER/")


def _add_select(commands: Any, name: str, line: str) -> None:
    one = commands.add_parser(name, help=line)
    _add_selection(one)
    _add_engine(one)
    _add_output(one, "the mask to write, a gray PNG (white is marked), or FOLDER/")


def _add_find(commands: Any, name: str, line: str) -> None:
    one = commands.add_parser(name, help=line)
    one.add_argument("input", type=Path, metavar="IN", help="a picture; - is the standard input")
    one.add_argument("text", nargs="?", default="", metavar="TEXT", help="what to find")
    _add_threshold(one)
    one.add_argument(
        "--pick", type=values.pick, default=ALL, metavar="all|best|1,2", help="which of them"
    )
    one.add_argument(
        "--example", type=values.box, action="append", default=[], metavar="X,Y,W,H",
        help="around one of them",
    )  # fmt: skip
    one.add_argument(
        "--not", dest="outside", type=values.box, action="append", default=[], metavar="X,Y,W,H",
        help="around what is none of them",
    )  # fmt: skip
    _add_soft_edge(one)
    _add_output(one, "the mask to write, a gray PNG (white is marked), or FOLDER/")


def _add_paint(commands: Any, name: str, line: str) -> None:
    one = commands.add_parser(name, help=line)
    _add_selection(one)
    one.add_argument("--prompt", required=True, metavar="TEXT", help="what to paint")
    one.add_argument("--avoid", default="", metavar="TEXT", help="what not to paint")
    one.add_argument("--model", default="", metavar="NAME", help="instead of the best at hand")
    one.add_argument(
        "--lora", type=values.lora, action="append", default=[], metavar="NAME[:WEIGHT]",
        help="to be used with it; as often as there are some",
    )  # fmt: skip
    one.add_argument("--steps", type=values.count(1, 150), metavar="N")
    one.add_argument("--guidance", "--cfg", type=values.number(0, 50), metavar="N")
    one.add_argument("--sampler", choices=SAMPLERS, default="", metavar="NAME")
    one.add_argument("--scheduler", choices=SCHEDULERS, default="", metavar="NAME")
    one.add_argument(
        "--strength", type=values.number(0.01, 1), default=1.0, metavar="0-1",
        help="how much of what is there is replaced",
    )  # fmt: skip
    one.add_argument("--seed", type=values.count(0, MAX_SEED), default=0, metavar="N")
    one.add_argument(
        "--start-from", choices=[start.value for start in StartFrom], default="original",
        help="what lies under the mask when painting begins",
    )  # fmt: skip
    one.add_argument("--remove-first", action="store_true", help="erase it, then paint there")
    one.add_argument(
        "--variants", type=values.count(1, MAX_VARIANTS), default=1, metavar="N",
        help="so many results: OUT-1, OUT-2...",
    )  # fmt: skip
    one.add_argument("--no-refine", action="store_true", help="no second pass on large places")
    _add_reach(one)
    _add_quality(one)
    _add_report(one)
    _add_output(one, "the picture to write, its ending says the format, or FOLDER/")


def _add_run(commands: Any, name: str, line: str) -> None:
    one = commands.add_parser(name, help=line)
    one.add_argument("recipe", type=Path, metavar="RECIPE.yaml|WORKFLOW.json")
    one.add_argument(
        "inputs", nargs="+", metavar="FILE", help="pictures, folders, patterns; - standard input"
    )
    one.add_argument(
        "--recursive", action="store_true", help="look into sub-folders, and write into such"
    )
    one.add_argument(
        "--masks", type=Path, metavar="FOLDER",
        help="where a recipe's mask files are (default: beside the recipe)",
    )  # fmt: skip
    one.add_argument("--format", choices=WRITABLE, help="instead of the recipe's or the source's")
    _add_workflow(one)
    _add_quality(one)
    _add_report(one)
    _add_output(one, OUTPUT_FOLDER)


def _add_workflow(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--on", choices=PLACES, help="where it is run; a recipe: as it says, else the best at hand"
    )
    one.add_argument(
        "--set", dest="settings", action="append", default=[], metavar="NODE.INPUT=VALUE",
        help="a value of a workflow; the node by its title, class or id",
    )  # fmt: skip
    one.add_argument(
        "--previews", action="store_true", help="write what a workflow only previews, too"
    )


def attach_places(words: Sequence[str]) -> list[str]:
    """Words with places that begin with a minus attached to their option: `--point=-5,3`.

    Apart from it, argparse would take such a place for another option.
    """
    attached: list[str] = []
    for word in words:
        if attached and attached[-1] in PLACE_OPTIONS and re.match(r"-[\d.]", word):
            attached[-1] += f"={word}"
        else:
            attached.append(word)
    return attached


def _add_selection(one: argparse.ArgumentParser) -> None:
    one.add_argument("input", type=Path, metavar="IN", help="a picture; - is the standard input")
    one.add_argument(
        "--point",
        type=values.point,
        action="append",
        default=[],
        metavar="X,Y",
        help="on the object",
    )
    one.add_argument(
        "--not", dest="outside", type=values.point, action="append", default=[], metavar="X,Y",
        help="not on the object",
    )  # fmt: skip
    one.add_argument(
        "--box", type=values.box, action="append", default=[], metavar="X,Y,W,H",
        help="around the object; points and boxes add up",
    )  # fmt: skip
    one.add_argument(
        "--mask", action="append", default=[], metavar="M.png",
        help="a picture that is white there, or a folder with one of the picture's name",
    )  # fmt: skip
    one.add_argument("--find", metavar="TEXT", help="all that the text names")
    one.add_argument(
        "--subject", action="store_true", help="what the picture shows before all else"
    )
    _add_threshold(one)
    one.add_argument(
        "--candidate",
        type=int,
        choices=(1, 2, 3),
        default=1,
        help="the second or third best answer",
    )
    _add_soft_edge(one)


def _add_soft_edge(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--soft-edge", action="store_true", help="partly marked along hair and fur, by the picture"
    )


def _add_threshold(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--threshold", type=values.number(FIND_FLOOR, 1), default=FindStep().threshold,
        metavar="0-1", help="how sure a find must be",
    )  # fmt: skip


def _add_engine(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--engine", choices=WANTED, default=AUTO, help="who works: the best at hand is auto"
    )


def _add_reach(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--grow", type=values.pixels, metavar="PX", help="replace this far around the mask"
    )
    one.add_argument(
        "--feather", type=values.pixels, metavar="PX", help="mix old and new this far out"
    )
    one.add_argument("--context", type=values.pixels, metavar="PX", help="look this far around")


def _add_quality(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--quality",
        type=values.quality,
        metavar="1-100",
        help="of JPEG, WebP and AVIF (as the source)",
    )


def _add_report(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--report", type=Path, metavar="FILE.html|.json",
        help="write how each picture was made, with hashes of what did not change",
    )  # fmt: skip


def _add_output(one: argparse.ArgumentParser, output: str) -> None:
    is_folder = output == OUTPUT_FOLDER
    one.add_argument(
        "-o", "--output", type=Path if is_folder else str, required=True, metavar="OUT",
        help=f"{output}; - is the standard output",
    )  # fmt: skip
    one.add_argument("--force", action="store_true", help="replace files that exist")
    one.add_argument(
        "--max-megapixels", type=values.count(1, 1000), default=Limits().pixels // 10**6,
        metavar="N", help="open pictures up to this size (default: %(default)s)",
    )  # fmt: skip
    one.add_argument("--json", metavar="FILE", help="write a report; - is the standard output")


def _add_models(commands: Any, name: str, line: str) -> None:
    top = commands.add_parser(
        name,
        help=line,
        description="Models of this computer: what is here, and what can be fetched.",
        epilog=MODELS_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    top.set_defaults(parser=top)
    verbs = top.add_subparsers(dest="verb", metavar="VERB")
    one = verbs.add_parser("list", help="all models, and where each is")
    one.set_defaults(ids=[])
    _add_json_switch(one)
    one = verbs.add_parser("fetch", help="download models; what has arrived goes on next time")
    one.add_argument("ids", nargs="+", metavar="ID")
    one.add_argument("--no-parts", action="store_true", help="without the parts that FLUX needs")
    one.add_argument(
        "--mirror", type=_mirror, action="append", default=[], metavar="URL", help="asked first"
    )
    _add_json_switch(one)
    one = verbs.add_parser("verify", help="read files and compare them with their checksums")
    one.add_argument("ids", nargs="*", metavar="ID", help="all that are here, if none is given")
    _add_json_switch(one)
    one = verbs.add_parser("path", help="where a model lies, or where downloads go")
    one.add_argument("ids", nargs="*", metavar="ID")
    _add_json_switch(one)


def _add_server(commands: Any, name: str, line: str) -> None:
    top = commands.add_parser(
        name,
        help=line,
        description="ComfyUI servers that select, remove and paint for Lacuna.",
        epilog=SERVER_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    top.set_defaults(parser=top)
    verbs = top.add_subparsers(dest="verb", metavar="VERB")
    one = verbs.add_parser("list", help="all servers, in the order in which they are asked")
    _add_json_switch(one)
    _add_server_add(verbs)
    one = verbs.add_parser("test", help="ask a server what it is, has and can do")
    one.add_argument("name", metavar="NAME")
    _add_json_switch(one)
    one = verbs.add_parser("trust", help="look at a server's certificate, and trust it")
    one.add_argument("name", metavar="NAME")
    one = verbs.add_parser("remove", help="take a server off the list, and forget its login")
    one.add_argument("name", metavar="NAME")


def _add_server_add(verbs: Any) -> None:
    one = verbs.add_parser("add", help="add a server at the end of the list")
    one.add_argument("name", metavar="NAME", help="what you call it")
    one.add_argument("url", metavar="URL", help="http://192.168.1.20:8188")
    logins = [login.value for login in Login]
    one.add_argument("--login", choices=logins, help="how it is convinced (default: none)")
    one.add_argument("--user", default="", metavar="NAME", help="of --login basic")
    one.add_argument(
        "--header", action="append", default=[], metavar="NAME", help="of --login header"
    )
    one.add_argument("--pin", default="", metavar="FP", help="sha256 of its certificate, aa:bb:...")
    one.add_argument("--ca", default="", metavar="FILE", help="PEM with the authority that signed")
    one.add_argument(
        "--allow-plain",
        action="store_true",
        help="http to a public address: others can read login, prompts and pictures on the way",
    )


def _add_json_switch(one: argparse.ArgumentParser) -> None:
    one.add_argument("--json", action="store_true", help="write JSON to the standard output")


def _mirror(text: str) -> str:
    from engine.downloads.hub import is_endpoint  # loads ssl

    if not is_endpoint(text):
        raise argparse.ArgumentTypeError(f"{text!r} does not begin with https://")
    return text


_ADD: dict[str, Callable[[Any, str, str], None]] = {
    "remove": _add_remove,
    "select": _add_select,
    "find": _add_find,
    "paint": _add_paint,
    "run": _add_run,
    "models": _add_models,
    "server": _add_server,
}
