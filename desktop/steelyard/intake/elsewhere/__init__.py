"""Models that lie in other programs' folders: found by names, sizes and a few bytes, never opened.

Each program's layout has its own file here. What they find says what would be taken in as one model and what
the place claims about it; a claim is held against the bytes when they are read, and is never a publisher's word.
"""
