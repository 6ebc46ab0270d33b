"""The page without a picture, fed with the files opened last."""

from app.settings.recent_files import RecentFiles
from widgets.empty_state import EmptyState, RecentFile

SHOWN = 5


class StartPage(EmptyState):
    """Looks anew at the list each time it is told to."""

    def __init__(self, recent: RecentFiles) -> None:
        super().__init__()
        self._files = recent
        self.refresh()

    def refresh(self) -> None:
        self.set_recent(
            [
                RecentFile(str(path), path.name, str(path.parent))
                for path in self._files.paths()[:SHOWN]
            ]
        )
