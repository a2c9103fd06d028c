"""Writes of this room; other rooms import the modules."""
