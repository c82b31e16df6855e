"""The rules: pure functions over values. No I/O, no clock, no database; "now" and the calendar are arguments."""
