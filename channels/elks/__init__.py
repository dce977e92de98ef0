"""Phone calls and text messages through 46elks: webhooks in, answers out, nothing of a call kept here."""
