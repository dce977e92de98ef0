"""What processes cost: CPU seconds and resident memory, from Linux' `/proc`; elsewhere nothing is told."""

import os
from pathlib import Path

PROC = Path("/proc")
KIB = 1024


def cpu_s(pid: int) -> float:
    """CPU seconds that a process has used; 0 when it is gone."""
    try:
        fields = (PROC / str(pid) / "stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rss_bytes(pid: int) -> int:
    """Resident memory of a process; 0 when it is gone."""
    try:
        text = (PROC / str(pid) / "status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    return next((int(line.split()[1]) * KIB for line in text.splitlines() if line.startswith("VmRSS:")), 0)


def children(pid: int) -> dict[int, str]:
    """Child processes and their command lines."""
    found: dict[int, str] = {}
    for folder in PROC.glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text(encoding="ascii").rpartition(")")[2].split()[1])
            if parent == pid:
                words = (folder / "cmdline").read_bytes().split(b"\0")
                found[int(folder.name)] = b" ".join(words).decode(errors="replace")
        except OSError:
            continue  # it has ended meanwhile
    return found


def cpu_by_part(routers: tuple[int, ...]) -> dict[str, float]:
    """CPU seconds of a service by its parts: routers, store, projectors, and of the load that this process makes."""
    found = {"router": 0.0, "store": 0.0, "projector": 0.0, "load generator": cpu_s(os.getpid())}
    for router in routers:
        found["router"] += cpu_s(router)
        for pid, command in children(router).items():
            part = _part_of(command)
            found[part] = found.get(part, 0.0) + cpu_s(pid)
    return found


def _part_of(command: str) -> str:
    if "valkey-server" in command:
        return "store"
    return "mail readers" if "channels.email" in command else "projector"
