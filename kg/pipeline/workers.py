"""What a user asks for -> the workers that compile files: none, processes of this machine, or a cluster. No I/O."""

from __future__ import annotations

from kg.core.errors import UsageError
from kg.core.processes import LocalProcesses, WorkerPool
from kg.project.settings import Project


def workers_for(project: Project, jobs: int = 1, cluster: str = "") -> WorkerPool | None:
    """Return the workers, None if this process is to do everything.

    Args:
        project: whose build folder the workers of a cluster share with us.
        jobs: how many processes of this machine.
        cluster: the address of a Dask scheduler, or "".

    Raises:
        UsageError: several processes and a cluster, something else than an address, or the extra is not installed.
    """
    if not cluster:
        return LocalProcesses(jobs) if jobs > 1 else None
    if jobs > 1:
        raise UsageError("a build uses processes of this machine or a cluster", "leave out --jobs or --cluster")
    from kg.pipeline.cluster import cluster_at

    return cluster_at(cluster, project.build / "cache")
