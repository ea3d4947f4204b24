"""Fixture `redis_url`: a Redis of this test process, the system's or the bundled one, that keeps nothing."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
import redis

from crm.embedded.redis_server import RedisServer


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A running server; tests that need an empty one ask for redis_url."""
    server = RedisServer.prepare(tmp_path_factory.mktemp("redis"))
    process = subprocess.Popen(server.command, stdout=subprocess.DEVNULL)
    _wait_until_it_answers(server.url, process)
    yield server
    process.terminate()
    process.wait(10)


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """redis:// address of an empty Redis."""
    client = redis.Redis.from_url(redis_server.url)
    client.flushall()
    client.close()
    return redis_server.url


def _wait_until_it_answers(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 15
    client = redis.Redis.from_url(url)
    while time.monotonic() < end and process.poll() is None:
        with suppress(redis.ConnectionError):
            if client.ping():
                client.close()
                return
        time.sleep(0.05)
    pytest.fail(f"redis-server did not answer (status {process.poll()})", pytrace=False)
