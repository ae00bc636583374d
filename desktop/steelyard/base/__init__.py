"""The ground every room stands on: errors, digests, canonical JSON, paths, clock, durable files, SQLite.

Nothing here knows what a model is, and nothing here touches the network.
"""
