"""Changes to the sources, checked before they are written: automatic corrections, renames, and registry edits."""
