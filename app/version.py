"""Which Lacuna this is."""

from importlib.metadata import PackageNotFoundError, version


def own_version() -> str:
    """As installed; a bare checkout has none."""
    try:
        return version("lacuna-editor")
    except PackageNotFoundError:
        return "0 (not installed)"
