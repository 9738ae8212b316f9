"""`kg lsp`: what an editor shows while somebody writes a mapping. The language server protocol, over standard input.

https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/
"""
