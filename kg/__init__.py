"""Communiqué: curated news about meetings -> a validated, evidence-locked knowledge graph."""
