"""The explorer and the endpoint: pages and interfaces over one graph, read-only. Needs the extra `serve`."""
