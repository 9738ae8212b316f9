"""The foundation: terms, values, IRIs, findings, text. Imports no other room."""
