"""The SSSOM file -> links to other registries, and findings."""
