"""`kg lsp`: support for writing mappings in an editor, by the Language Server Protocol over standard input.

https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/
"""
