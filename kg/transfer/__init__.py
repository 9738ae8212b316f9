"""A published graph -> another triplestore, complete and verified."""
