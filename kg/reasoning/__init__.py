"""Ontology and facts -> what an OWL reasoner infers from them."""
