"""Licenses: what a text is, what a tag means, and what a model's license allows, clause by clause.

A text is split into `words`, hashed in windows and laid (`alignment`) beside `fingerprints` of known texts;
`comparison` tells added from changed passages, `remainder` what may be passed over, `identification` gives the
verdict. `facts` holds Steelyard's reading of each license, `questions` the fourteen questions, `tags` what
publishers write. `witnesses` weighs card, license file and header; `passages` finds the clause in the text at
hand. Other rooms ask `library`. `templates` makes new fingerprints.
"""
