"""Installs the translations of our own texts and of Qt's."""

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from app import paths

LANGUAGES = ("en", "uk")


def install(app: QApplication, language: str) -> str:
    """Set the language ("system": the first of the user's that we have) and return its code.

    English has a file, too: it holds the plurals.
    """
    code = language if language in LANGUAGES else _of_system()
    QLocale.setDefault(QLocale(code) if language != "system" else QLocale.system())
    for window in app.topLevelWidgets():
        window.setLocale(QLocale())  # those that stand already; all others start with it
    _load(app, f"lacuna_{code}", str(paths.resource("translations")))
    _load(app, f"qtbase_{code}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))
    return code


def _of_system() -> str:
    wanted = (name.partition("-")[0] for name in QLocale.system().uiLanguages())
    return next((code for code in wanted if code in LANGUAGES), "en")


def _load(app: QApplication, name: str, folder: str) -> None:
    translator = QTranslator(app)
    if translator.load(name, folder):
        app.installTranslator(translator)
