"""The published lines -> files for other programs. Pure except for the output stream."""
