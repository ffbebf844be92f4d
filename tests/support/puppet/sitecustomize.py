"""Strings on the add-on's own process: Python imports this file first, by PYTHONPATH, in the process splunkd starts.

The variable PUPPET holds JSON that says what shall happen to the process; nothing of the add-on is replaced.

    kill       [part, n]    SIGKILL at the n-th side effect of qualys_ta's module `part` (any: of whichever), a write to
                            stdout halfway; a third number is another signal, which comes before the effect
    full       {part: size} no file grows beyond `size` bytes while module `part` writes: a disk that is full
    unlink     path         somebody deletes the file at the very moment it is locked
    clock      seconds      what time.time() adds to the true time
    zone       TZ           the server's time zone
    offline    true         a socket is an error
    modules    path         where to write the names of all modules at the end
    hurry      n            time.sleep() takes an n-th of what it should, and time.time() goes on as if it did not
    chatty     path         where every logger of every library writes all it has to say; nothing silences it
    overheard  path         where to write what is told to processes that the add-on itself starts
    humble     true         obey the permissions of files, which root otherwise need not
"""

import atexit
import json
import os
import resource
import signal
import sys
import time

EFFECTS = frozenset(("write", "writerows", "fsync", "replace", "unlink", "executemany", "commit"))
WISHES = json.loads(os.environ.get("PUPPET", "{}"))
PART_OF = {}


def part_at_work(frame):
    """The innermost module of the add-on that is at work, without ``.py``; "" for none."""
    while frame is not None:
        name = frame.f_code.co_filename
        if name not in PART_OF:
            PART_OF[name] = name.rpartition("/")[2][:-3] if "/qualys_ta/" in name else ""
        if PART_OF[name]:
            return PART_OF[name]
        frame = frame.f_back
    return ""


class Killer:
    """Counts the side effects of one part and sends the signal before the n-th of them has happened.

    Half a write is for a process that ends there: one that survives the signal writes all of it, after the half.
    """

    def __init__(self, part, number, signum=signal.SIGKILL):
        self.part, self.left, self.signum = part, number, signum

    def __call__(self, frame, event, function):
        if event != "c_call" or function.__name__ not in EFFECTS or isinstance(function.__self__, (str, bytes)):
            return  # str.replace has no effect on the world
        part = part_at_work(frame)
        if not part or self.part not in (part, "any"):
            return
        self.left -= 1
        if self.left == 0:
            if self.signum == signal.SIGKILL and part == "sink" and "view" in frame.f_locals:
                data = frame.f_locals["view"]
                os.write(frame.f_locals["self"]._fd, data[: len(data) // 2])
            os.kill(os.getpid(), self.signum)


class FullDisk:
    """Lowers this process's limit for the size of files while one of `sizes` calls into C."""

    def __init__(self, sizes):
        self.sizes = sizes
        self.hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]

    def __call__(self, frame, event, _):
        if event.startswith("c_") and part_at_work(frame) in self.sizes:
            size = self.sizes[part_at_work(frame)] if event == "c_call" else self.hard
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, self.hard))


class Unlinker:
    """Deletes a file right before it is locked."""

    def __init__(self, path):
        self.path = path

    def __call__(self, frame, event, function):
        if event == "c_call" and function.__name__ == "flock" and part_at_work(frame) == "files":
            os.unlink(self.path)  # noqa: PTH108 - pathlib must not be loaded for a tick that is not due


def profile(watcher):
    """In all threads, those included that are still to come."""
    import threading

    threading.setprofile(watcher)
    sys.setprofile(watcher)


def shift_clock(by_s):
    true_time = time.time
    time.time = lambda: true_time() + by_s


def hurry(times):
    true_sleep, true_time = time.sleep, time.time
    skipped = 0.0

    def sleep(seconds):
        nonlocal skipped
        true_sleep(seconds / times)
        skipped += seconds - seconds / times

    time.sleep, time.time = sleep, lambda: true_time() + skipped


def move_to(zone):
    os.environ["TZ"] = zone
    time.tzset()


def go_offline(_):
    def refuse(event, args):
        if event.startswith("socket."):
            raise RuntimeError("a socket was opened by a tick that is not due")

    sys.addaudithook(refuse)


def tell_modules(path):
    def write():
        with open(path, "w", encoding="utf-8") as file:
            json.dump(sorted(sys.modules), file)

    atexit.register(write)


def be_chatty(path):
    import logging

    logging.basicConfig(filename=path, level=logging.DEBUG)
    logging.disable = lambda *_: None


class Overheard:
    """Standard input, and a copy of what came."""

    def __init__(self, stream, path):
        self.buffer, self.stream, self.path = self, stream, path

    def readline(self):
        return self.copied(self.stream.readline())

    def read(self):
        return self.copied(self.stream.read())

    def copied(self, data):
        with open(self.path, "ab") as file:
            file.write(data)
        return data


def overhear(path):
    with open("/proc/self/cmdline", "rb") as command, open("/proc/self/environ", "rb") as variables:
        told = command.read() + b"\n" + variables.read()
    if b"qualys_convert.py" in told.partition(b"\n")[0]:
        sys.stdin = Overheard(sys.stdin.buffer, path)
        sys.stdin.copied(told)


def be_humble(_):
    """Drops CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH (capset(2); 0x20080522 is the version of its structures)."""
    import ctypes

    libc = ctypes.CDLL(None)
    header, sets = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    libc.capget(header, sets)
    for number in range(3):
        sets[number] &= ~0b110
    libc.capset(header, sets)


STRINGS = {
    "kill": lambda wish: profile(Killer(*wish)),
    "full": lambda wish: profile(FullDisk(wish)),
    "unlink": lambda wish: sys.setprofile(Unlinker(wish)),
    "clock": shift_clock,
    "hurry": hurry,
    "zone": move_to,
    "offline": go_offline,
    "modules": tell_modules,
    "chatty": be_chatty,
    "overheard": overhear,
    "humble": be_humble,
}

for name, wish in WISHES.items():
    STRINGS[name](wish)
