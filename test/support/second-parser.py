"""Reads lines of JSON, answers each with one line.

{"bytes": base64}                  the requests in these bytes, as h11 reads a connection
{"json": base64, "path": [name]}   the values at that path of a JSON text, one for every spelling of its names
"""

import base64
import json
import sys

import h11


def requests(data):
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=1 << 20)
    connection.receive_data(data)
    connection.receive_data(b"")
    found = []
    try:
        while connection.our_state is h11.IDLE:
            event = connection.next_event()
            if not isinstance(event, h11.Request):
                break
            body = b""
            while not isinstance(part := connection.next_event(), h11.EndOfMessage):
                body += part.data
            found.append(
                {
                    "method": event.method.decode("latin1"),
                    "target": event.target.decode("latin1"),
                    "version": event.http_version.decode("latin1"),
                    "headers": [[text.decode("latin1") for text in field] for field in event.headers],
                    "body": base64.b64encode(body).decode(),
                }
            )
            if connection.our_state is h11.SEND_RESPONSE:
                connection.send(h11.Response(status_code=204, headers=[]))
                connection.send(h11.EndOfMessage())
            if connection.their_state is h11.MUST_CLOSE:
                break
            connection.start_next_cycle()
    except h11.RemoteProtocolError as error:
        return {"requests": found, "leftover": len(connection.trailing_data[0]), "error": str(error)}
    return {"requests": found, "leftover": len(connection.trailing_data[0])}


def values(data, path):
    try:
        found = [json.loads(data.decode("utf-8-sig"), object_pairs_hook=Members)]
    except (ValueError, RecursionError) as error:
        return {"error": str(error)}
    for name in path:
        found = [value for parent in found if isinstance(parent, Members) for value in parent.all(name)]
    return {"values": [value if isinstance(value, str) else None for value in found]}


class Members(list):
    def all(self, name):
        return [value for other, value in self if other.upper().lower() == name]


for line in sys.stdin:
    asked = json.loads(line)
    if "json" in asked:
        answer = values(base64.b64decode(asked["json"]), asked["path"])
    else:
        answer = requests(base64.b64decode(asked["bytes"]))
    print(json.dumps(answer), flush=True)
