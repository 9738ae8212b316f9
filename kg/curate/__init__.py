"""`kg curate`: the curator's bench in the browser. One writer of one project's mappings, on this machine alone."""
