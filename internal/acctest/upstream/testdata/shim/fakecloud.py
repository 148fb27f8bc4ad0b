"""In-memory Nova, Cinder, Neutron, Swift and Glance, reached through Trove's own remote_*_client options.

Only what the real Trove API and task manager call is here.  They keep enough state that Trove's own code paths
(ports and floating IPs, volume extend, resize confirm, server groups, Swift checksums) run unmodified.
"""
import hashlib
import itertools
import uuid

import eventlet
from cinderclient import exceptions as cinder_exc
from glanceclient import exc as glance_exc
from neutronclient.common import exceptions as neutron_exc
from novaclient import exceptions as nova_exc
from swiftclient.client import ClientException

import control

MGMT_NET = '00000000-0000-4000-8000-00000000aaaa'
PRIVATE_NET = '00000000-0000-4000-8000-00000000bbbb'
PRIVATE_NET2 = '00000000-0000-4000-8000-00000000dddd'
PUBLIC_NET = '00000000-0000-4000-8000-00000000cccc'
IMAGE = '00000000-0000-4000-8000-00000000eeee'


def later(seconds, function, *args):
    eventlet.spawn_after(seconds, function, *args)


class Thing(object):
    def __init__(self, **kw):
        self.__dict__.update(kw)


# ---------------------------------------------------------------- Nova
class Flavors(object):
    def __init__(self):
        rows = [('1', 'db.tiny', 512, 1, 10), ('2', 'db.small', 1024, 1, 20), ('3', 'db.medium', 2048, 2, 40),
                ('4', 'db.large', 4096, 4, 80)]
        self.rows = {i: (i, n, r, c, d) for i, n, r, c, d in rows}

    @staticmethod
    def _make(row):
        i, n, r, c, d = row
        return Thing(id=i, name=n, ram=r, vcpus=c, disk=d, ephemeral=0, links=[])

    def get(self, id):
        if str(id) not in self.rows:
            raise nova_exc.NotFound(404, 'Flavor %s could not be found.' % id)
        return self._make(self.rows[str(id)])

    def list(self):
        return [self._make(r) for r in self.rows.values()]


FLAVORS = Flavors()
SERVERS = {}
SERVER_GROUPS = {}


class Server(object):
    def __init__(self, name, image_id, flavor_id, volumes, group, az, tenant=None):
        self.tenant_id = self.tenant = tenant
        self.created = self.updated = '2024-01-01T00:00:00Z'
        self.id = str(uuid.uuid4())
        self.name = name
        self.image = {'id': image_id}
        self.flavor = {'id': str(flavor_id)}
        self.old_flavor = None
        self.status = 'BUILD'
        self.host = 'fake-host-1'
        self.volumes = volumes
        self.group = group
        self.addresses = {}
        setattr(self, 'OS-EXT-AZ:availability_zone', az or 'nova')
        later(0.2, self._built)

    def _built(self):
        if self.id not in SERVERS:
            return
        if control.asked(self.tenant, self.name, 'fail.server'):
            self.fault = {'message': 'No valid host was found.'}
            self.status = 'ERROR'
        else:
            self.status = 'ACTIVE'

    def resize(self, flavor_id):
        self.status = 'RESIZE'

        def done():
            self.old_flavor = dict(self.flavor)
            if not control.asked(self.tenant, self.name, 'fail.resize'):
                self.flavor = {'id': str(flavor_id)}
            self.status = 'VERIFY_RESIZE'
        later(0.4, done)

    def confirm_resize(self):
        self.status = 'ACTIVE'

    def revert_resize(self):
        self.flavor = self.old_flavor

        def done():
            self.status = 'ACTIVE'
        later(0.2, done)

    def migrate(self, force_host=None):
        self.status = 'RESIZE'

        def done():
            self.host = force_host or 'fake-host-2'
            self.status = 'VERIFY_RESIZE'
        later(0.4, done)

    def rebuild(self, image_id, files=None, **kw):
        self.status = 'REBUILD'

        def done():
            self.image = {'id': image_id}
            self.status = 'ACTIVE'
        later(0.4, done)

    def reboot(self, *a, **kw):
        self.status = 'REBOOT'

        def done():
            self.status = 'ACTIVE'
        later(0.4, done)

    def delete(self):
        def done():
            SERVERS.pop(self.id, None)
            for v in self.volumes:
                VOLUMES.pop(v, None)
            for g in SERVER_GROUPS.values():
                if self.id in g.members:
                    g.members.remove(self.id)
            for p in PORTS.values():
                if p.get('device_id') == self.id:
                    p['device_id'] = ''
        later(0.4, done)


class Servers(object):
    def create(self, name, image_id, flavor_id, key_name=None, nics=None, block_device_mapping_v2=None, files=None,
               userdata=None, availability_zone=None, config_drive=None, scheduler_hints=None, meta=None, **kw):
        if availability_zone == 'BAD_ZONE':
            raise nova_exc.BadRequest(400, 'The requested availability zone is not available')
        vols = [b['uuid'] for b in block_device_mapping_v2 or []]
        group = (scheduler_hints or {}).get('group')
        server = Server(name, image_id, flavor_id, vols, group, availability_zone, (meta or {}).get('trove_project_id'))
        SERVERS[server.id] = server
        for v in vols:
            VOLUMES[v].status = 'in-use'
        for nic in nics or []:
            PORTS[nic['port-id']]['device_id'] = server.id
        if group and group in SERVER_GROUPS:
            SERVER_GROUPS[group].members.append(server.id)
        return server

    def get(self, id):
        if id not in SERVERS:
            raise nova_exc.NotFound(404, 'Instance %s could not be found.' % id)
        return SERVERS[id]

    def list(self, **kw):
        return list(SERVERS.values())


class ServerGroups(object):
    def create(self, name, policies=None, policy=None, **kw):
        g = Thing(id=str(uuid.uuid4()), name=name, policies=list(policies or [policy]), members=[])
        SERVER_GROUPS[g.id] = g
        return g

    def list(self, **kw):
        return list(SERVER_GROUPS.values())

    def delete(self, id):
        SERVER_GROUPS.pop(id, None)


class NovaVolumes(object):
    def delete_server_volume(self, server_id, volume_id):
        def done():
            VOLUMES[volume_id].status = 'available'
        later(0.2, done)

    def create_server_volume(self, server_id, volume_id, device=None):
        def done():
            VOLUMES[volume_id].status = 'in-use'
        later(0.2, done)


class Nova(object):
    flavors = FLAVORS
    servers = Servers()
    server_groups = ServerGroups()
    volumes = NovaVolumes()


def nova(context=None, region_name=None, password=None):
    return Nova()


# ---------------------------------------------------------------- Cinder
VOLUMES = {}
VOLUME_TYPES = [Thing(id='11111111-1111-4111-8111-111111111111', name='__DEFAULT__', is_public=True, description='default'),
                Thing(id='22222222-2222-4222-8222-222222222222', name='ssd', is_public=True, description='fast')]


class Volume(Thing):
    def delete(self):
        VOLUMES.pop(self.id, None)


class Volumes(object):
    def create(self, size, name=None, description=None, volume_type=None, availability_zone=None, **kw):
        if volume_type and volume_type not in [t.name for t in VOLUME_TYPES] + [t.id for t in VOLUME_TYPES]:
            raise cinder_exc.NotFound(404, 'Volume type %s could not be found.' % volume_type)
        v = Volume(id=str(uuid.uuid4()), size=int(size), name=name, volume_type=volume_type or '__DEFAULT__', status='creating')
        VOLUMES[v.id] = v
        def done():
            v.status = 'available'
        later(0.2, done)
        return v

    def get(self, id):
        if id not in VOLUMES:
            raise cinder_exc.NotFound(404, 'Volume %s could not be found.' % id)
        return VOLUMES[id]

    def list(self, search_opts=None, **kw):
        want = (search_opts or {}).get('name')
        return [v for v in list(VOLUMES.values()) if not want or v.name == want]

    def extend(self, id, new_size):
        v = self.get(id)

        def done():
            v.size = int(new_size)
        later(0.2, done)


class VolumeTypes(object):
    def list(self):
        return VOLUME_TYPES

    def get(self, id):
        for t in VOLUME_TYPES:
            if id in (t.id, t.name):
                return t
        raise cinder_exc.NotFound(404, 'Volume type %s could not be found.' % id)


class Cinder(object):
    volumes = Volumes()
    volume_types = VolumeTypes()


def cinder(context=None, region_name=None):
    return Cinder()


# ---------------------------------------------------------------- Neutron
NETWORKS = {
    MGMT_NET: {'id': MGMT_NET, 'name': 'trove-mgmt', 'cidr': '192.168.254.0/24', 'external': False},
    PRIVATE_NET: {'id': PRIVATE_NET, 'name': 'private', 'cidr': '10.1.0.0/16', 'external': False},
    PRIVATE_NET2: {'id': PRIVATE_NET2, 'name': 'private2', 'cidr': '10.2.0.0/16', 'external': False},
    PUBLIC_NET: {'id': PUBLIC_NET, 'name': 'public', 'cidr': '203.0.113.0/24', 'external': True},
}
SUBNETS = {'5' + i[1:]: {'id': '5' + i[1:], 'network_id': i, 'cidr': n['cidr']} for i, n in NETWORKS.items()}
PORTS, FIPS, SGS, SG_RULES = {}, {}, {}, {}
_host = itertools.count(10)


def _ip(net):
    n = next(_host)
    base = NETWORKS[net]['cidr'].split('.')
    return '%s.%s.%s.%d' % (base[0], base[1], int(base[2]) + (n // 200 if base[0] == '10' else 0), 10 + n % 200)


class Neutron(object):
    def show_extension(self, alias):
        return {'extension': {'alias': alias}}

    def show_network(self, id, **kw):
        if id not in NETWORKS:
            raise neutron_exc.NotFound(message='Network %s could not be found.' % id)
        return {'network': NETWORKS[id]}

    def list_networks(self, **kw):
        ext = kw.get('router:external')
        return {'networks': [n for n in NETWORKS.values() if ext is None or n['external'] == ext]}

    def find_resource(self, kind, id, **kw):
        return self.show_network(id)['network']

    def list_subnets(self, network_id=None, **kw):
        return {'subnets': [s for s in SUBNETS.values() if not network_id or s['network_id'] == network_id]}

    def show_subnet(self, id, **kw):
        if id not in SUBNETS:
            raise neutron_exc.NotFound(message='Subnet %s could not be found.' % id)
        return {'subnet': SUBNETS[id]}

    def create_port(self, body=None):
        p = dict(body['port'])
        net = p['network_id']
        self.show_network(net)
        subnet = [s for s in SUBNETS.values() if s['network_id'] == net][0]['id']
        fixed = (p.get('fixed_ips') or [{}])[0]
        p.update(id=str(uuid.uuid4()), device_id='', device_owner='compute:nova',
                 fixed_ips=[{'subnet_id': fixed.get('subnet_id', subnet), 'ip_address': fixed.get('ip_address') or _ip(net)}])
        PORTS[p['id']] = p
        return {'port': p}

    def list_ports(self, name=None, device_id=None, device_owner=None, **kw):
        if device_owner and 'router' in device_owner:
            return {'ports': [{'id': 'router-port'}]}
        return {'ports': [p for p in PORTS.values() if (name is None or p['name'] == name)
                          and (device_id is None or p['device_id'] == device_id)]}

    def delete_port(self, id):
        PORTS.pop(id, None)

    def create_floatingip(self, body):
        f = dict(body['floatingip'], id=str(uuid.uuid4()), floating_ip_address=_ip(PUBLIC_NET))
        FIPS[f['id']] = f
        return {'floatingip': f}

    def list_floatingips(self, port_id=None, floating_ip_address=None, **kw):
        return {'floatingips': [f for f in FIPS.values() if (port_id is None or f['port_id'] == port_id) and
                                (floating_ip_address is None or f['floating_ip_address'] == floating_ip_address)]}

    def update_floatingip(self, id, body):
        FIPS[id].update(body['floatingip'])

    def delete_floatingip(self, id):
        FIPS.pop(id, None)

    def create_security_group(self, body=None):
        g = dict(body['security_group'], id=str(uuid.uuid4()))
        SGS[g['id']] = g
        return {'security_group': g}

    def list_security_groups(self, name=None, **kw):
        return {'security_groups': [g for g in SGS.values() if name is None or g['name'] == name]}

    def delete_security_group(self, id):
        SGS.pop(id, None)

    def create_security_group_rule(self, body):
        r = dict(body['security_group_rule'], id=str(uuid.uuid4()))
        SG_RULES[r['id']] = r
        return {'security_group_rule': r}

    def list_security_group_rules(self, security_group_id=None, **kw):
        return {'security_group_rules': [r for r in SG_RULES.values() if r['security_group_id'] == security_group_id]}

    def delete_security_group_rule(self, id):
        SG_RULES.pop(id, None)


def neutron(context=None, region_name=None):
    return Neutron()


# ---------------------------------------------------------------- Swift and Glance
OBJECTS = {}


class Swift(object):
    url = 'http://127.0.0.1:8080/v1/AUTH_fake'

    @staticmethod
    def holds(backup_id):
        return any(name.startswith(backup_id) for _, name in OBJECTS)

    def get_account(self, *a, **kw):
        return {}, []

    def get_container(self, container, **kw):
        return {}, [{'name': o} for c, o in OBJECTS if c == container]

    def put_container(self, *a, **kw):
        pass

    def put_object(self, container, name, contents, headers=None, **kw):
        data = contents if isinstance(contents, bytes) else str(contents).encode()
        etag = hashlib.md5(data).hexdigest()
        OBJECTS[(container, name)] = dict(headers or {}, etag=etag)
        return etag

    def head_object(self, container, name, **kw):
        if (container, name) not in OBJECTS:
            raise ClientException('Object HEAD failed', http_status=404)
        return OBJECTS[(container, name)]

    def get_object(self, container, name, **kw):
        return self.head_object(container, name), b''

    def delete_object(self, container, name, **kw):
        self.head_object(container, name)
        del OBJECTS[(container, name)]


def swift(context=None, region_name=None):
    return Swift()


class Images(object):
    def get(self, id):
        if id != IMAGE:
            raise glance_exc.HTTPNotFound('Image %s' % id)
        return {'id': id}

    def list(self, **kw):
        return [{'id': IMAGE}]


class Glance(object):
    images = Images()


def glance(context=None, region_name=None):
    return Glance()
