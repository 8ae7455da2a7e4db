"""A worker for Daybook: takes jobs of one queue, does them, and says what came of it. Needs nothing but Python."""
import json
import os
import random
import signal
import threading
import time
import urllib.error
import urllib.request

HOUSE = os.environ.get("DAYBOOK", "http://127.0.0.1:8080")
WHO = {"username": os.environ["DAYBOOK_USER"], "password": os.environ["DAYBOOK_PASSWORD"]}
QUEUE = os.environ.get("QUEUE", "default")
LEASE = 60
stopping, renewing, tokens = threading.Event(), threading.Lock(), {}


def post(path, body, token=None):
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(HOUSE + path, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def renew(old):
    """Access tokens are good for five minutes. The password is only shown when there is nothing to refresh."""
    with renewing:
        if tokens.get("access_token") != old:
            return
        try:
            fresh = post("/refresh", {"refresh_token": "Bearer " + tokens["refresh_token"]})
        except (KeyError, urllib.error.HTTPError):
            fresh = post("/login", WHO)
        tokens.update(fresh)


def ask(path, body):
    """Asks until there is an answer: a house that is busy or away says when to come again, or nothing."""
    pause = 1.0
    while True:
        token = tokens.get("access_token")
        try:
            if token:
                return post(path, body, token)
            renew(None)
            continue
        except urllib.error.HTTPError as error:
            if error.code == 401:
                renew(token)
                continue
            if error.code not in (429, 502, 503, 504):
                raise
            wait = float(error.headers.get("Retry-After") or pause)
        except OSError:
            wait = pause
        stopping.wait(wait + random.random() * pause)
        pause = min(pause * 2, 30.0)


def keep(job, over, cancelled):
    """Lets the house hear that the job is still at work, and hears whether it was called off."""
    while not over.wait(LEASE / 3):
        try:
            if ask(f"/api/v1/work/{job['id']}/heartbeat", {"claim": job["claim"]})["cancelled"]:
                cancelled.set()
        except urllib.error.HTTPError:
            cancelled.set()  # It is somebody else's by now.
            return


def do(payload, cancelled):
    """Your work. It should look at `cancelled` now and then, and may be done twice: see the page about it."""
    return {"sum": sum(payload["numbers"])}


def run(job):
    over, cancelled = threading.Event(), threading.Event()
    heart = threading.Thread(target=keep, args=(job, over, cancelled))
    heart.start()
    try:
        verb, said = "complete", {"result": do(job["payload"], cancelled)}
    except Exception as error:
        verb, said = "fail", {"error": repr(error)}
    over.set()
    heart.join()
    try:
        ask(f"/api/v1/work/{job['id']}/{verb}", {"claim": job["claim"], **said})
    except urllib.error.HTTPError as error:
        print(f"job {job['id']}: what came of it was not taken: {error}", flush=True)


def main():
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopping.set())
    while not stopping.is_set():
        began = time.monotonic()
        # A short wait, so that it stops soon when it is told to.
        found = ask("/api/v1/work/claim", {"queues": [QUEUE], "lease_seconds": LEASE, "wait_seconds": 5})
        for job in found["items"]:
            run(job)
        if not found["items"] and time.monotonic() - began < 1:
            stopping.wait(1)  # Too many wait already.


if __name__ == "__main__":
    main()
