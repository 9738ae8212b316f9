"""What `import kg` offers to Python and to notebooks."""
