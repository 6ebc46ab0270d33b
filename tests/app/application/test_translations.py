import ast
import re
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, QTranslator
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.actions import table as actions
from app.actions.action import words
from app.application import translations
from app.dialogs.settings import SettingsDialog
from app.services.preferences import Preferences
from app.text.errors.explain import explain
from engine.errors import NothingSelected
from resources.translations import update
from widgets.message_bar import MessageBar, Notice

CALLS = {"tr", "translate", "words", "QT_TR_NOOP", "QT_TRANSLATE_NOOP"}


def messages(file: Path) -> dict[tuple[str, str], ET.Element]:
    found = {}
    for context in ET.parse(file).getroot().iter("context"):
        name = context.findtext("name") or ""
        for message in context.iter("message"):
            found[name, message.findtext("source") or ""] = message
    return found


def texts(message: ET.Element) -> list[str]:
    translation = message.find("translation")
    assert translation is not None
    forms = [form.text or "" for form in translation.iter("numerusform")]
    return forms or [translation.text or ""]


UKRAINIAN = messages(update.HERE / "lacuna_uk.ts")


@pytest.fixture
def ukrainian(qapp: QApplication) -> Iterator[None]:
    before = QLocale()
    translations.install(qapp, "uk")
    yield
    for translator in qapp.findChildren(QTranslator):
        qapp.removeTranslator(translator)
        translator.deleteLater()
    QLocale.setDefault(before)


@pytest.mark.parametrize("name", [update.UKRAINIAN, update.ENGLISH])
def test_every_text_of_the_program_is_in_the_file(name: str, tmp_path: Path) -> None:
    """Fails when a text is new or gone: run `python -m resources.translations.update`."""
    fresh = tmp_path / f"{name}.ts"
    shutil.copy(update.HERE / f"{name}.ts", fresh)
    update.extract(fresh)
    assert set(messages(fresh)) == set(messages(update.HERE / f"{name}.ts"))


@pytest.mark.parametrize("name", [update.UKRAINIAN, update.ENGLISH])
def test_the_compiled_file_is_current(name: str, tmp_path: Path) -> None:
    update.compile_(update.HERE / f"{name}.ts", tmp_path / "fresh.qm")
    assert (tmp_path / "fresh.qm").read_bytes() == (update.HERE / f"{name}.qm").read_bytes()


def test_every_text_is_translated() -> None:
    for name in (update.UKRAINIAN, update.ENGLISH):
        for key, message in messages(update.HERE / f"{name}.ts").items():
            assert message.find("translation").get("type") is None, key
            assert all(texts(message)), key


def test_plurals_have_all_their_forms() -> None:
    plural = [m for m in UKRAINIAN.values() if m.get("numerus")]
    assert plural
    assert all(len(texts(message)) == 3 for message in plural)


def test_a_translation_keeps_what_the_program_needs() -> None:
    pattern = r"\{\w*\}|%\d|%n"
    for key, message in UKRAINIAN.items():
        source = key[1]
        for text in texts(message):
            assert sorted(re.findall(pattern, text)) == sorted(re.findall(pattern, source)), key
            assert text.count("&") == source.count("&"), key
            for ending in ("…", ".", ":", "?"):
                assert text.endswith(ending) == source.endswith(ending), key
            assert text.startswith(" ") == source.startswith(" "), key


def test_menus_have_no_letter_twice() -> None:
    for menu, _ in actions.MENUS:
        rows = [row for row in actions.TABLE if row.menu == menu]
        for text in (lambda row: row.text, lambda row: texts(UKRAINIAN["", row.text])[0]):
            letters = re.findall(r"&(\w)", " ".join(text(row).casefold() for row in rows))
            assert len(letters) == len(set(letters)), (menu, letters)


def calls() -> Iterator[tuple[Path, ast.Call, str]]:
    for path in update.sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                function = node.func
                name = getattr(function, "attr", getattr(function, "id", ""))
                if name in CALLS:
                    yield path, node, name


def test_no_text_is_put_together_before_it_is_translated() -> None:
    for path, call, _ in calls():
        for argument in call.args[:2]:
            bad = ast.JoinedStr | ast.BinOp
            assert not isinstance(argument, bad), f"{path.name}:{call.lineno}"


def test_tr_is_asked_of_self_only() -> None:
    """lupdate takes the class around the call as the context, Qt the class of the object."""
    for path, call, name in calls():
        if name == "tr" and isinstance(call.func, ast.Attribute):
            assert isinstance(call.func.value, ast.Name), f"{path.name}:{call.lineno}"
            assert call.func.value.id == "self", f"{path.name}:{call.lineno}"


def test_the_window_speaks_ukrainian(ukrainian: None, qtbot: QtBot, tmp_path: Path) -> None:
    dialog = SettingsDialog(Preferences(tmp_path / "s.json"))
    qtbot.addWidget(dialog)
    assert dialog.windowTitle() == "Налаштування"
    assert dialog.rows["theme"].field.combo.itemText(0) == "Як у системі"
    assert explain(NothingSelected()).title == "Нічого не виділено."
    assert words("&Undo") == "&Скасувати"
    assert QApplication.translate("QPlatformTheme", "Cancel") == "Скасувати"  # of Qt itself


@pytest.mark.parametrize(("count", "ending"), [(1, "ще 1"), (3, "ще 3")])
def test_plurals_are_counted(ukrainian: None, qtbot: QtBot, count: int, ending: str) -> None:
    bar = MessageBar()
    qtbot.addWidget(bar)
    for number in range(count + 1):
        bar.show_notice(Notice(kind="info", title=str(number)))
    assert bar._more.text() == ending


def test_the_language_of_the_system_or_english(qapp: QApplication) -> None:
    assert translations.install(qapp, "system") in translations.LANGUAGES
    assert translations.install(qapp, "xx") in translations.LANGUAGES
    for translator in qapp.findChildren(QTranslator):
        qapp.removeTranslator(translator)
        translator.deleteLater()
