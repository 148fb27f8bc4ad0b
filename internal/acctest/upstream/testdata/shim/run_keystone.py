"""Serves the distribution's Keystone."""
import sys
import threading

from keystone.server.wsgi import initialize_public_application
from werkzeug.serving import run_simple

sys.argv, port = sys.argv[:1], int(sys.argv[1])
keystone, lock = initialize_public_application(), threading.Lock()


def one_at_a_time(environ, start_response):
    """It is made for processes, not for threads: two first requests at once find no policies and are refused."""
    with lock:
        return list(keystone(environ, start_response))


run_simple('127.0.0.1', port, one_at_a_time, threaded=True)
