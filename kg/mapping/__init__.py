"""A mapping, with positions -> nodes -> quads."""
