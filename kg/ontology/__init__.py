"""ontology/ -> the vocabulary of mappings, and the shapes that they must conform to."""
