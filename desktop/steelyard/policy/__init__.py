"""What may be done here, and who said so: managed policy over the user's settings over defaults, and the
one gate every network connection passes."""
