"""Certificates, and a Barbican that has them: Trove 26 fetches there what it encrypts connections with.

The last part of a secret's reference says what it holds: NAME.p12 a PKCS#12 container with a certificate for NAME, NAME.locked.p12 one with
a password, and anything else a text that is the name itself. There is no missing.p12.
"""
import datetime
import functools

from barbicanclient import exceptions
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

PASSWORD = b'secret'


@functools.lru_cache(maxsize=None)
def pair(name):
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
                   .serial_number(x509.random_serial_number()).not_valid_before(datetime.datetime(2026, 1, 1))
                   .not_valid_after(datetime.datetime(2036, 2, 10, 9, 6, 25)).sign(key, hashes.SHA256()))
    return key, certificate


def pem(name):
    return pair(name)[1].public_bytes(serialization.Encoding.PEM).decode()


class Secret(object):
    def __init__(self, ref):
        self._name = ref.rsplit('/', 1)[-1]

    @property
    def payload(self):
        if self._name == 'missing.p12':
            raise exceptions.HTTPClientError('Not Found: Secret not found.', status_code=404)
        if not self._name.endswith('.p12'):
            return self._name
        name = self._name.removesuffix('.p12')
        lock = serialization.NoEncryption()
        if name.endswith('.locked'):
            lock = serialization.BestAvailableEncryption(PASSWORD)
        return pkcs12.serialize_key_and_certificates(b'server', *pair(name), None, lock)


class Secrets(object):
    get = staticmethod(Secret)

    def register_consumer(self, *args):
        pass

    def remove_consumer(self, *args):
        pass


class Barbican(object):
    secrets = Secrets()


def barbican(context, region_name=None):
    return Barbican()
