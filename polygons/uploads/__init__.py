"""Geometry that people send, on its way from a file nobody trusts to a shape one can work with."""
