"""Serves the distribution's Keystone."""
import sys

from keystone.server.wsgi import initialize_public_application
from werkzeug.serving import run_simple

sys.argv, port = sys.argv[:1], int(sys.argv[1])
run_simple('127.0.0.1', port, initialize_public_application(), threaded=True)
