"""The documentation of an ontology, its rules, findings and questions, as values for pages to show."""
