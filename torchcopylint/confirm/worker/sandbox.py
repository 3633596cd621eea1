"""What a process may do once a program runs in it: compute. No file, socket or process, little time and memory."""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys
from typing import Any

_MEMORY = 1 << 30
_NEW_USER, _NEW_NET = 0x10000000, 0x40000000
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_ALLOW, _DENY, _UNKNOWN, _KILL = 0x7FFF0000, 0x50000 | errno.EPERM, 0x50000 | errno.ENOSYS, 0x80000000
_THREAD = 0x10000

_CALLS: dict[str, dict[str, Any]] = {
    "x86_64": {
        "arch": 0xC000003E,
        "open": {2: 1, 257: 2},
        "clone": 56,
        "absent": (435, 437),
        "denied": (
            29, 41, 42, 43, 44, 45, 46, 47, 49, 50, 53, 57, 58, 59, 62, 64, 68, 76, 77, 82, 83, 84, 85, 86, 87, 88, 90,
            91, 92, 93, 94, 101, 132, 133, 155, 161, 165, 166, 188, 189, 190, 197, 198, 199, 200, 235, 240, 248, 249,
            250, 258, 259, 260, 261, 263, 264, 265, 266, 268, 272, 280, 288, 298, 304, 307, 308, 310, 311, 316, 319,
            321, 322, 323, 424, 425, 426, 427, 434, 438, 452,
        ),
    },
    "aarch64": {
        "arch": 0xC00000B7,
        "open": {56: 2},
        "clone": 220,
        "absent": (435, 437),
        "denied": (
            5, 6, 7, 14, 15, 16, 33, 34, 35, 36, 37, 38, 39, 40, 41, 45, 46, 51, 52, 53, 54, 55, 88, 97, 117, 129, 130,
            180, 186, 190, 194, 198, 199, 200, 201, 202, 203, 206, 207, 211, 212, 217, 218, 219, 221, 241, 242, 265,
            268, 270, 271, 276, 279, 280, 281, 282, 424, 425, 426, 427, 434, 438, 452,
        ),
    },
}  # fmt: skip
"""Linux's numbers of the calls that open sockets, start or signal processes, and change files or what mounts them."""

_EVENTS = (
    "socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.remove", "os.rename",
    "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod", "os.chown", "os.chflags", "os.kill",
    "os.putenv", "os.unsetenv", "os.startfile", "os.setxattr", "os.removexattr", "os.utime", "os.chdir", "os.lockf",
    "shutil.", "tempfile.", "pty.", "webbrowser.", "ctypes.", "winreg.", "msvcrt.", "signal.pthread_kill", "ftplib.",
    "http.", "smtplib.", "urllib.", "sqlite3.", "syslog.", "mmap.", "gc.get_objects", "sys._getframemodulename",
)  # fmt: skip


def enclose(seconds: int, keep: int) -> list[str]:
    """From here on this process can only compute; `keep` is the file descriptor it answers on. What is in force."""
    done = _limits(seconds)
    os.environ.clear()
    if os.path.isdir("/proc/self/fd"):
        open_files = [int(name) for name in os.listdir("/proc/self/fd")]
    else:
        open_files = list(range(256))
    for number in open_files:
        if number > 2 and number != keep:
            try:
                os.close(number)
            except OSError:
                pass
    if sys.platform == "linux":
        done += _no_network()
        done += _no_system_calls()
    sys.addaudithook(_refuse)
    return [*done, "audit"]


def _limits(seconds: int) -> list[str]:
    try:
        import resource
    except ImportError:
        return []
    wanted = {
        "RLIMIT_CPU": (seconds, seconds + 1),
        "RLIMIT_AS": (_address_space() + _MEMORY,) * 2,
        "RLIMIT_NPROC": (0, 0),
        "RLIMIT_FSIZE": (0, 0),
        "RLIMIT_CORE": (0, 0),
        "RLIMIT_NOFILE": (64, 64),
    }
    done = []
    for name, limit in wanted.items():
        try:
            resource.setrlimit(getattr(resource, name), limit)
            done.append(name.removeprefix("RLIMIT_").lower())
        except (AttributeError, ValueError, OSError):
            continue
    return done


def _address_space() -> int:
    """The bytes that are mapped already: torch alone maps gigabytes."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 8 << 30


def _no_network() -> list[str]:
    """A network of its own, with nothing in it."""
    libc = ctypes.CDLL(None, use_errno=True)
    for flags in (_NEW_NET, _NEW_USER | _NEW_NET):
        if libc.unshare(flags) == 0:
            return ["network"]
    return []


def _no_system_calls() -> list[str]:
    """A filter in the kernel, which nothing can take away again."""
    calls = _CALLS.get(platform.machine())
    if calls is None:
        return []
    program = b"".join(_filter(calls))
    buffer = ctypes.create_string_buffer(program)

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(38, 1, 0, 0, 0) != 0:
        return []
    wanted = Program(len(program) // 8, ctypes.cast(buffer, ctypes.c_void_p).value)
    return ["system calls"] if libc.prctl(22, 2, ctypes.byref(wanted), 0, 0) == 0 else []


def _filter(calls: dict[str, Any]) -> list[bytes]:
    """The instructions of the filter: which architecture, which call, and of some calls with which flags."""

    def step(code: int, k: int, yes: int = 0, no: int = 0) -> bytes:
        return struct.pack("HBBI", code, yes, no, k)

    load, equal, greater, both, give = 0x20, 0x15, 0x35, 0x45, 0x06
    steps = [step(load, 4), step(equal, calls["arch"], 1), step(give, _KILL), step(load, 0)]
    steps += [step(greater, 0x40000000, 0, 1), step(give, _UNKNOWN)]
    for number in calls["denied"]:
        steps += [step(equal, number, 0, 1), step(give, _DENY)]
    for number in calls["absent"]:
        steps += [step(equal, number, 0, 1), step(give, _UNKNOWN)]
    for number, argument in calls["open"].items():
        flags = 16 + 8 * argument
        steps += [step(equal, number, 0, 4), step(load, flags), step(both, _WRITES, 0, 1), step(give, _DENY)]
        steps += [step(give, _ALLOW)]
    steps += [step(equal, calls["clone"], 0, 4), step(load, 16), step(both, _THREAD, 1), step(give, _DENY)]
    return [*steps, step(give, _ALLOW), step(give, _ALLOW)]


def _refuse(event: str, args: tuple[Any, ...]) -> None:
    """Python's own say: what asks for more than computing is refused, on every platform."""
    if event == "open":
        mode, flags = args[1], args[2]
        writes = isinstance(mode, str) and any(letter in mode for letter in "wax+")
        if writes or (isinstance(flags, int) and flags & _WRITES):
            raise PermissionError(f"a program may not write to {args[0]!r}")
    elif event.startswith(_EVENTS):
        raise PermissionError(f"a program may not do this: {event}")
