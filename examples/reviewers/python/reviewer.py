#!/usr/bin/env python3
"""A reviewer for Sluice: secrets and debugging leftovers in added lines. Over REST, with Python's standard library alone."""
import json
import os
import re
import signal
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

SEAT = os.environ["SLUICE_SEAT"]
URL = f"{os.environ['SLUICE_URL']}/api/seats/{SEAT}"
OCCUPANT = {"program": "leftovers.py", "version": "1.0.0"}
MOST_FINDINGS = 50

# What is looked for: whether it blocks, what is wrong, and how it looks.
LOOKED_FOR = [
    (True, "A private key stands in the file.", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")),
    (True, "A cloud access key stands in the file.", re.compile(r"\bAKIA[0-9A-Z]{16}\b")),
    (True, "A password or token stands in the file.",
     re.compile(r"(?i)\b(password|passwd|secret|token|api_?key)\b\s*[:=]\s*['\"][^'\"\s]{8,}['\"]")),
    (False, "A debugging statement was left in.", re.compile(r"\b(console\.log|debugger|breakpoint\(\)|pdb\.set_trace)")),
]

leaving = threading.Event()
for name in (signal.SIGTERM, signal.SIGINT):
    signal.signal(name, lambda *_: leaving.set())


def ask(method, path, body=None, timeout=70):
    """The status and the bytes of a reply. What the house refuses is an answer too."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(URL + path, data, method=method)
    request.add_header("Authorization", f"Bearer {os.environ['SLUICE_TOKEN']}")
    try:
        with urllib.request.urlopen(request, timeout=timeout) as reply:
            return reply.status, reply.read()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read()


def file_lines(take, path, side):
    status, content = ask("GET", f"/takes/{take}/files?side={side}&path={urllib.parse.quote(path, safe='')}")
    return content.decode(errors="replace").split("\n") if status == 200 else []


def findings_in(take):
    _, listed = ask("GET", f"/takes/{take}/files")
    for file in json.loads(listed):
        if file["status"] == "deleted" or file["binary"]:
            continue
        before = set(file_lines(take, file.get("oldPath", file["path"]), "base"))
        for number, line in enumerate(file_lines(take, file["path"], "head"), start=1):
            for blocking, claim, looks_like in LOOKED_FOR if line not in before else []:
                if looks_like.search(line):
                    yield {"severity": "high" if blocking else "low", "blocking": blocking, "path": file["path"],
                           "startLine": number, "endLine": number, "claim": claim, "evidence": line.strip()[:300]}


def judge(take, request):
    found = list(findings_in(take))[:MOST_FINDINGS]
    mine = [one for one in request["data"]["earlier"] if one["seat"] == SEAT]
    # An earlier finding that is found again stands under its old name; it is not said twice.
    again = {(one["path"], one["claim"]) for one in found}
    stands = {one["id"]: (one.get("path"), one["claim"]) in again for one in mine}
    old = {(one.get("path"), one["claim"]) for one in mine}
    fresh = [one for one in found if (one["path"], one["claim"]) not in old]
    blocks = any(one["blocking"] for one in fresh) or any(one["blocking"] and stands[one["id"]] for one in mine)
    return {
        "verdict": "reject" if blocks else "approve",
        "summary": f"{len(fresh)} new and {sum(stands.values())} earlier findings in added lines.",
        "findings": fresh,
        "earlier": [{"findingId": one, "resolved": not is_there, "note": "Looked for anew."} for one, is_there in stands.items()],
        "occupant": OCCUPANT,
    }


def work(taken):
    take, done = taken["take"], threading.Event()

    def keep_alive():
        while not done.wait(taken["aliveWithinSeconds"] / 3):
            ask("POST", f"/takes/{take}/alive")

    threading.Thread(target=keep_alive, daemon=True).start()
    try:
        status, reply = ask("POST", f"/takes/{take}/verdict", judge(take, taken["request"]))
        print(f"{taken['request']['storyId']}: {status} {reply.decode()}", flush=True)
        if status == 400:  # Our own mistake: let somebody else have it.
            ask("POST", f"/takes/{take}/release")
    finally:
        done.set()


while not leaving.is_set():
    try:
        # A short wait: told to leave, we hear it within two seconds, with nothing in hand.
        status, reply = ask("POST", "/take?wait=2")
        if status == 200:
            work(json.loads(reply))
        elif status != 204:
            print(f"{status} {reply.decode()}", flush=True)
            time.sleep(1)
    except OSError as away:  # The house is starting or gone: it is waited for.
        print(away, flush=True)
        time.sleep(1)
