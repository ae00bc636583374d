"""The operations, and the only door for the faces: window, command line, local API."""
