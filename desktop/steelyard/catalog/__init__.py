"""What can be had, and from where: the configured sources, what was learned from each and when, and a search
over all of it that works with the network cable out."""
