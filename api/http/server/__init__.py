"""The server in front of the applications: processes, connections, threads, and what is refused before anybody is
asked.
"""
