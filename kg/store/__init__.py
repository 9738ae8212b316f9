"""Stores: where the published graph lives and how it answers SPARQL, always in terms of our own types."""
