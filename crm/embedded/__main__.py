"""`make run`: the whole product on this machine. HOST, PORT and CRM_DATA_DIR are obeyed.

Exit status: 0 stopped by Ctrl-C or SIGTERM; 1 something died and could not be kept alive; 2 refused at the
start (a setting, a taken port, another run on the same data folder).
"""

from __future__ import annotations

import json
import signal
import sys

from crm.embedded.listening import CannotListenError, OpenSocket, open_socket
from crm.embedded.processes import Console
from crm.embedded.run_folder import AlreadyRunningError, RunFolder
from crm.embedded.supervisor import StartFailedError, Supervisor
from crm.settings import Settings, SettingsError, read_listening, read_settings


def main() -> int:
    """Start, keep alive, end."""
    for stream in (sys.stdout, sys.stderr):
        # a console that cannot show Chinese shows the English beside it
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        settings, wanted = read_settings(), read_listening()
        folder = RunFolder(settings.data_dir)
        folder.claim()
        # what a killed run left must not be taken for settings
        folder.withdraw()
        settings = read_settings()
        opened = open_socket(wanted)
    except (SettingsError, AlreadyRunningError, CannotListenError) as error:
        print(error, file=sys.stderr)
        return 2
    folder.note_holder(opened.url)
    console = Console()
    if opened.note:
        console.say(opened.note)
    supervisor = Supervisor(settings, opened, folder, console)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, supervisor.on_signal)
    status = 0
    try:
        if _start(supervisor, settings):
            _greet(supervisor, settings, opened)
            supervisor.watch()
    except StartFailedError as error:
        print(error, file=sys.stderr)
        status = 1
    finally:
        console.say("正在停止 (stopping) …")
        supervisor.stop()
        console.say("已全部停止 (everything has ended)")
    return status


def _start(supervisor: Supervisor, settings: Settings) -> bool:
    """Database, demo data, programs. False where a signal came before pages answered."""
    demo_mark = supervisor.folder.path / "demo-wanted"
    if settings.embedded and not (settings.data_dir / "crm.db").exists():
        # kept until the data is in: a first start that was broken off loads it the next time
        demo_mark.touch()
    supervisor.console.say("准备数据库 (migrating) …")
    supervisor.run_once("migrate", "db", "upgrade")
    if demo_mark.exists() and not supervisor.stopping.is_set():
        supervisor.console.say("首次启动，载入演示数据 (first start, loading demo data) …")
        supervisor.run_once("demo", "demo", "load")
        if not supervisor.stopping.is_set():
            demo_mark.unlink()
    if supervisor.stopping.is_set():
        return False
    supervisor.start_redis(settings.redis_url)
    supervisor.start_programs()
    return supervisor.wait_for_web()


def _greet(supervisor: Supervisor, settings: Settings, opened: OpenSocket) -> None:
    """The address, and who can sign in."""
    say = supervisor.console.say
    say("")
    say(f"网址 (address): {opened.url}")
    if settings.embedded:
        people = json.loads(supervisor.run_once("people", "users", "demo-sign-ins", "--json") or "[]")
        if people and not opened.is_loopback:
            say("演示账号只能从本机登录，其他机器一律拒绝 (demo sign-ins work from this machine only)")
        if people:
            say("演示账号 (demo sign-ins):")
        for person in {person["role"]: person for person in reversed(people)}.values():
            words = (f"{person['name']:<14}", person["password"], person["display_name"], person["territory"])
            say("  " + "  ".join(words))
    say(f"日志 (logs): {supervisor.log_dir}")
    say("按 Ctrl-C 停止 (Ctrl-C ends everything)")


if __name__ == "__main__":
    sys.exit(main())
