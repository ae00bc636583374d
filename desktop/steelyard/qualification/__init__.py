"""Showing that an installation does what it should, here and now: its main journeys run as a person would run
them, in a home of their own, and on request under observation, to show that not one packet leaves."""
