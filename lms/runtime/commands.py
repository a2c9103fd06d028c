"""Running other programs with their output in a log, and turning their failures into one sentence."""

import os
import subprocess
import time
from pathlib import Path

from .console import Failure
from .places import ROOT, SETUP_LOG, child_environment

NO_NETWORK = (
    "newconnectionerror", "name resolution", "temporary failure", "enotfound", "eai_again", "econnrefused",
    "etimedout", "enetunreach", "network is unreachable", "connection refused", "dns error", "failed to fetch",
    "error sending request", "could not connect", "connecttimeout", "read timed out",
    "no matching distribution found", "proxyerror",
)  # fmt: skip
NO_SPACE = ("no space left", "enospc", "disk is full", "disk quota")
WRONG_HASH = ("do not match the hashes", "hash mismatch", "eintegrity")
NO_RIGHT = ("permission denied", "eacces", "read-only file system")
DATABASE_AWAY = ("connection to server", "could not connect to server", "operationalerror: connection")
DATABASE_LOCKED = ("database is locked",)


def run(
    args: list[str | Path],
    *,
    what: tuple[str, str],
    timeout: float | None = None,
    log: Path = SETUP_LOG,
    **env: str,
) -> None:
    """Run to the end, output into the log; ``what`` names the step in Vietnamese and English for the failure."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        out.write(f"\n[{time.strftime('%F %T')}] $ {' '.join(map(str, args))}\n".encode())
        out.flush()
        begun = out.tell()
        try:
            code = subprocess.run(
                [str(a) for a in args], cwd=ROOT, env=child_environment(**env), stdin=subprocess.DEVNULL,
                stdout=out, stderr=subprocess.STDOUT, timeout=timeout, check=False,
            ).returncode  # fmt: skip
        except subprocess.TimeoutExpired:
            out.write(b"[timed out]\n")
            code = -1
        except OSError as error:
            out.write(f"{error}\n".encode())
            code = -1
    if code:
        raise explain(log, begun, what)


def explain(log: Path, begun: int, what: tuple[str, str]) -> Failure:
    with log.open("rb") as lines:
        lines.seek(begun)
        text = lines.read().decode(errors="replace")
    low = text.lower()

    def said(signs: tuple[str, ...]) -> bool:
        return any(sign in low for sign in signs)

    vi, en = what
    if said(NO_SPACE):
        return Failure(
            f"{vi}: ổ đĩa đã đầy. Hãy giải phóng chỗ trống rồi chạy lại.",
            f"{en}: the disk is full. Free some space and run again.",
            log,
        )
    if said(WRONG_HASH):
        return Failure(
            f"{vi}: gói tải về không khớp mã băm trong tệp khoá, nên không cài. Hãy kiểm tra nguồn gói.",
            f"{en}: a downloaded package does not match its hash in the lock file and was refused. Check the package source.",
            log,
        )
    if said(DATABASE_AWAY) and os.environ.get("DATABASE_URL"):
        return Failure(
            f"{vi}: không kết nối được cơ sở dữ liệu trong DATABASE_URL. Hãy kiểm tra máy chủ và địa chỉ.",
            f"{en}: the database in DATABASE_URL does not answer. Check the server and the address.",
            log,
        )
    if said(DATABASE_LOCKED):
        return Failure(
            f"{vi}: cơ sở dữ liệu đang bị tiến trình khác giữ. Hãy dừng tiến trình đó rồi chạy lại.",
            f"{en}: another process holds the database. Stop it and run again.",
            log,
        )
    if said(NO_NETWORK):
        return Failure(
            f"{vi}: không tải được gói. Hãy kiểm tra kết nối mạng (hoặc proxy) rồi chạy lại.",
            f"{en}: packages could not be downloaded. Check the network (or the proxy) and run again.",
            log,
        )
    if said(NO_RIGHT):
        return Failure(
            f"{vi}: không có quyền ghi vào thư mục của dự án.",
            f"{en}: no right to write in the project's folder.",
            log,
        )
    last = next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "?")
    return Failure(f"{vi} không thành công: {last[:200]}", f"{en} failed: {last[:200]}", log)
