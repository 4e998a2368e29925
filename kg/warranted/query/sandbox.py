"""Takes from a worker what a query never needs: network sockets, core dumps, endless memory.

The filter is seccomp-BPF set through prctl(2): socket(2) for IPv4 and IPv6 fails with EACCES, on
x86-64 and aarch64. See seccomp(2) and linux/audit.h for the numbers.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import resource
import struct

_ARCH = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}  # (audit arch, nr of socket)
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_AF_INET, _AF_INET6 = 2, 10
_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _MODE_FILTER = 22, 38, 2


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def limit(memory: int) -> None:
    """Bound this process to `memory` bytes of data, and forbid core dumps."""
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def forbid_network() -> bool:
    """Deny inet sockets to this process and all it starts; False where that cannot be done."""
    found = _ARCH.get(platform.machine())
    if platform.system() != "Linux" or found is None:
        return False
    arch, socket_nr = found
    deny = _ERRNO | errno.EACCES
    steps = [
        (_LOAD, 0, 0, 4),  # seccomp_data.arch
        (_EQUAL, 1, 0, arch),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, 0),  # seccomp_data.nr
        (_EQUAL, 0, 3, socket_nr),
        (_LOAD, 0, 0, 16),  # seccomp_data.args[0]: the address family
        (_EQUAL, 2, 0, _AF_INET),
        (_EQUAL, 1, 0, _AF_INET6),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, deny),
    ]
    code = b"".join(struct.pack("=HBBI", *step) for step in steps)
    program = _Program(len(steps), code)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program), 0, 0) == 0)
