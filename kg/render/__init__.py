"""Rows, findings and networks -> text and pictures."""
