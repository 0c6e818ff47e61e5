"""Pure geometry and coordinate systems; knows neither the web nor the database."""
