"""One editor window: composition, menus, bars and file dialogs."""
