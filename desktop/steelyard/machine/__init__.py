"""What this machine is: processor, memory, disks and graphics processors, as far as they can be read.

A probe takes under a second, starts no process on Linux, imports no engine, and never fails: what cannot be
read is missing from the report and named in its `problems`. `machine.probe.probe` is the way in.
"""
