# Hur ett ärende står, som andra system visar det för den som anmälde.
status-received = Ärendet är mottaget.
status-known = Felet är känt sedan tidigare och följs upp.
status-looked_into = Vi tittar på ärendet.
status-with_unit = Ärendet är lämnat till { $unit }.
status-in_progress = { $unit } arbetar med ärendet.
status-done = Ärendet är klart.
status-not_ours = Någon annan än kommunen ansvarar för platsen. Ärendet är hänvisat dit.
status-no_action = Ärendet är avslutat utan åtgärd.
the-unit = ansvarig enhet
