"""Sneakernet: models with their licenses, evaluations and proofs as one signed, repairable set of files that
can be carried across an air gap, checked before anything in it is opened, and answered with a receipt."""
