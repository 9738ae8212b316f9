"""Stores: the published graph on disk or behind an endpoint, and its answers to SPARQL in our own types."""
