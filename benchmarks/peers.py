# SPDX-License-Identifier: MIT
"""Create one virtual environment per benchmark peer.

Each peer gets an environment of its own because their pins disagree (numpy, pandas, numba), and
because an import-time figure is only fair when nothing else is installed beside the package.

    python benchmarks/peers.py setup [PEER ...]
    python benchmarks/peers.py list
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent
PEERS_DIR = ROOT / "peers"
VENVS_DIR = ROOT / ".venvs"
STATUS_NAME = "status.json"
# Packages of source that are built against what requirements.txt has installed, one a line.
BUILT_NAME = "built.txt"


@dataclass(frozen=True)
class Status:
    """What came of installing one peer."""

    peer: str
    ok: bool
    reason: str
    versions: dict[str, str]
    missing: dict[str, str] = field(default_factory=dict)


def peer_names() -> list[str]:
    """Every peer that has a pinned requirements file."""
    return sorted(path.parent.name for path in PEERS_DIR.glob("*/requirements.txt"))


def venv_python(peer: str) -> Path:
    """The interpreter of one peer's environment."""
    folder = "Scripts" if sys.platform == "win32" else "bin"
    return VENVS_DIR / peer / folder / "python"


def read_status(peer: str) -> Status | None:
    """The recorded result of the last setup of this peer, if there was one."""
    path = VENVS_DIR / peer / STATUS_NAME
    if not path.exists():
        return None
    return Status(**json.loads(path.read_text()))


def _requirements_text(peer: str) -> str:
    built = PEERS_DIR / peer / BUILT_NAME
    text = (PEERS_DIR / peer / "requirements.txt").read_text()
    return text + (built.read_text() if built.exists() else "")


def _built(peer: str) -> list[str]:
    """Requirements to be built here: each may fail alone, and costs its own rows only."""
    path = PEERS_DIR / peer / BUILT_NAME
    lines = path.read_text().splitlines() if path.exists() else []
    return [line for line in (text.split("#")[0].strip() for text in lines) if line]


def _is_current(peer: str) -> bool:
    """True when the environment was built, successfully, from the same requirements text."""
    stamp = VENVS_DIR / peer / "requirements.txt"
    status = read_status(peer)
    return bool(
        status and status.ok and stamp.exists() and stamp.read_text() == _requirements_text(peer)
    )


def _frozen_versions(python: Path) -> dict[str, str]:
    done = subprocess.run(
        [str(python), "-m", "pip", "list", "--format=json", "--disable-pip-version-check"],
        capture_output=True,
        text=True,
        check=True,
    )
    return {item["name"]: item["version"] for item in json.loads(done.stdout)}


def _last_error_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error")]
    return (errors or lines or ["no output"])[-1][:300]


def _build_step(peer: str, requirement: str) -> list[str]:
    pins = str(PEERS_DIR / peer / "requirements.txt")
    options = ["--no-cache-dir", "--quiet", "--disable-pip-version-check", "--no-build-isolation"]
    return [str(venv_python(peer)), "-m", "pip", "install", *options, "-c", pins, requirement]


def setup_peer(peer: str, base_python: str) -> Status:
    """Build one environment; a failure is recorded and returned, never raised."""
    if _is_current(peer):
        status = read_status(peer)
        assert status is not None
        return status
    target = VENVS_DIR / peer
    shutil.rmtree(target, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    steps = (
        [base_python, "-m", "venv", str(target)],
        [
            str(venv_python(peer)),
            "-m",
            "pip",
            "install",
            "--no-cache-dir",
            "--disable-pip-version-check",
            "--quiet",
            "-r",
            str(PEERS_DIR / peer / "requirements.txt"),
        ],
        [str(venv_python(peer)), "-m", "pip", "check", "--disable-pip-version-check"],
    )
    reason = ""
    for step in steps:
        done = subprocess.run(step, capture_output=True, text=True)
        if done.returncode != 0:
            reason = f"{' '.join(step[1:4])}: {_last_error_line(done.stdout + done.stderr)}"
            break
    missing = {}
    for requirement in _built(peer) if not reason else []:
        done = subprocess.run(_build_step(peer, requirement), capture_output=True, text=True)
        if done.returncode != 0:
            missing[requirement.split("==")[0]] = _last_error_line(done.stdout + done.stderr)
    versions = _frozen_versions(venv_python(peer)) if not reason else {}
    status = Status(peer, not reason, reason, versions, missing)
    target.mkdir(parents=True, exist_ok=True)
    (target / STATUS_NAME).write_text(json.dumps(asdict(status), indent=1))
    if status.ok:
        (target / "requirements.txt").write_text(_requirements_text(peer))
    return status


def pinned_names(peer: str) -> list[str]:
    """The packages that the peer's requirements file pins, first the peer itself."""
    lines = (line.split("#")[0].strip() for line in _requirements_text(peer).splitlines())
    return [line.split("==")[0].split("[")[0].strip() for line in lines if "==" in line]


def describe(peer: str, status: Status | None) -> str:
    """One printable line about a peer's environment."""
    if status is None:
        return f"{peer:<18} not set up"
    if not status.ok:
        return f"{peer:<18} SKIPPED: {status.reason}"
    by_name = {name.lower().replace("-", "_"): ver for name, ver in status.versions.items()}
    shown = [
        f"{name} {by_name.get(name.lower().replace('-', '_'), '?')}" for name in pinned_names(peer)
    ]
    lost = "".join(f"; SKIPPED {name}: {why}" for name, why in status.missing.items())
    return f"{peer:<18} {', '.join(shown)}{lost}"


def main(argv: list[str] | None = None) -> int:
    """Command line entry point. Returns 0 even when a peer could not be installed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("action", choices=("setup", "list"))
    parser.add_argument("peers", nargs="*", help="peers to handle; all when left out")
    parser.add_argument("--python", default=sys.executable, help="interpreter to build from")
    args = parser.parse_args(argv)
    for peer in args.peers or peer_names():
        status = setup_peer(peer, args.python) if args.action == "setup" else read_status(peer)
        print(describe(peer, status), flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
