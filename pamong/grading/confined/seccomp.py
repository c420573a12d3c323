"""The system calls that participants' code may not make, as a filter program that bubblewrap loads.

No second process or thread, no namespace, no socket but a pair with both ends in the process, no shared
memory that outlives it, no other process's memory. What is refused fails with EPERM, as Python expects of
a system that forbids it; what nobody has reviewed yet fails with ENOSYS, as on an older kernel.
"""

from __future__ import annotations

import platform
import struct
from dataclasses import dataclass

from pamong.errors import CourseError

_ALLOW, _REFUSE, _UNKNOWN, _KILL = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER, _ARCHITECTURE = 0, 4
"""Offsets in what the kernel shows a filter."""
_NEWER = 463
"""The first number that nobody has reviewed; the other names that x32 has for all calls lie beyond it."""
_EVERYWHERE = {
    "clone3": 435, "move_mount": 429, "open_tree": 428, "fsopen": 430, "fsconfig": 431, "fsmount": 432,
    "fspick": 433, "mount_setattr": 442, "pidfd_getfd": 438, "process_madvise": 440,
    "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "memfd_secret": 447,
}  # fmt: skip
_X86_64 = {
    "fork": 57, "vfork": 58, "clone": 56, "socket": 41, "unshare": 272, "setns": 308, "mount": 165,
    "umount2": 166, "pivot_root": 155, "chroot": 161, "ptrace": 101, "process_vm_readv": 310,
    "process_vm_writev": 311, "kcmp": 312, "add_key": 248, "request_key": 249, "keyctl": 250,
    "bpf": 321, "perf_event_open": 298, "userfaultfd": 323, "shmget": 29, "shmat": 30, "shmctl": 31,
    "msgget": 68, "semget": 64, "mq_open": 240, "memfd_create": 319, "name_to_handle_at": 303,
    "open_by_handle_at": 304, "personality": 135, "acct": 163, "swapon": 167, "reboot": 169,
    "kexec_load": 246, "init_module": 175, "finit_module": 313, "delete_module": 176, "syslog": 103,
    "quotactl": 179, "fanotify_init": 300,
}  # fmt: skip
_AARCH64 = {
    "clone": 220, "socket": 198, "unshare": 97, "setns": 268, "mount": 40, "umount2": 39,
    "pivot_root": 41, "chroot": 51, "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271,
    "kcmp": 272, "add_key": 217, "request_key": 218, "keyctl": 219, "bpf": 280,
    "perf_event_open": 241, "userfaultfd": 282, "shmget": 194, "shmat": 196, "shmctl": 195,
    "msgget": 186, "semget": 190, "mq_open": 180, "memfd_create": 279, "name_to_handle_at": 264,
    "open_by_handle_at": 265, "personality": 92, "acct": 89, "swapon": 224, "reboot": 142,
    "kexec_load": 104, "init_module": 105, "finit_module": 273, "delete_module": 106, "syslog": 116,
    "quotactl": 60, "fanotify_init": 262,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Machine:
    """A processor: what the kernel calls it, and its numbers of the calls that are refused."""

    architecture: int
    numbers: frozenset[int]


_MACHINES = {
    "x86_64": _Machine(0xC000003E, frozenset((_EVERYWHERE | _X86_64).values())),
    "aarch64": _Machine(0xC00000B7, frozenset((_EVERYWHERE | _AARCH64).values())),
}


def program() -> bytes:
    """The filter for this machine; CourseError on a processor that it was not written for."""
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        known = " or ".join(_MACHINES)
        raise CourseError(
            f"Participants' code cannot be confined on {platform.machine()}. Grade this module on "
            f"{known}."
        )
    numbers = sorted(machine.numbers)
    steps = [
        _step(_LOAD, _ARCHITECTURE),
        _step(_EQUAL, machine.architecture, then=1),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER),
        _step(_AT_LEAST, _NEWER, then=len(numbers) + 2),
        *(_step(_EQUAL, each, then=len(numbers) - at) for at, each in enumerate(numbers)),
        _step(_RETURN, _ALLOW),
        _step(_RETURN, _REFUSE),
        _step(_RETURN, _UNKNOWN),
    ]
    return b"".join(steps)


def _step(code: int, value: int, *, then: int = 0) -> bytes:
    """One instruction; a comparison that holds skips ``then`` of those that follow."""
    return struct.pack("=HBBI", code, then, 0, value)
