"""Posts facts and listens: live.py HENG FOLDER SECONDS. Called by live.sh."""

import asyncio
import bisect
import http.client
import json
import multiprocessing
import pathlib
import re
import signal
import subprocess
import sys
import time
import urllib.request

heng, work, seconds = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3])
LISTENERS, BATCH, BATCHES_PER_S, WINDOWS = 1_000, 5, 100, 120


def memory_mb(process):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024


def post(host, token, told):
    """One client, at a steady pace; says when each answer came. Every answer is a commit, so the n-th is change first + n."""
    connection = http.client.HTTPConnection(host)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    answered, begun = [], time.monotonic()
    for number in range(seconds * BATCHES_PER_S):
        pause = begun + number / BATCHES_PER_S - time.monotonic()
        if pause > 0:
            time.sleep(pause)
        now = int(time.time())
        batch = [{"id": f"{number}-{at}", "window": f"W{(number * BATCH + at) % WINDOWS:03}", "ticketed_at": now - 60,
                  "called_at": now - 50, "accepted_at": now - 50, "finished_at": now, "asked": True} for at in range(BATCH)]
        connection.request("POST", "/api/v1/facts/case", json.dumps(batch), headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, answer.status
        answered.append(time.monotonic())
    told.send((answered, time.monotonic() - begun))


class Listener(asyncio.Protocol):
    """Notes when it is told which change."""

    def __init__(self, host):
        self.host, self.tail, self.seen, self.bytes, self.lost = host, b"", [], 0, False

    def connection_made(self, transport):
        transport.write(f"GET /api/v1/stream HTTP/1.1\r\nHost: {self.host}\r\n\r\n".encode())

    def data_received(self, data):
        now = time.monotonic()
        self.bytes += len(data)
        text = self.tail + data
        # An event counts once it is whole.
        end = text.rfind(b"\n\n")
        if end < 0:
            self.tail = text
            return
        begin = text.rfind(b"id: ", 0, end)
        if begin >= 0:
            self.seen.append((now, int(text[begin + 4 : text.index(b"\n", begin)])))
        self.tail = text[end:]

    def connection_lost(self, _):
        self.lost = True


async def listen(host, told):
    loop = asyncio.get_running_loop()
    name, port = host.split(":")
    listeners = []
    for _ in range(LISTENERS):
        listeners.append((await loop.create_connection(lambda: Listener(host), name, int(port)))[1])
    while not all(listener.seen for listener in listeners):
        await asyncio.sleep(0.1)
    told.send("listening")
    while not told.poll():
        await asyncio.sleep(0.2)
    told.recv()
    told.send([(listener.seen, listener.bytes, listener.lost) for listener in listeners])


def listening(host, told):
    asyncio.run(listen(host, told))


class Server:
    """A served home; it ends with the block."""

    def __init__(self, home):
        self.process = subprocess.Popen([heng, "--home", home, "--lang", "en", "serve", "--port", "0"], stdout=subprocess.PIPE, text=True)
        self.host = re.search(r"http://(\S+?)/", self.process.stdout.readline()).group(1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()

    def mb(self):
        return round(memory_mb(self.process), 1)

    def cpu_s(self):
        used = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return round((int(used[11]) + int(used[12])) / 100, 1)


def city_idle_mb():
    """What a server of the demonstration takes a while after its pages were opened."""
    subprocess.run([heng, "--home", work / "city", "demo", "--no-serve"], **quiet)
    with Server(work / "city") as server:
        for page in ("/", "/ranking", "/screen/C01", "/method", "/api/v1/live"):
            urllib.request.urlopen(f"http://{server.host}{page}").read()
        time.sleep(15)
        return server.mb()


quiet = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
home = work / "home"
subprocess.run([heng, "--home", home, "init"], **quiet)
issued = subprocess.run([heng, "--home", home, "token", "add", "bench"], check=True, capture_output=True, text=True)
first = 1
with Server(home) as server:
    time.sleep(5)
    result = {"listeners": LISTENERS, "facts_per_s": BATCH * BATCHES_PER_S, "seconds": seconds, "idle_mb": server.mb()}
    ours, theirs = multiprocessing.Pipe()
    hearing = multiprocessing.Process(target=listening, args=(server.host, theirs), daemon=True)
    hearing.start()
    assert ours.recv() == "listening"
    posted, poster = multiprocessing.Pipe()
    posting = multiprocessing.Process(target=post, args=(server.host, issued.stdout.strip(), poster), daemon=True)
    posting.start()
    answered, took = posted.recv()
    time.sleep(2)
    result["listening_mb"], result["server_cpu_s"] = server.mb(), server.cpu_s()
    ours.send("enough")
    heard = ours.recv()
assert not any(lost for _, _, lost in heard), "a stream broke"
delays, frames = [], []
for seen, size, _ in heard:
    numbers = [number for _, number in seen]
    for at, when in enumerate(answered):
        place = bisect.bisect_left(numbers, first + 1 + at)
        assert place < len(seen), f"change {first + 1 + at} was never told"
        # A frame may overtake the answer to the one who posted.
        delays.append(max(0.0, seen[place][0] - when))
    frames.append(sum(answered[0] <= when <= answered[-1] for when, _ in seen) / took)
delays.sort()
result |= {
    "posted_per_s": round(len(answered) * BATCH / took),
    "p50_ms": round(delays[len(delays) // 2] * 1000),
    "p95_ms": round(delays[len(delays) * 95 // 100] * 1000),
    "max_ms": round(delays[-1] * 1000),
    "frames_per_s": round(max(frames), 2),
    "mb_told": round(sum(size for _, size, _ in heard) / 1e6),
    "city_idle_mb": city_idle_mb(),
}
print(json.dumps(result))
