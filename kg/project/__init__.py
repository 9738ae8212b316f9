"""A project's settings, folders and files."""
