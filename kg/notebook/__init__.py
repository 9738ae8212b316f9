"""The interface of `import kg` for Python and notebooks."""
