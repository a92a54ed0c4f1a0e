"""Photographs of works: read, compared, drawn against their site."""
