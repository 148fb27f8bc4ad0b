"""Serve the distribution's trove-api and trove-taskmanager in one process.

Real: the WSGI pipeline, API, models, quotas, policies, schema validation, the oslo.messaging RPC (in-process "fake:/"
transport, with Trove's own encrypting serializer) and the task manager behind it.
Not real: what remote_*_client in trove.conf points at (fakecloud, fakeguest).
"""
import eventlet
eventlet.monkey_patch(all=True)

from trove.cmd.common import with_initialize


def shorten_polls():
    """Trove's own poll_until, sleeping at most 0.5 s between tries (upstream sleeps for seconds)."""
    from trove.common import utils
    real = utils.poll_until

    def poll_until(retriever, condition=lambda v: v, sleep_time=3, time_out=0, initial_delay=0):
        return real(retriever, condition, sleep_time=min(sleep_time, 0.5), time_out=time_out,
                    initial_delay=min(initial_delay, 0.5))
    utils.poll_until = poll_until


def keep_connections():
    """Keep the connections to SQLite, as newer releases of SQLAlchemy do, and do not wait for the disk."""
    from sqlalchemy import event
    from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
    from sqlalchemy.engine import Engine
    from sqlalchemy.pool import QueuePool
    SQLiteDialect_pysqlite.get_pool_class = classmethod(lambda cls, url: QueuePool)
    event.listen(Engine, 'connect', lambda connection, _: connection.execute('PRAGMA synchronous=OFF').close())


@with_initialize
def main(conf):
    import fakeguest
    from trove.common import cfg
    from trove.common import notification
    from trove.common import wsgi
    from trove.common.rpc import service as rpc_service
    from trove.instance import models as inst_models
    from trove.taskmanager import api as task_api

    shorten_polls()
    notification.DBaaSAPINotification.register_notify_callback(inst_models.persist_instance_fault)
    cfg.set_api_config_defaults()

    key = conf.taskmanager_rpc_encr_key if conf.enable_secure_rpc_messaging else None
    tasks = rpc_service.RpcService(key=key, manager=conf.taskmanager_manager, topic=conf.taskmanager_queue,
                                   rpc_api_version=task_api.API.API_LATEST_VERSION)
    tasks.start()          # report_interval is 0, so this returns
    eventlet.spawn(fakeguest.heartbeats, 5)
    wsgi.launch('trove', conf.bind_port, conf.find_file(conf.api_paste_config), host=conf.bind_host, workers=1).wait()


keep_connections()
main()
