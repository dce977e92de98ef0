# How a request stands, as other systems show it to whoever reported.
status-received = The report has been received.
status-known = The fault is known already and is being followed up.
status-looked_into = We are looking into the report.
status-with_unit = The report has been passed to { $unit }.
status-in_progress = { $unit } is working on it.
status-done = The report is closed as done.
status-not_ours = Somebody other than the municipality is responsible for the place. The report has been referred there.
status-no_action = The report is closed without action.
the-unit = the unit in charge
