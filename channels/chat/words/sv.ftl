# Vad tjänsten själv skriver till den som chattar. Samma nycklar som i en.ftl.

transcript-title = Din chatt med { $city }
transcript-head = Det här skrev du och { $city } i chatten. Du kan inte svara på det här meddelandet.
transcript-line = { $at } { $who }: { $text }
transcript-line-undated = { $who }: { $text }
transcript-file = (bifogad fil: { $name })
resident = Du
agent = Servicecenter
service = { $city }

came-back = Personen är tillbaka i chatten efter ett avbrott.

demo-title = Chatten på prov
demo-head = Så ser chatten ut på en webbsida
demo-text = Knappen nere till höger öppnar chatten med { $city }. Sidan är till för prov: allt som skrivs blir ett riktigt ärende.
