"""One editor window: composition, menus, bars, file dialogs."""
