"""A real PostgreSQL server for one run, on a free port, without fsync.

Debian keeps initdb and pg_ctl off the PATH, and the server refuses to run as root; both are dealt with here.
"""

import atexit
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.support.ports import free_port

QUICK = "-F -c full_page_writes=off -c synchronous_commit=off -c max_connections=200 -c shared_buffers=64MB"


def binaries():
    """Return the folder of the newest server found."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if found:
        return max(found, key=lambda path: int(path.parent.name))
    if initdb := shutil.which("initdb"):
        return Path(os.path.realpath(initdb)).parent
    raise SystemExit("PostgreSQL's server is missing: apt-get install postgresql")


def start(options=QUICK):
    """Start a server, stop it at exit, return its URL without a database name."""
    root = tempfile.mkdtemp(prefix="smartfactory-pg-")
    who = _not_root(root)
    data, port = f"{root}/data", free_port()

    def run(program, *arguments):
        subprocess.run(
            [binaries() / program, *arguments], check=True, cwd=root, stdout=subprocess.DEVNULL,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}, **who,
        )  # fmt: skip

    run("initdb", "-D", data, "-U", "smartfactory", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
    run("pg_ctl", "-D", data, "-w", "-l", f"{root}/log", "-o", f"-p {port} -k {root} -h 127.0.0.1 {options}", "start")
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    atexit.register(run, "pg_ctl", "-D", data, "-m", "immediate", "stop")
    return f"postgres://smartfactory@127.0.0.1:{port}"


def _not_root(root):
    """Name the user to run as: the one Debian's package made, if we are root."""
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam("postgres")
    os.chown(root, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
