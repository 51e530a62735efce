"""The gateway's side: HTTP API, hosted payment page, notifications, faults on request."""
