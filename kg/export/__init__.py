"""The published lines -> files that other programs read. Pure but for the stream they are written to."""
