"""From files to a published graph: compile, validate, check, derive, publish."""
