"""A system that answers in pages, well and badly: pages.py prints its port and serves until it is ended.

GET /PATH?day=DAY under the token `t`. Each path is a way to answer; the records of a day are r1 … r5, two on a page.
"""

import http.server
import json
import threading
import urllib.parse

never = threading.Event()
failed_once = set()


def records(day):
    return [
        {"id": f"r{n}", "at": {"window": "A1", "done": f"{day}T10:0{n}:00"}, "note": "a\nb"} for n in range(1, 6)
    ]


class Answer(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def send(self, body, status=200, headers=(), length=None):
        body = body if isinstance(body, bytes) else json.dumps(body, indent=1).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        way, day = url.path.strip("/"), query.get("day", "")
        if self.headers.get("Authorization") != "Bearer t":
            return self.send({"error": "who are you?"}, 401)
        if way == "span":
            day = query["from"][:10]
            assert query == {"from": f"{day}T00:00:00+08:00", "to": query["to"]} and query["to"] > query["from"]
        everything = records(day)
        if way == "all" or way == "span":
            return self.send({"data": everything})
        if way == "list":
            return self.send(everything)
        page = int(query.get("page", "1"))
        some = everything[2 * page - 2 : 2 * page]
        last = page >= 3
        body = {"data": some, "total": 5, "next": None}
        if way == "number":
            return self.send(body)
        if way == "cursor":
            page = int(query.get("cursor", "c0")[1:])
            last = page >= 2
            return self.send({"data": everything[2 * page : 2 * page + 2], "more": "" if last else f"c{page + 1}"})
        body["next"] = None if last else f"?day={day}&page={page + 1}"
        if way == "middle" and page == 2 and day not in failed_once:
            failed_once.add(day)
            return self.send({"error": "full"}, 500)
        if way == "never" and page == 2:
            return never.wait()
        if way == "cut" and page == 2:
            return self.send(body, length=100_000)
        if way == "shape" and page == 2:
            del body["data"]
        if way == "words" and page == 2:
            return self.send(b"<html>please sign in</html>")
        if way == "short" and last:
            body["data"] = []
        if way == "giant" and page == 2:
            return self.send(json.dumps(body).encode() + b" " * (17 << 20))
        if way == "redirect" and page == 2:
            return self.send(b"", 302, [("Location", "http://198.51.100.1/elsewhere")])
        if way == "elsewhere":
            body["next"] = "http://198.51.100.1/orders?page=2"
        if way == "circle":
            body["next"] = "/circle?day=" + day
        if way == "endless":
            body["next"] = f"/endless?day={day}&page={page + 1}"
        if way == "stuck":
            body = {"data": everything}
        if way == "bad":
            body["data"] = [{"id": "b1"}, 7] + some
        return self.send(body)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
server.daemon_threads = True
print(server.server_address[1], flush=True)
server.serve_forever()
