"""Keys and signatures: whose they are, what they may sign, from when to when, and who is believed. Nothing
signed is parsed before its signature is checked over the raw bytes."""
