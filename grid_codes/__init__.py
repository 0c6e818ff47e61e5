"""Codes of the national standards for cells, parts and events; standard library only."""
