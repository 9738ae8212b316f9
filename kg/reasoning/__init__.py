"""Ontology and facts -> what an OWL reasoner says of them."""
