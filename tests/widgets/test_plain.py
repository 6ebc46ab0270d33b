from widgets.plain_text import plain, unmnemonic


def test_hidden_letters_are_shown() -> None:
    assert plain("photo\u202egpj.exe") == "photo\ufffdgpj.exe"
    assert plain("a\nb\x00c\u200bd\u2028e\ud800") == "a\ufffdb\ufffdc\ufffdd\ufffde\ufffd"


def test_letters_of_all_scripts_stay() -> None:
    for text in ("Зображення №1.jpg", "写真.png", "صورة.tif", "é.png", "🦊.webp"):
        assert plain(text) == text


def test_no_mnemonics() -> None:
    assert unmnemonic("R&D.png") == "R&&D.png"
