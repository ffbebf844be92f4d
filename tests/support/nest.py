"""A Python that has loaded the add-on already and forks for every start: a start costs a tenth of a new process.

Run as a script: ``nest.py <app home> <fd of a socket>``. Each message on the socket is the environment of a start, with
the descriptors of its standard streams; the answers are the pid and, once it ended, the wait status. What is forked is
a process like any other: its own session, its signals, its exit. Waits of the add-on pass a hundred times faster.
"""

import json
import os
import runpy
import socket
import sys
import time
from pathlib import Path

HURRY = 100
PUPPET = Path(__file__).with_name("puppet") / "sitecustomize.py"
LOADED = (
    "qualys_ta.run",
    "qualys_ta.work.events",
    "qualys_ta.work.knowledge",
    "qualys_ta.populator.host_detection",
    "qualys_ta.work.policies",
    "qualys_ta.work.webapps",
    "qualys_ta.populator.knowledge_base",
    "solnlib.conf_manager",
    "splunklib.binding",
    "cronsim",
)


def hurry():
    """Before the add-on is loaded, because it takes hold of `time.sleep` then. The clock tells what seems to pass."""
    true_sleep, true_time = time.sleep, time.time
    skipped = 0.0

    def sleep(seconds):
        nonlocal skipped
        true_sleep(seconds / HURRY)
        skipped += seconds - seconds / HURRY

    time.sleep, time.time = sleep, lambda: true_time() + skipped


def load(app_home):
    sys.path[:0] = [str(app_home / "bin"), str(app_home / "lib")]
    for name in LOADED:
        __import__(name)


def serve(line):
    """Forks for each message. Returns True in a child, which is ready to be the add-on, and False at the end."""
    while True:
        told, fds, _, _ = socket.recv_fds(line, 1 << 20, 3)
        if not told:
            return False
        pid = os.fork()
        if not pid:
            become(json.loads(told), fds)
            line.close()
            return True
        for fd in fds:
            os.close(fd)
        line.sendall(f"{pid}\n".encode())
        line.sendall(f"{os.waitpid(pid, 0)[1]}\n".encode())


def become(environment, fds):
    os.setsid()
    for number, fd in enumerate(fds):
        os.dup2(fd, number)
        os.close(fd)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir("/")
    if "PUPPET" in environment:
        runpy.run_path(str(PUPPET))


def main():
    app_home = Path(sys.argv[1])
    hurry()
    load(app_home)
    with socket.socket(fileno=int(sys.argv[2])) as line:
        line.sendall(b"ready\n")
        if not serve(line):
            return 0
    from qualys_ta.run import run
    from qualys_ta.splunk.modinput import main as modinput

    return modinput(["qualys.py"], app_home, run)


if __name__ == "__main__":
    sys.exit(main())
