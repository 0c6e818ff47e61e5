"""The administrators' pages: base data, imports, background work."""
