"""A published graph -> another triplestore, whole and provably."""
