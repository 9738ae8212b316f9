"""ontology/ -> what a mapping may say, and the shapes that it must fit."""
