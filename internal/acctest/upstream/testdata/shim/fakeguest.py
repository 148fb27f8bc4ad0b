"""A permissive stand-in for the guest agent, reached through Trove's remote_guest_client option.

It does what a guest agent does to the outside world: it heartbeats and writes the database status of its instance
(a real agent does that through trove-conductor, this one writes the row directly), it finishes backups, it remembers
users, databases, grants and configuration overrides, and it answers every other call.
"""
import logging
import uuid

import eventlet
from trove.common import exception

import control
from fakecloud import Swift

LOG = logging.getLogger(__name__)
GUESTS = {}


class Guest(object):
    def __init__(self, instance_id):
        self._id = instance_id
        self._actual = None          # what the agent would report, None before prepare
        self._users, self._dbs, self._overrides = {}, {}, {}
        self._root = None
        self._logs = {}

    # -- plumbing
    def _db(self):
        from trove.instance.models import DBInstance
        return DBInstance.find_by(id=self._id)

    def _manager(self):
        from trove.datastore.models import DatastoreVersion
        return DatastoreVersion.load_by_uuid(self._db().datastore_version_id).manager

    def _asked(self, what):
        row = self._db()
        return control.asked(row.tenant_id, row.name, what)

    def _report(self, name=None):
        """Write the service status row, as a heartbeat through trove-conductor does."""
        from trove.instance import service_status as s
        from trove.instance.models import InstanceServiceStatus
        if name:
            self._actual = name
        if self._actual is None or self._asked('silent'):
            return
        row = InstanceServiceStatus.find_by(instance_id=self._id)
        if row.status in (s.ServiceStatuses.DELETED,):
            return
        row.set_status(getattr(s.ServiceStatuses, self._actual))
        row.save()

    def __getattr__(self, name):
        if name.startswith('_'):
            raise AttributeError(name)

        def call(*args, **kwargs):
            LOG.info('guest %s: %s%r %r', self._id, name, args, kwargs)
            return None
        return call

    # -- life
    def prepare(self, memory_mb, packages, databases, users, snapshot=None, overrides=None, **kw):
        self.create_database(databases)
        self.create_user(users)
        self._overrides = dict(overrides or {})

        def work():
            try:
                self._report('BUILDING')
                # A replica takes longer to restore its snapshot than another one to be taken, and fails where it is gone.
                eventlet.sleep(3 if snapshot else 0.4)
                lost = snapshot and not Swift.holds(snapshot['dataset']['snapshot_id'])
                self._report('FAILED' if lost or self._asked('fail.build') else 'HEALTHY')
            except Exception:
                LOG.exception('guest %s prepare', self._id)
        eventlet.spawn_after(0.2, work)

    def restart(self):
        eventlet.sleep(0.4)
        self._report('HEALTHY')

    def stop_db(self, do_not_start_on_reboot=False):
        self._report('SHUTDOWN')

    def start_db_with_conf_changes(self, config_contents, ds_version):
        eventlet.sleep(0.2)
        self._report('HEALTHY')

    def pre_upgrade(self):
        return {}

    def upgrade(self, upgrade_info):
        eventlet.spawn_after(0.4, self._report, 'HEALTHY')   # the task manager's upgrade waits for HEALTHY, whatever the datastore

    def rebuild(self, ds_version, config_contents=None, config_overrides=None):
        eventlet.spawn_after(0.4, self._report, 'HEALTHY')

    def get_volume_info(self):
        return {'used': 0.16, 'total': float(self._db().volume_size or 0)}

    def get_hwinfo(self):
        return {'mem_total': 524288, 'num_cpus': 1}

    def get_diagnostics(self):
        return {'version': '1', 'fd_size': 64, 'vm_size': 1, 'vm_peak': 1, 'vm_rss': 1, 'vm_hwm': 1, 'threads': 2}

    def rpc_ping(self):
        return True

    # -- configuration
    def update_overrides(self, overrides, remove=False):
        self._overrides = {} if remove else dict(overrides)

    def apply_overrides(self, overrides):
        self._overrides.update(overrides)

    # -- databases, users, root
    def create_database(self, databases):
        for d in databases or []:
            self._dbs[d['_name']] = d

    def delete_database(self, database):
        self._dbs.pop(database['_name'], None)
        for u in self._users.values():
            u['_databases'] = [d for d in u['_databases'] if d['_name'] != database['_name']]

    @staticmethod
    def _page(names, limit, marker, include_marker):
        names = sorted(names)
        if marker:
            names = [n for n in names if n > marker or (include_marker and n == marker)]
        more = bool(limit) and len(names) > int(limit)
        names = names[:int(limit)] if limit else names
        return names, names[-1] if more else None

    def list_databases(self, limit=None, marker=None, include_marker=False):
        names, nxt = self._page(self._dbs, limit, marker, include_marker)
        return [self._dbs[n] for n in names], nxt

    def create_user(self, users):
        for u in users or []:
            u = dict(u, _host=u.get('_host') or '%')
            u['_databases'] = list(u.get('_databases') or [])
            self._users['%s@%s' % (u['_name'], u['_host'])] = u

    def list_users(self, limit=None, marker=None, include_marker=False):
        names, nxt = self._page(self._users, limit, marker, include_marker)
        return [self._users[n] for n in names], nxt

    def get_user(self, username, hostname):
        return self._users.get('%s@%s' % (username, hostname or '%'))

    def delete_user(self, user):
        self._users.pop('%s@%s' % (user['_name'], user.get('_host') or '%'), None)

    def _need(self, username, hostname):
        u = self.get_user(username, hostname)
        if not u:
            raise exception.UserNotFound(uuid=username)
        return u

    def change_passwords(self, users):
        for u in users:
            self._need(u['name'], u.get('host'))['_password'] = u['password']

    def update_attributes(self, username, hostname, user_attrs):
        u = self._need(username, hostname)
        self.delete_user(u)
        for k in ('name', 'host', 'password'):
            if user_attrs.get(k):
                u['_' + k] = user_attrs[k]
        self._users['%s@%s' % (u['_name'], u['_host'])] = u

    def grant_access(self, username, hostname, databases):
        u = self._need(username, hostname)
        have = {d['_name'] for d in u['_databases']}
        u['_databases'] += [{'_name': d, '_collate': None, '_character_set': None} for d in databases if d not in have]

    def revoke_access(self, username, hostname, database):
        u = self._need(username, hostname)
        u['_databases'] = [d for d in u['_databases'] if d['_name'] != database]

    def list_access(self, username, hostname):
        return [dict({'_collate': None, '_character_set': None}, **d) for d in self._need(username, hostname)['_databases']]

    def enable_root_with_password(self, root_password=None):
        self._root = root_password or uuid.uuid4().hex
        return {'_name': 'root', '_host': '%', '_password': self._root, '_databases': []}

    def enable_root(self):
        return self.enable_root_with_password()

    def disable_root(self):
        self._root = None

    def is_root_enabled(self):
        return self._root is not None

    def get_root_password(self):
        return self._root

    # -- logs
    def _log(self, name):
        enabled, published = self._logs.get(name, (False, 0))
        place = '%s/mysql-%s' % (self._id, name)
        return {'name': name, 'type': 'USER', 'status': ('Published' if published else 'Ready') if enabled else 'Disabled',
                'published': published, 'pending': 1234 - published if enabled else 0, 'metafile': place + '_metafile',
                'container': 'database_logs' if published else 'None', 'prefix': place + '/' if published else 'None'}

    def guest_log_list(self):
        return [self._log(name) for name in ('general', 'slow_query')]

    def guest_log_action(self, log_name, enable, disable, publish, discard):
        enabled, published = self._logs.get(log_name, (False, 0))
        self._logs[log_name] = (bool((enabled or enable or publish) and not disable), 1234 if publish else published)
        return self._log(log_name)

    # -- backups and replication
    def _finish_backup(self, backup_id, state='COMPLETED'):
        from trove.backup.models import Backup
        b = Backup.get_by_id(None, backup_id)
        name, container = '%s.xbstream.gz' % backup_id, 'database_backups'
        b.checksum = Swift().put_object(container, name, backup_id)
        b.location = '%s/%s/%s' % (Swift.url, container, name)
        b.size, b.state = 0.14, state
        b.save()

    def create_backup(self, backup_info):
        from trove.backup.models import Backup
        b = Backup.get_by_id(None, backup_info['id'])
        b.state = 'BUILDING'
        b.save()
        eventlet.spawn_after(3, self._finish_backup, backup_info['id'],
                             'FAILED' if self._asked('fail.backup') else 'COMPLETED')

    def backup_required_for_replication(self):
        return True

    def get_replication_snapshot(self, snapshot_info=None, replica_source_config=None):
        eventlet.sleep(1.5)
        self._finish_backup(snapshot_info['id'])
        return {'dataset': {'datastore_manager': self._manager(), 'dataset_size': 0.14,
                            'volume_size': float(self._db().volume_size or 0), 'snapshot_id': snapshot_info['id']},
                'replication_strategy': 'MysqlGTIDReplication', 'master': {'host': '10.1.0.1', 'port': 3306},
                'log_position': {'replication_user': {'name': 'slave', 'password': 'x'}}}

    def get_replica_context(self):
        return {'master': {'host': '10.1.0.1', 'port': 3306}, 'log_position': {'replication_user': {'name': 'slave', 'password': 'x'}}}

    def detach_replica(self, for_failover=False):
        eventlet.sleep(0.2)
        return {'replication_user': 'slave'}

    def attach_replica(self, replica_info, slave_config, restart=False):
        eventlet.sleep(0.2)

    def make_read_only(self, read_only):
        eventlet.sleep(0.2)

    def get_txn_count(self):
        return 1

    def get_last_txn(self):
        return [str(uuid.uuid5(uuid.NAMESPACE_DNS, 'master')), 42]

    def get_latest_txn_id(self):
        return '3e11fa47-71ca-11e1-9e33-c80aa9429562:1-42'


class Guarded(object):
    """What Trove gets as the guest client: applies the control files, then calls the guest."""

    def __init__(self, guest):
        object.__setattr__(self, '_guest', guest)

    def __getattr__(self, name):
        target = getattr(self._guest, name)

        def call(*args, **kwargs):
            if self._guest._asked('fail.' + name):
                raise exception.GuestError(original_message='%s failed' % name)
            return target(*args, **kwargs)
        return call


def client(context, id, manager=None):
    if id not in GUESTS:
        GUESTS[id] = Guest(id)
    return Guarded(GUESTS[id])


def heartbeats(interval):
    while True:
        eventlet.sleep(interval)
        for guest in list(GUESTS.values()):
            try:
                if guest._actual is not None:
                    if guest._db().deleted:
                        GUESTS.pop(guest._id, None)
                    else:
                        guest._report()
            except Exception:
                LOG.debug('heartbeat of %s', guest._id, exc_info=True)
