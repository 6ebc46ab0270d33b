"""The commands of `lacuna` by name, each with its line in `lacuna --help`."""

COMMANDS = {
    "remove": "erase an object from one picture",
    "select": "write the mask of an object as a picture",
    "find": "write the mask of all that a text or boxes name",
    "paint": "paint something new where the mask is",
    "run": "run a recipe or a ComfyUI workflow on pictures",
    "models": "list, fetch and check models; `lacuna models --help`",
    "server": "add and test ComfyUI servers; `lacuna server --help`",
}
OPTIONS = ("-h", "--help", "--version", "--self-test")  # that need no command


def is_command(word: str) -> bool:
    """Whether a first argument is for the command line; else it names a picture to open."""
    return word.split("=")[0] in (*COMMANDS, *OPTIONS)
