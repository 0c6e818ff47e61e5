"""Geocoding (地理编码): names and numbers of places, from text to a point and back."""
