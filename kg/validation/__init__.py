"""Shapes + the statements of a document -> findings, by the engine that is asked for."""
