"""A real browser in front of a whole instance; run with ``make e2e``, not with the other tests."""
