"""The application for a web server, and for ``flask --app wsgi``."""

from app import create_app
from config import load

app = create_app(load())
