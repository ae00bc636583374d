"""Bytes coming in: from a file, a folder, a hub or the installation itself, into quarantine, judged, then
admitted or held. Nothing here opens a model in this process, and nothing is named by what a server says
while it sends."""
