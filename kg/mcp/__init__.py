"""The server for AI assistants (Model Context Protocol): questions, search, explanations, checks. Read-only."""
