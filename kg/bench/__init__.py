"""The curator's bench: from a page or a text to a mapping, and from its sentences to proposed facts."""
