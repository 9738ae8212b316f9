"""Shapes + the statements of a document -> findings, by a choice of SHACL engines."""
