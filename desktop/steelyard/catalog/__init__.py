"""What can be had: sources, and a search over everything learned from them that needs no network.

Whatever a source says is a claim, kept with whose it is and when it was made; it is bounded on its way in, shown as
plain text, and never names or judges a file. Downloads are judged by what the source declares at that moment.
"""
