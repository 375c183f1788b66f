"""HTTP in, answers out: what is not Python in this process reaches the fake by a local server.

`server` has its sockets and threads, `wire` reads and writes HTTP, `front` answers requests,
`routes` finds their operations, and `signatures` their accounts and Regions.
"""
