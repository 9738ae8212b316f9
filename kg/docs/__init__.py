"""What there is to know of an ontology, its rules, findings and questions, as values for pages to show."""
