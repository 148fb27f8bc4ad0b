"""Fill Trove's database with datastores, through the functions trove-manage calls."""
import json
import os
import tempfile

from trove.common import cfg
from trove.cmd.common import initialize

initialize()
from trove.configuration import models as config_models  # noqa
from trove.datastore import models as ds  # noqa

IMAGE = '00000000-0000-4000-8000-00000000eeee'
TEMPLATES = os.path.join(cfg.CONF.pybasedir, 'templates')
# datastore, [(version name, version number)]; the last is the default. The sandbox has the same.
STORES = [
    ('mysql', [('mysql-5.5', '5.5.62'), ('mysql-5.7', '5.7.44'), ('mysql-8.0', '8.0.40')]),
    ('mariadb', [('mariadb-10.11', '10.11.10')]),
    ('postgresql', [('postgresql-16', '16.6')]),
    ('couchbase', [('couchbase-2.2', '2.2.0'), ('couchbase-7.2', '7.2.5')]),
]


def rules_for_sqlite(path):
    """The shipped rules, with bounds above 2**63-1 as strings (the column is text; SQLite cannot bind the integer)."""
    rules = json.load(open(path))
    for p in rules['configuration-parameters']:
        for k in ('min', 'max'):
            if isinstance(p.get(k), int) and abs(p[k]) > 2 ** 63 - 1:
                p[k] = str(p[k])
    out = tempfile.NamedTemporaryFile('w', suffix='.json', delete=False, dir='.')
    json.dump(rules, out)
    out.close()
    return out.name


for name, versions in STORES:
    ds.update_datastore(name, '')
    for vname, number in versions:
        ds.update_datastore_version(name, vname, name, IMAGE, '', '', 1, version=number)
        rules = os.path.join(TEMPLATES, name, 'validation-rules.json')
        if os.path.exists(rules):
            copy = rules_for_sqlite(rules)
            config_models.load_datastore_configuration_parameters(name, vname, copy, version_number=number)
            os.unlink(copy)
    ds.update_datastore(name, versions[-1][0])
