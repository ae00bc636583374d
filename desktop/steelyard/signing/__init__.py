"""Keys and signatures: whose they are, what they may sign, from when to when, and who is believed.

Nothing signed is parsed before its signature is checked over the raw bytes. A signer is its public key, never
the bytes of a signature: ECDSA signatures can be rewritten by anyone into another valid form.

Rooms above use `dsse` (envelopes), `model_signing` (the OpenSSF form of a bundle's signature), `notes` (C2SP
signed notes), `own_keys` (this user's keys) and `trust` (who is believed).
"""
