"""The tamper-evident log: append-only entries, each bound to the one before, and a Merkle tree over all.

Guaranteed here: an entry is on disk before `append` returns; any edit, cut, swap or repetition inside
the log is found and the entry named, and nothing is added to a log that was found damaged; an entry that
leaves carries the proof that it stood in the log, under a checkpoint signed with the log's key. Not
provable locally: that the tail was not cut, or the whole written anew, by someone who may write this
folder and use that key. Checkpoints that left the machine, and witnesses, are for that.

Rooms above use `log` (entries), `checkpoints` (signed states), `evidence` (entries with proofs, checked
without the log), `witness` (another's word), `export`.
"""
