"""Steelyard: verify, license-check, fit, run and evaluate open-weight models, and prove what was done."""

__version__ = "0.1.0"
