"""Sits an Invigil exam: python docs/sit.py http://127.0.0.1:8080 CODE '{"capital": ["b"], "height": "8849"}'   (pip install websockets)"""
import json, sys, urllib.request
from websockets.sync.client import connect

base, code, answers = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
request = urllib.request.Request(f"{base}/api/v1/auth/entry", json.dumps({"code": code}).encode(), {"Content-Type": "application/json"})
token = json.load(urllib.request.urlopen(request))["access_token"]
url = base.replace("http", "ws", 1) + "/ws/exam-clock"
with connect(url, subprotocols=["invigil.v1"], additional_headers={"Authorization": f"Bearer {token}"}) as socket:
    waiting, seqs = set(), 0
    for text in socket:
        frame = json.loads(text)
        match frame["type"]:
            case "tick" if frame["remaining_ms"]:
                print(f"{frame['remaining_ms'] // 60000}:{frame['remaining_ms'] // 1000 % 60:02} left")
            case "paper" if not seqs:
                for seqs, question in enumerate((q["id"] for q in frame["questions"] if q["id"] in answers), 1):
                    waiting.add(seqs)
                    socket.send(json.dumps({"type": "answer", "seq": seqs, "question": question, "value": answers[question]}))
            case "saved":
                waiting -= {item["seq"] for item in frame["items"]}
                if not waiting:
                    socket.send(json.dumps({"type": "submit", "seq": seqs + 1, "have": [[1, seqs]]}))
            case "refused" | "bye":
                sys.exit(f"{frame['type']}: {frame}")
            case "submitted":
                print(f"Handed in: {frame['answered']} of {frame['questions']} answered, receipt {frame['receipt_short']}")
                break
