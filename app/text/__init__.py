"""Every sentence shown to the user that does not belong to one dialog, without Qt."""
