"""A disk that a test may fill or write-protect: a small tmpfs in a mount namespace of this process's own.

`python -m tests.end_to_end.small_disk SIZE MODULE WORDS...` mounts it at the folder that the first word names and runs
the module there. Where a machine allows no mounts the module runs all the same, and is told so by its disk.
"""

import os
import resource
import runpy
import signal
import subprocess
import sys
from pathlib import Path

_UNSHARE = ["unshare", "--mount"] if os.name == "posix" and os.geteuid() == 0 else ["unshare", "-r", "--mount"]
_MOUNTED = "EVERTILL_TEST_MOUNTED"


def run_on_small_disk(folder: Path, module: str, *words: str, size_mib: int) -> subprocess.CompletedProcess[str]:
    """Run a module of the tests with a small disk mounted at `folder`, which has to be there."""
    this = [sys.executable, "-m", "tests.end_to_end.small_disk", f"{size_mib}m", module, str(folder), *words]
    return subprocess.run(
        [*_UNSHARE, *this] if may_mount() else this, capture_output=True, text=True, check=False, timeout=120
    )


def may_mount() -> bool:
    """Whether this machine lets us have a mount namespace, in which nothing that we mount is seen by others."""
    return subprocess.run([*_UNSHARE, "true"], capture_output=True, check=False).returncode == 0


class Disk:
    """The disk at a folder, for the process that runs on it. Its filler lies beside what the test has there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._filler = folder / "filler"
        self.is_mounted = os.environ.get(_MOUNTED) == "1"

    def fill(self, *, leave_bytes: int = 0) -> None:
        """Take all room but so much. Without a mount no file may grow from now on, which SQLite calls an I/O error."""
        if not self.is_mounted:
            if not leave_bytes:
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                largest = max((one.stat().st_size for one in self._folder.iterdir() if one.is_file()), default=0)
                resource.setrlimit(resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))
            return
        with self._filler.open("ab", buffering=0) as file:
            block = 65_536
            while block >= 512:
                stat = os.statvfs(self._folder)
                if stat.f_bavail * stat.f_frsize <= leave_bytes:
                    return
                try:
                    file.write(b"x" * block)
                except OSError:
                    block //= 2

    def make_room(self) -> None:
        """The filler is gone."""
        if self.is_mounted:
            self._filler.unlink()
        else:
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def protect(self) -> Path:
        """Nothing can be written any more. Returns a folder in which that is so, with or without a mount."""
        if self.is_mounted:
            subprocess.run(["mount", "-o", "remount,ro", str(self._folder)], check=True)
            return self._folder
        in_the_way = self._folder / "in-the-way"
        in_the_way.touch()
        return in_the_way


def main() -> None:
    """Mount, if that can be done here, and become the module."""
    size, module, folder = sys.argv[1:4]
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder]
    done = subprocess.run(mount, capture_output=True, check=False) if _in_own_namespace() else None
    os.environ[_MOUNTED] = "1" if done is not None and done.returncode == 0 else "0"
    sys.argv = [module, *sys.argv[3:]]
    runpy.run_module(module, run_name="__main__")


def _in_own_namespace() -> bool:
    """Never mount anything that others would see."""
    mine, parents = Path("/proc/self/ns/mnt"), Path(f"/proc/{os.getppid()}/ns/mnt")
    return mine.exists() and mine.readlink() != parents.readlink()


if __name__ == "__main__":
    main()
