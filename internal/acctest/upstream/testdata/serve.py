"""Sets up a real Keystone and a real Trove in a temporary folder and runs them on loopback ports.

Prints one line of JSON when both answer: the addresses, the password of the administrator, and the folder of the files
that make guests fail. Stops both and removes everything when its standard input ends: the test that started it holds the
other end of the pipe, and the system closes that in whatever way the test ends.
"""
import json
import os
import random
import shutil
import signal
import socket
import sqlite3
import string
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = sys.executable
children = []


def free_port():
    """A port below the range from which the system serves those who do not ask for one of their own."""
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                s.bind(('127.0.0.1', port))
                return port
            except OSError:
                continue


class Setup:
    def __init__(self, state):
        self.state = state
        self.keystone, self.trove = free_port(), free_port()
        self.password = '%032x' % random.getrandbits(128)
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(('OS_', 'PYTHON', 'VIRTUAL_ENV')) and not k.lower().endswith('_proxy')}
        self.env.update(PYTHONPATH=os.path.join(HERE, 'shim'), PYTHONDONTWRITEBYTECODE='1', TROVE_STATE=state, OS_KEYSTONE_CONFIG_DIR=state, no_proxy='*')
        os.mkdir(self.path('control'))
        os.mkdir(self.path('fernet-keys'), 0o700)
        for name in ('trove.conf', 'api-paste.ini', 'keystone.conf'):
            with open(os.path.join(HERE, name)) as f, open(self.path(name), 'w') as out:
                out.write(string.Template(f.read()).substitute(
                    state=state, keystone_port=self.keystone, trove_port=self.trove, password=self.password))

    def path(self, name):
        return os.path.join(self.state, name)

    def start(self, name, *command):
        print('starting', *command[:2], file=sys.stderr, flush=True)  # shown where something fails
        with open(self.path(name + '.out'), 'ab') as log:
            process = subprocess.Popen([PYTHON, *command], cwd=self.state, env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        children.append(process)
        return process

    def run(self, name, *command):
        code = self.start(name, *command).wait()
        if code:
            raise RuntimeError('%s ended with %d:\n%s' % (' '.join(command), code, self.tail(name)))

    def tail(self, name):
        with open(self.path(name + '.out'), errors='replace') as f:
            return ''.join(f.readlines()[-30:])

    def serve(self, name, url, *command):
        """Starts a server and waits until it answers."""
        process = self.start(name, *command)
        for _ in range(3000):
            if process.poll() is not None:
                raise RuntimeError('%s ended with %d:\n%s' % (name, process.returncode, self.tail(name)))
            try:
                urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=5)
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise RuntimeError('%s does not answer:\n%s' % (name, self.tail(name)))

    def write_ahead(self, name):
        """Lets readers go on while somebody writes."""
        with sqlite3.connect(self.path(name)) as db:
            db.execute('PRAGMA journal_mode=WAL')

    def set_up_keystone(self):
        config = '--config-file=' + self.path('keystone.conf')
        manage = ('/usr/bin/keystone-manage', config)
        self.run('keystone', *manage, 'db_sync')
        self.write_ahead('keystone.sqlite')
        self.run('keystone', *manage, 'fernet_setup', '--keystone-user', str(os.getuid()), '--keystone-group', str(os.getgid()))
        self.run('keystone', *manage, 'bootstrap', '--bootstrap-username', 'trove', '--bootstrap-project-name', 'service',
                 '--bootstrap-password', self.password, '--bootstrap-region-id', 'RegionOne', *(
                     '--bootstrap-%s-url=http://127.0.0.1:%d/v3' % (i, self.keystone) for i in ('public', 'internal', 'admin')))
        self.serve('keystone', 'http://127.0.0.1:%d/v3' % self.keystone, os.path.join(HERE, 'shim', 'run_keystone.py'), str(self.keystone))
        self.register_trove()

    def register_trove(self):
        """Puts Trove into the catalog. Keystone 27 and later have none that is made from a template."""
        def post(path, body, token=None):
            request = urllib.request.Request('http://127.0.0.1:%d/v3/%s' % (self.keystone, path), json.dumps(body).encode(),
                                             {'Content-Type': 'application/json', **({'X-Auth-Token': token} if token else {})})
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as r:
                return json.load(r), r.headers
        domain = {'id': 'default'}
        _, headers = post('auth/tokens', {'auth': {
            'identity': {'methods': ['password'], 'password': {'user': {'name': 'trove', 'domain': domain, 'password': self.password}}},
            'scope': {'project': {'name': 'service', 'domain': domain}}}})
        token = headers['X-Subject-Token']
        service = post('services', {'service': {'name': 'trove', 'type': 'database'}}, token)[0]['service']['id']
        for interface in ('public', 'internal', 'admin'):
            post('endpoints', {'endpoint': {'service_id': service, 'interface': interface, 'region_id': 'RegionOne',
                                            'url': 'http://127.0.0.1:%d/v1.0/$(project_id)s' % self.trove}}, token)

    def set_up_trove(self):
        config = '--config-file=' + self.path('trove.conf')
        self.run('trove', '/usr/bin/trove-manage', config, 'db_sync')
        self.write_ahead('trove.sqlite')
        self.run('trove', os.path.join(HERE, 'seed_trove.py'), config)
        self.serve('trove', 'http://127.0.0.1:%d/' % self.trove, os.path.join(HERE, 'shim', 'run_trove.py'), config)


def both(*steps):
    """Runs steps beside each other and raises what one of them raised."""
    failures = []

    def guarded(step):
        try:
            step()
        except BaseException as e:
            failures.append(e)
    threads = [threading.Thread(target=guarded, args=(s,), daemon=True) for s in steps]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    if failures:
        raise failures[0]


def stop():
    for p in children:
        p.kill()  # nothing of theirs is kept
    for p in children:
        p.wait()


def main():
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0 if ended.is_set() else 1))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the test, and so the pipe

    def watch():
        sys.stdin.read()
        ended.set()
        os.kill(os.getpid(), signal.SIGTERM)  # wherever the set-up is
    threading.Thread(target=watch, daemon=True).start()
    with tempfile.TemporaryDirectory(prefix='trove-upstream-') as state:
        try:
            setup = Setup(state)
            both(setup.set_up_keystone, setup.set_up_trove)
            print(json.dumps({
                'auth_url': 'http://127.0.0.1:%d/v3' % setup.keystone, 'password': setup.password,
                'control': setup.path('control'), 'log': setup.path('trove.log'),
            }), flush=True)
            ended.wait()
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            stop()
            if os.environ.get('TROVE_KEEP'):  # a folder for the logs
                shutil.copytree(state, os.environ['TROVE_KEEP'], dirs_exist_ok=True)


main()
