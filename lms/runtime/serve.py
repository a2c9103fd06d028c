"""The supervisor behind ``make run``: web server, background worker and clock, started, watched and stopped together.

Each child leads a process group of its own, so that Ctrl-C reaches the supervisor alone and nothing is left
behind when a child's own children outlive it. The listening socket belongs to the supervisor: while the web
server restarts, connections wait instead of being refused.
"""

import ctypes
import fcntl
import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

from .console import Failure, say
from .places import PYTHON, ROOT, VAR, child_environment, shown

QUICK_DEATH_SECONDS = 15
QUICK_DEATHS_ALLOWED = 5
STOP_SECONDS = 25
FIRST_PAGE_SECONDS = 120
LOG_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True)
class Address:
    host: str
    port: int

    @classmethod
    def from_environment(cls) -> "Address":
        text = os.environ.get("PORT") or "8000"
        if not text.isdigit() or not 0 <= int(text) <= 65535:
            raise Failure(
                f"PORT={text} không phải số cổng (1–65535).", f"PORT={text} is not a port (1–65535)."
            )
        return cls(os.environ.get("HOST") or "127.0.0.1", int(text))

    def listen(self) -> socket.socket:
        """The bound socket; a port in use or out of reach is one sentence."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        taken = socket.socket(family, socket.SOCK_STREAM)
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind((self.host, self.port))
            taken.listen(512)
        except PermissionError as error:
            raise Failure(
                f"Không được phép dùng cổng {self.port}. Hãy chọn cổng từ 1024 trở lên: make run PORT=8080",
                f"Port {self.port} needs more rights. Choose one from 1024 up: make run PORT=8080",
            ) from error
        except socket.gaierror as error:
            raise Failure(
                f"Không tìm thấy địa chỉ HOST={self.host}.",
                f"HOST={self.host} is not an address of this machine.",
            ) from error
        except OSError as error:
            if error.errno == 99:  # EADDRNOTAVAIL
                raise Failure(
                    f"HOST={self.host} không phải địa chỉ của máy này.",
                    f"HOST={self.host} is not an address of this machine.",
                ) from error
            raise Failure(
                f"Cổng {self.port} đang được chương trình khác dùng. Hãy dừng chương trình đó, hoặc chọn cổng khác:"
                f" make run PORT={self.port + 1}",
                f"Port {self.port} is taken by another program. Stop it, or choose another port: make run PORT={self.port + 1}",
            ) from error
        return taken

    def url(self) -> str:
        host = {"0.0.0.0": "localhost", "::": "localhost", "127.0.0.1": "localhost"}.get(self.host, self.host)  # noqa: S104
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


@dataclass
class Child:
    """One process that is to live as long as the supervisor does."""

    name: str
    args: list[str]
    log: Path
    env: dict[str, str]
    pass_fds: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    quick_deaths: int = 0
    start_again_at: float = field(default=0.0)

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".old.log"))
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                self.args, cwd=ROOT, env=self.env, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                start_new_session=True, pass_fds=self.pass_fds, preexec_fn=die_with_parent,
            )  # fmt: skip
        self.started = time.monotonic()

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def signal_group(self, number: int) -> None:
        if self.process:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    def ask_to_stop(self) -> None:
        """The leader only: it stops its own children in good order."""
        if self.alive:
            self.process.send_signal(signal.SIGTERM)


def die_with_parent() -> None:
    """On Linux a child gets SIGTERM if the supervisor is killed outright; elsewhere this does nothing."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def worker_command(processes: int) -> list[str]:
    return [
        str(PYTHON), "-m", "celery", "--app", "lms", "--quiet", "worker", "--loglevel", "INFO",
        "--pool", "prefork", "--concurrency", str(processes), "--hostname", f"worker-{os.getpid()}@%h",
        "--without-gossip", "--without-mingle", "--without-heartbeat",
    ]  # fmt: skip


def clock_command(schedule: Path) -> list[str]:
    """Celery's beat. A process of its own: inside the worker it could die unseen, and nothing would be swept again."""
    return [
        str(PYTHON), "-m", "celery", "--app", "lms", "--quiet", "beat", "--loglevel", "INFO",
        "--schedule", str(schedule), "--pidfile=",
    ]  # fmt: skip


class Site:
    """Web server, worker and clock on one address and one ``VAR_DIR``. Also used by the journey and by tests."""

    def __init__(
        self, address: Address, *, var: Path = VAR, listening: socket.socket | None = None,
        web_workers: int = 2, web_threads: int = 4, worker_processes: int = 2, say: Callable[[str], None] = say,
        **env: str,
    ) -> None:  # fmt: skip
        self.say = say
        self.var = var
        self.listening = listening or address.listen()
        self.address = Address(address.host, self.listening.getsockname()[1])
        environment = child_environment(VAR_DIR=str(var), **env)
        environment["BASE_URL"] = environment.get("BASE_URL") or self.address.url()
        logs = var / "log"
        descriptor = self.listening.fileno()
        self.web = Child(
            "web",
            [
                str(PYTHON), "-m", "gunicorn", "lms.wsgi:application", "--bind", f"fd://{descriptor}", "--preload",
                "--worker-class", "gthread", "--workers", str(web_workers), "--threads", str(web_threads),
                "--timeout", "60", "--graceful-timeout", "15", "--keep-alive", "15", "--no-control-socket",
                "--access-logfile", str(logs / "access.log"), "--error-logfile", "-",
            ],
            logs / "web.log", environment, (descriptor,),
        )  # fmt: skip
        self.worker = Child("worker", worker_command(worker_processes), logs / "worker.log", environment)
        self.clock = Child(
            "clock", clock_command(var / "celerybeat-schedule"), logs / "clock.log", environment
        )
        self.children: list[Child] = []

    @property
    def url(self) -> str:
        return self.address.url()

    def start(self) -> None:
        """The web server first: until it answers, the others would only compete with it for the processors."""
        self.children = [self.web]
        self.web.start()
        self.wait_for_first_page()
        self.children = [self.web, self.worker, self.clock]
        self.worker.start()
        self.clock.start()

    def wait_for_first_page(self, path: str = "/", seconds: float = FIRST_PAGE_SECONDS) -> None:
        """The question waits in the listening socket until a server takes it; meanwhile the server is tended."""
        answers: list[int] = []
        Thread(target=self.ask, args=(path, seconds, answers), daemon=True).start()
        deadline = time.monotonic() + seconds
        while not answers and time.monotonic() < deadline:
            self.tend()
            time.sleep(0.05)
        if not answers or answers[0] >= 500:
            said = answers[0] if answers else "–"
            raise Failure(
                f"Máy chủ đã chạy nhưng trang đầu tiên không trả lời được (mã {said}).",
                f"The server runs, but its first page does not answer (status {said}).",
                self.web.log,
            )

    def ask(self, path: str, seconds: float, answers: list[int]) -> None:
        host, port = self.listening.getsockname()[:2]
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            connection = http.client.HTTPConnection(host, port, timeout=seconds)
            try:
                connection.request("GET", path, headers={"Host": self.url.removeprefix("http://")})
                answers.append(connection.getresponse().status)
                return
            except (OSError, http.client.HTTPException):
                time.sleep(0.2)  # the server that had taken the question died
            finally:
                connection.close()

    def tend(self) -> None:
        """Start again what died; give up on a child that dies again and again at once."""
        now = time.monotonic()
        for child in self.children:
            if child.alive:
                continue
            if child.process is not None:
                child.signal_group(signal.SIGKILL)
                quick = now - child.started < QUICK_DEATH_SECONDS
                child.quick_deaths = child.quick_deaths + 1 if quick else 1
                code, child.process = child.process.returncode, None
                if child.quick_deaths >= QUICK_DEATHS_ALLOWED:
                    raise Failure(
                        f"Tiến trình {child.name} dừng {QUICK_DEATHS_ALLOWED} lần liền ngay sau khi chạy; thôi không thử nữa.",
                        f"The {child.name} process died {QUICK_DEATHS_ALLOWED} times in a row right after its start; giving up.",
                        child.log,
                    )
                child.start_again_at = now + (child.quick_deaths - 1)
                self.say(
                    f"! Tiến trình {child.name} đã dừng (mã {code}), đang chạy lại / {child.name} died (code {code}), restarting"
                    f" — {shown(child.log)}"
                )
            if now >= child.start_again_at:
                child.start()

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Ask, wait, and only then insist. A task cut short is taken up again from its job row."""
        for child in self.children:
            child.ask_to_stop()
        deadline = time.monotonic() + seconds
        while any(child.alive for child in self.children) and time.monotonic() < deadline:
            time.sleep(0.05)
        for child in self.children:
            child.signal_group(signal.SIGKILL)
            if child.process:
                child.process.wait()
        self.listening.close()

    def __enter__(self) -> "Site":
        try:
            self.start()
        except BaseException:
            self.stop(seconds=5)
            raise
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()


def only_one(var: Path) -> object:
    """Held as long as the returned file is open: two schedulers on one folder would get in each other's way."""
    var.mkdir(parents=True, exist_ok=True)
    lock = (var / "run.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        where = lock.read().strip()
        raise Failure(
            f"Hệ thống đang chạy từ thư mục này rồi: {where}. Hãy mở địa chỉ đó, hoặc dừng nó trước (Ctrl-C).",
            f"The platform already runs from this folder: {where}. Open that address, or stop it first (Ctrl-C).",
        ) from None
    return lock


def serve(listening: socket.socket, address: Address, greeting: Callable[[str], None]) -> int:
    """Run until Ctrl-C or SIGTERM. A second Ctrl-C does not wait."""
    lock = only_one(VAR)
    site = Site(address, listening=listening)
    lock.truncate(0)
    lock.write(site.url)
    lock.flush()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop_calmly)
    try:
        site.start()
        greeting(site.url)
        while True:
            site.tend()
            time.sleep(0.5)
    except KeyboardInterrupt:
        say("\nĐang dừng … / stopping …")
    finally:
        try:
            site.stop()
        except KeyboardInterrupt:
            site.stop(seconds=0)
        say("Đã dừng. / Stopped.")
    return 0


def stop_calmly(number: int, frame: object) -> None:
    raise KeyboardInterrupt
