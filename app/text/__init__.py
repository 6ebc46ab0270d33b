"""Every sentence the user reads that does not belong to one dialog. No Qt."""
