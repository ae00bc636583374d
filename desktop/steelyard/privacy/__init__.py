"""Whose words may be kept, and how much of them: finding secrets and personal data in a text, taking them out
before anything is stored or exported, and the levels policy sets. What is found is said with what found it;
what was missed cannot be known, and the measured recall says how much that may be."""
