"""Changes of the sources that are checked before they are written: corrections, and the registry."""
