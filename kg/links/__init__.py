"""The SSSOM file -> links from our entities to other registries, and findings."""
