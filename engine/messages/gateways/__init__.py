"""Adapters to what carries messages out of the system: SMS, voice, e-mail, calls in the hall. One file each."""
