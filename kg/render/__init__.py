"""Rows, findings and pictures -> text."""
