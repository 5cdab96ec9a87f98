"""A hundred processes at once on an empty cache."""

import json
import subprocess
import sys
import textwrap

from s2sad.load import cache

# One interpreter that forks: a hundred that start would measure their imports.
SCRIPT = """
    import json, multiprocessing, os
    from s2sad.load import cache

    PROCESSES, KEYS = 100, 5
    fork = multiprocessing.get_context("fork")
    start = fork.Barrier(PROCESSES)

    def derive(number):
        return f"def f{number}(x):\\n" + f"    x = x * {number}\\n" * 2000

    def work(process, answers):
        start.wait(60)
        for step in range(KEYS):
            number = (process + step) % KEYS
            key = cache.make_key({"number": number})
            entry = cache.lookup(key)
            found = entry is not None
            if entry is None:
                entry = cache.store(key, f"f{number}", derive(number), {})
            answers.put((found, entry.text == derive(number), str(entry.path)))

    answers = fork.SimpleQueue()
    workers = [fork.Process(target=work, args=(n, answers)) for n in range(PROCESSES)]
    for worker in workers:
        worker.start()
    told = [answers.get() for _ in range(PROCESSES * KEYS)]
    for worker in workers:
        worker.join()
    print(json.dumps([[w.exitcode for w in workers], told]))
"""


def test_a_hundred_processes_on_an_empty_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("S2SAD_CACHE_DIR", str(tmp_path / "cache"))
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(SCRIPT)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    codes, told = json.loads(run.stdout)
    assert set(codes) == {0}
    assert all(right for _, right, _ in told)
    paths = {path for _, _, path in told}
    assert len(paths) == 5 and "None" not in paths
    assert cache.info()["entries"] == 5
    assert not list(tmp_path.rglob("*.tmp"))
    for number in range(5):
        assert cache.lookup(cache.make_key({"number": number})) is not None
