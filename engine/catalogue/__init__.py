"""Items and flows proposed by one steward and published by another; what differs between versions."""
