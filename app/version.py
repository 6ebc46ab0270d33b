"""The version of this program."""

from importlib.metadata import PackageNotFoundError, version


def own_version() -> str:
    """The installed version; a checkout without installation has none."""
    try:
        return version("lacuna-editor")
    except PackageNotFoundError:
        return "0 (not installed)"
