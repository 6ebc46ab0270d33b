"""The Models window: list, downloads, folders, licences and access tokens."""
