"""Streams of server-sent events: the change feed, told to every client that is there.

The feed itself is what waits for a client: none of them has a queue, nor a timer, nor a task that works for it alone.
`hub.py` holds all streams of the process and hears of changes for them; `owner_feed.py` reads pages for the streams of one
owner; `pages.py` makes bytes of them, once for all who stand at the same place; `stream.py` is one client, `access.py`
ends those who may not hear it any more.
"""
