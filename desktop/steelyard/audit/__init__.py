"""The tamper-evident log: append-only entries, each bound to the one before, and a Merkle tree over all.

Guaranteed here: an entry is on disk before `append` returns; any edit, cut, swap or repetition inside
the log is found and the entry named. Not provable locally: that the tail was not cut, together with
every record of it, by someone who may write this folder.
"""
