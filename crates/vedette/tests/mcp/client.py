"""Drives `vedette mcp` with the official client, as an assistant would: every tool, over the sample estate.

Usage: client.py VEDETTE ROOT. ROOT holds `estate`, `report.json` and `indicators.txt`. Prints what was seen; an assertion
that does not hold ends it with a traceback and exit code 1.
"""

import asyncio
import json
import sys

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

try:
    from mcp import Client
except ImportError:  # before version 2
    Client = None

VEDETTE, ROOT = sys.argv[1:3]
ANSWER_BYTES = 8 * 1024


async def ask(session, tool, **arguments):
    """The answer as an object; its size is checked."""
    result = await session.call_tool(tool, arguments)
    [block] = result.content
    answer = json.loads(block.text)
    assert not flag(result), (tool, arguments, answer)
    size = len(block.text.encode())
    assert size <= arguments.get("max_bytes", ANSWER_BYTES), (tool, size)
    return answer


async def refused(session, tool, **arguments):
    """The refusal: what, where, remedy."""
    result = await session.call_tool(tool, arguments)
    assert flag(result), (tool, arguments, result)
    error = json.loads(result.content[0].text)["error"]
    assert all(error[name] for name in ("what", "where", "remedy")), error
    return error


def flag(result):
    """`isError`, by the name that this version of the client has for it."""
    return getattr(result, "is_error", None) or getattr(result, "isError", None)


async def pages(session, tool, rows, **arguments):
    """All rows of an answer, page by page, and how many pages there were."""
    seen, count, cursor = [], 0, {}
    while True:
        answer = await ask(session, tool, **arguments, **cursor)
        seen += answer.get(rows, [])
        count += 1
        if "cursor" not in answer:
            return seen, count
        cursor = {"cursor": answer["cursor"]}


async def drive(session):
    await session.initialize()
    tools = (await session.list_tools()).tools
    assert [t.name for t in tools] == ["scan", "incidents", "explain", "findings", "events", "hunt", "verify"]
    catalogue = 0
    for tool in tools:
        described = tool.model_dump(by_alias=True, exclude_none=True)
        assert described["annotations"]["readOnlyHint"] is True, tool.name
        catalogue += len(json.dumps(described))
    assert catalogue < 24_000, catalogue

    seen = []

    async def progress(done, total, message):
        seen.append((done, total, message))

    result = await session.call_tool("scan", {"paths": ["estate"]}, progress_callback=progress)
    scan = json.loads(result.content[0].text)
    handle, account = scan["scan"], scan["account"]
    parts = sum(account[name] for name in ("events", "joined", "duplicate", "rejected"))
    assert scan["complete"] and account["records"] == parts, account
    total = sum(scan["findings"].values())
    assert scan["in_incidents"] + sum(s["count"] for s in scan["set_aside"]) == total
    again = await ask(session, "scan", scan=handle)
    assert again["incidents"] == scan["incidents"]
    files, _ = await pages(session, "scan", "files", scan=handle)
    assert len(files) == account["files"] == len({f["path"] for f in files})

    lines, _ = await pages(session, "incidents", "incidents", scan=handle)
    assert [i["id"] for i in lines] == [i["id"] for i in scan["incidents"]] and len(lines) >= 3
    worst = lines[0]
    story, _ = await pages(session, "incidents", "story", scan=handle, id=worst["id"])
    assert [s["n"] for s in story] == list(range(1, len(story) + 1)) and len(story) > 5
    assert {s["kind"] for s in story} <= {"observed", "inferred"}
    whole = await ask(
        session,
        "incidents",
        scan=handle,
        id=worst["id"],
        sections=["unknowns", "next_steps", "entities", "links", "risk", "joins"],
        max_bytes=65536,
    )
    assert whole["unknowns"] and whole["next_steps"] and whole["entities"] and whole["joins"]
    assert round(sum(p["points"] for p in whole["risk_parts"])) == round(whole["risk"])

    findings, count = await pages(session, "findings", "findings", scan=handle)
    assert len(findings) == total == len({f["id"] for f in findings}) and count > 5
    for size in (2048, 65536):
        same, _ = await pages(session, "findings", "findings", scan=handle, max_bytes=size)
        assert [f["id"] for f in same] == [f["id"] for f in findings], size
    high, _ = await pages(session, "findings", "findings", scan=handle, level="high")
    assert {f["id"] for f in high} == {f["id"] for f in findings if f["level"] in ("high", "critical")}
    own, _ = await pages(session, "findings", "findings", scan=handle, incident=worst["id"])
    assert {f["id"] for f in own} == {f["id"] for f in findings if f.get("incident") == worst["id"]}
    aside, _ = await pages(session, "findings", "findings", scan=handle, incident="none")
    assert {f["id"] for f in aside} == {f["id"] for f in findings if "set_aside" in f}

    cited = story[0]["events"]
    events = (await ask(session, "events", scan=handle, of=cited, max_bytes=65536))["events"]
    assert {e["uid"] for e in events} == set(cited) and events[0]["event_text"]["fields"]
    of_incident, _ = await pages(session, "events", "events", scan=handle, of=[worst["id"]])
    assert len({e["uid"] for e in of_incident}) == len(of_incident) > len(story) / 2
    shells = await ask(session, "events", scan=handle, where="CommandLine contains 'powershell'")
    assert shells["matched"] > 0 and shells["searched"] == account["events"]
    matched, _ = await pages(session, "events", "events", scan=handle, where="CommandLine contains 'powershell'")
    assert len(matched) == shells["matched"] == len({e["uid"] for e in matched})

    explained = await ask(session, "explain", scan=handle, incident=worst["id"])
    assert explained["joins"][0]["because"]
    one, two = own[0]["id"], own[1]["id"]
    pair = await ask(session, "explain", scan=handle, finding=one, **{"with": two})
    assert pair["explanation"]["together"] is True
    apart = await ask(session, "explain", scan=handle, finding=one, **{"with": aside[0]["id"]})
    assert apart["explanation"]["together"] is False
    alone = await ask(session, "explain", scan=handle, finding=aside[0]["id"])
    assert alone["set_aside"] == aside[0]["set_aside"] and alone["why"] and alone["rule"]["title"]

    hunt = await ask(session, "hunt", scan=handle, indicators=["198[.]51[.]100[.]187", "never-seen.example.net"], keep_all=True)
    assert [f["value"] for f in hunt["found"]] == ["198.51.100.187"], hunt
    assert hunt["found"][0]["events"] > 0 and hunt["lists"][0]["searched"] == 2
    listed, _ = await pages(session, "hunt", "found", paths=["estate"], file="indicators.txt", keep_all=True, max_bytes=2048)
    assert len(listed) == len({f["value"] for f in listed}) > 3

    verified = await ask(session, "verify", report="report.json")
    assert verified["claims"] > 100 and verified["claims"] == sum(
        verified[name] for name in ("resolved", "refused_count", "unchecked")
    )

    # What may not be done is refused with the way out, and costs nothing else.
    for path in ("../..", "/etc/passwd", "way-out"):
        error = await refused(session, "scan", paths=[path])
        assert "roots" in error["what"], error
    assert "no such scan" in (await refused(session, "findings", scan="S9-0000"))["what"]
    first = await ask(session, "findings", scan=handle)
    error = await refused(session, "findings", scan=handle, level="high", cursor=first["cursor"])
    assert "cursor" in error["what"]
    assert "max_bytes" == (await refused(session, "findings", scan=handle, max_bytes=10_000_000))["where"]
    assert "column" in (await refused(session, "events", scan=handle, where="Image endswith"))["where"]
    assert "unknown field" in (await refused(session, "findings", scan=handle, colour="red"))["what"]
    error = await refused(session, "events", scan=handle, of=["F-0000000000000000"])
    assert "no such finding" in error["what"]

    # Four scans are kept; the fifth drops the first, which says so.
    for _ in range(4):
        more = await ask(session, "scan", paths=["estate/linux"])
    assert more["notes"], more
    assert "no longer kept" in (await refused(session, "findings", scan=handle))["what"]
    print(f"{len(lines)} incidents, {total} findings on {count} pages, {verified['claims']} claims, "
          f"{verified['refused_count']} refused, {len(seen)} notices of progress, tool list of {catalogue} bytes")


async def newest():
    """The newest protocol version that both know, which begins without a handshake."""
    server = StdioServerParameters(command=VEDETTE, args=["mcp", "--root", ROOT])
    async with Client(server) as client:
        assert len((await client.list_tools()).tools) == 7
        scan = await ask(client, "scan", paths=["estate/linux"])
        assert (await ask(client, "incidents", scan=scan["scan"]))["incidents"]
        assert "roots" in (await refused(client, "scan", paths=["/etc"]))["what"]


async def main():
    server = StdioServerParameters(command=VEDETTE, args=["mcp", "--root", ROOT])
    async with stdio_client(server) as (read, write), ClientSession(read, write) as session:
        await drive(session)
    if Client:
        await newest()


asyncio.run(main())
