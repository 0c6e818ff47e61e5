"""The application with its commands, for ``flask --app wsgi``; web servers take ``app:web()``."""

from app import cli, create_app
from config import load

app = create_app(load())
cli.install(app)
