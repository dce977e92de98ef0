# Allt som människor läser av programmet om strategin: förklaringar, fynd och rapporter. Samma nycklar som i en.ftl.

### Sammanfogning

list-and = { $start } och { $last }
list-or = { $start } eller { $last }
list-more = { $start } och { $n } till
quoted = ”{ $text }”
moment = { DATETIME($at, dateStyle: "full") } kl. { $hour }.{ $minute }
seconds = { $n ->
    [one] 1 sekund
   *[other] { $n } sekunder
}
minutes = { $n ->
    [one] 1 minut
   *[other] { $n } minuter
}
hours = { $n ->
    [one] 1 timme
   *[other] { $n } timmar
}
span-from = minst { $low }
span-over = mer än { $low }
span-to = högst { $high }
span-between = { $low } till { $high }
another = något annat
another-holder = någon annan

### Rubriker

title = Varför kontakten gick dit den gick
title-when = Beslutet fattades { $moment }.
section-decision = Beslutet
section-known = Det som var känt
section-rules = Reglerna som gällde, i ordning
section-unknown = Det som inte var känt
section-changes = Det som hade ändrat beslutet
section-people = Vem som kunde ta den
rule-title = { $title } ({ $id })
why = Därför finns regeln: { $why }

### Beslutet

decided-queue = Kontakten ställdes i kön { $place }.
decided-hand_over = Kontakten lämnades över till { $place }.
decided-answer = Kontakten togs om hand direkt: { $place }.
decided-by = Det bestämde regeln { $title } ({ $id }).
decided-by-id = Det bestämde { $id }.
decided-by-nobody = Ingen regel sade vart. Då går en kontakt till en allmän vägledare.
decided-fallback = Om ingen där kan ta emot är { $place } nästa väg.
decided-version = Strategin som gällde var { $version } (kontrollnummer { $hash }).
version-gone = Beslutet fattades av strategin { $version } (kontrollnummer { $hash }). Den finns inte till hands här, så det går inte att visa hur reglerna lästes. Det som sägs här är det som skrevs ned då.
version-gone-hits = Reglerna som gällde då var { $rules }.
people-returned = Enheten hade lämnat tillbaka kontakten. Då ser en människa på den, vad reglerna än säger.
people-reopened = Personen hörde av sig igen om något som redan var besvarat. Då ser en människa på det.
people-taken_elsewhere = En medarbetare hade redan tagit kontakten. Då är den hos en människa, vad reglerna än säger.
people-decision_failed = Strategin gick inte att fråga. Då går kontakten till en allmän vägledare.
people-fields_missing = Enheten behöver veta mer innan den kan ta över: { $missing }. En människa frågar först.
people-stood = Reglerna hade sagt något annat. Kontakten fick stanna där den redan var, för den hade redan en väg.
protection-kept = Ett tidigare beslut skyddade kontakten. Det skyddet släpper inte för att tiden går.
rules-said = Enbart efter reglerna hade vägen varit { $place }.

answer-disturbance = besked om en känd driftstörning
answer-follower = besked om att samma sak redan är anmäld
answer-no_reply = inget svar skickas, eftersom det var en maskin som skrev

### Vägar

way-queue = kön { $name }
way-unit = { $name }
way-answer = direkt svar: { $name }
way-emergency_number = 112
way-responsible = ämnets egen enhet
way-duty = ämnets jour
way-owner_of_place = den som sköter platsen

### Det regler säger

says-queue = Kontakten ställs i kön { $value }.
says-hand_over = Kontakten lämnas över till { $value }.
says-duty = Jourkedjan { $value } rings i tur och ordning tills någon tar över.
says-require_fields = Innan kontakten lämnas över ska det här vara känt: { $value }.
says-require_fields-taken_away = Den ville att det här skulle vara känt vid en överlämning: { $value }. Det tog { $by } bort.
says-forbid_fields = När kontakten lämnas över skickas det här inte med: { $value }.
says-answer = Kontakten tas om hand direkt: { $value }.
says-too_late = Den föreslog { $value }, men { $by } gällde före.
says-too_late-same = Den visade samma väg som { $by }.
says-too_late-alone = Den föreslog { $value }, men vägen var redan bestämd.
says-require = Den som svarar behöver kompetensen { $value }.
says-require-returned = Kommer kontakten tillbaka behöver den som svarar kompetensen { $value }.
says-keep = Kravet på { $value } gäller hur länge kontakten än väntar.
says-emergency = Kontakten går före alla andra.
says-head_start_s = Kontakten räknas som om den hade väntat { $value } längre.
says-target_s = Svar ska ges inom { $value }.
says-prefer_last_s = I { $value } hålls kontakten för den som hade personen senast.
says-restricted = Bara medarbetare med rätt behörighet får ta den.
says-mask = Känsliga uppgifter döljs.
says-offers = Personen erbjuds { $value }.
says-offers-taken_away = Den ville erbjuda { $value }, men det tog { $by } bort.
says-suppress = Personen erbjuds inte { $value }.
says-notices = Personen får { $value }.
says-notices-moved = Den ville ge { $value }. En annan väg valdes, eftersom { $by } begränsar vägarna.
says-limit-notices = Besked får bara gå { $value }.
says-limit-fields = Av kontakten visas bara { $value }.
says-limit-teams = Bara { $value } får ta den, hur länge den än väntar.
says-limit-push = En notis på skärmen säger bara att det finns ett meddelande.
says-suggestions = Råd till medarbetaren: { $value }.
says-warm_transfer = { $value } rings upp medan personen är kvar.
says-warm_transfer-written = { $value } rings upp.
says-warm_transfer-within = { $value } rings upp medan personen är kvar, i högst { $within }.
says-fallback = Om det inte går är { $value } nästa väg.
says-covered = En annan regel sade lika mycket eller mer om { $what }.
says-stop = Efter den här regeln läses inga fler.
says-team = Till en början får bara { $value } ta den.
says-priority = Prioritet: { $value }.
says-priority-ahead = Prioritet: { $value }. I kön räknas det som { $ahead } längre väntan.
says-checklist = Medarbetaren följer checklistan { $value }.
says-refer = Personen hänvisas till { $value }.
says-capture-forbid = Det här antecknas inte: { $value }.
says-capture-allow = Det här får antecknas: { $value }.
says-capture-covered = Den sade också vad som får antecknas, men en annan regel bestämmer om det här: { $value }.
says-demand = { $state ->
    [failure] Kontakten räknas som onödig: den beror på något som inte fungerat.
    [value] Kontakten räknas som värdeskapande.
   *[other] Det är inte känt om kontakten kunde ha undvikits.
}
says-nothing = Regeln lade inget till.
says-because_unknown = { $n ->
    [one] Regeln gällde eftersom detta inte var känt: { $facts }.
   *[other] Regeln gällde eftersom det här inte var känt: { $facts }.
}
what-head_start_s = försprånget i kön
what-target_s = svarstiden
what-prefer_last_s = samma medarbetare
what-warm_transfer = vem som rings upp
what-fallback = nästa väg
what-team = vem som får ta den först
what-priority = prioriteten
what-demand = om kontakten var onödig

step-level = Efter { $after } räcker { $n ->
    [one] en nivå
   *[other] { $n } nivåer
} lägre kompetens.
step-level-kept = Efter { $after } räcker { $n ->
    [one] en nivå
   *[other] { $n } nivåer
} lägre kompetens, men inte i { $kept }.
says-route-returned = Kommer kontakten tillbaka får fler ta den när den har väntat en stund.
step-drop = Efter { $after } räcker allmän kompetens.
step-drop-kept = Efter { $after } räcker allmän kompetens, och { $kept } som alltid krävs.
step-teams = Efter { $after } får även { $teams } ta den.
step-exit-callback = Efter { $after } blir det uppringning i stället.
step-exit-written = Efter { $after } blir det ett skriftligt svar i stället.
step-exit-unit = Efter { $after } tar { $unit } över.

skill-level = { $skill } (lägst nivå { $level })

offer-self_service = e-tjänst
offer-callback = uppringning

notice = { $moment } ({ $by })
moment-received = en bekräftelse
moment-planned = besked när det är planerat
moment-done = besked när det är klart
moment-neutral = ett neutralt svar
moment-holding = besked om det dröjer
by-chosen = på det sätt personen själv valt
by-same = på samma väg som kontakten kom
by-sms = med sms
by-email = med e-post
by-digital_mailbox = i den digitala brevlådan
by-letter = med brev
by-phone = per telefon
by-agreed = på det sätt man kommit överens om

part-text = det personen säger eller skriver
part-person = vem personen är
part-notes = egna anteckningar
part-location = platsen
part-attachments = bilagor
part-callback_number = nummer att ringa upp
part-topic = ämnet
part-severity = allvarsgraden
part-subject = rubriken
part-fields = formulärets fält
part-messages = meddelandena
field-atgard = vad som ska göras
field-callback_number = nummer att ringa upp
field-fastighet = fastigheten
field-org_nr = organisationsnumret
field-person = vem personen är
field-purpose = syftet
field-request = vad som begärs
field-subject_matter = vad det gäller
field-wants_answer = om personen vill ha svar
field-way_to_deliver = hur det ska lämnas ut
field-what = vad som hänt
field-where = var det hänt
checklist-bygglov = för bygglov
checklist-ekonomiskt_bistand = för ekonomiskt bistånd
checklist-skolstart = för skolstart och skolval
checklist-synpunkt = för synpunkter och klagomål

### Råd till medarbetaren

suggest-accessible_form = svara i den form personen kan ta emot
suggest-agree-notice_way = kom överens om hur besked ska lämnas
suggest-alert-socialjour = larma socialjouren
suggest-alert-supervisor = larma arbetsledaren
suggest-allow-anonymous = den som ringer får vara anonym
suggest-answer-general_only = svara bara allmänt
suggest-answer-status = säg hur det går för ärendet
suggest-answer-within_one_working_day = svara inom en arbetsdag
suggest-article-skolstart = använd artikeln om skolstart
suggest-ask = fråga om { $what }
suggest-ask-consent_to_move_data = fråga om uppgifterna får flyttas
suggest-ask-only_if_needed_today = fråga bara om hjälp behövs redan i dag
suggest-ask-send_file_again = be personen skicka filen igen
suggest-ask-urgent_today = fråga om hjälp behövs redan i dag
suggest-ask-wants_answer = fråga om personen vill ha svar
suggest-assisted_registration = fyll i tillsammans med personen
suggest-book = boka tid: { $what }
suggest-book-bygglov = boka tid hos bygglovshandläggaren
suggest-call_again = ring igen efter { $what }
suggest-capture-address_place_state = anteckna adress, var personen är nu och hur läget är
suggest-capture-point_hazard_photo_extent_callback = anteckna plats, fara, omfattning, foto och nummer att ringa upp
suggest-capture-time_place_number = anteckna tid, plats och telefonnummer
suggest-chase-owner = jaga den som har ärendet
suggest-checklist = använd checklistan { $what }
suggest-checklist-bygglov = använd checklistan för bygglov
suggest-connect-person = koppla till den som söks
suggest-due-same_day = ska vidare samma dag
suggest-escalate-unit_manager = låt enhetschefen få veta
suggest-extra_time = ta god tid
suggest-guide-e_service_with_representative = vägled i e-tjänsten, även den som är ombud
suggest-hide-agent_name = lämna inte ut medarbetarens namn
suggest-interpreter = ta in telefontolk
suggest-last_agent = samma medarbetare som sist, om det går
suggest-link-disturbance = koppla kontakten till driftstörningen
suggest-link-parent = koppla till den första anmälan
suggest-log-party_related = anteckna att du är part eller närstående
suggest-look_for-sensitive_in_attachments = se efter om bilagorna innehåller något känsligt
suggest-manager_calls-within_one_working_day = chefen ringer inom en arbetsdag
suggest-mark-threat = märk ärendet med hot
suggest-move_to_private = svara allmänt och fortsätt i en enskild kontakt
suggest-never-address = säg aldrig adressen
suggest-never-call_again = be aldrig personen ringa igen
suggest-never-relative_as_interpreter = låt aldrig en anhörig eller ett barn tolka
suggest-never_ask-identity_or_purpose = fråga inte vem personen är eller varför
suggest-no_time_target = ta den tid som behövs
suggest-offer-eid = erbjud e-legitimation
suggest-offer-follow_by_sms = erbjud att följa störningen med sms
suggest-open_with_care-attachments = öppna bilagorna varsamt
suggest-otherwise-general_answer_or_visit = ge annars ett allmänt svar eller bjud in till besök
suggest-otherwise-senior = annars en erfaren medarbetare
suggest-pass_on-colleague = lämna till en kollega
suggest-phone-responsible = ring ämnets egen enhet
suggest-read-history_first = läs först vad som sagts tidigare
suggest-read-transcript = läs vad som sagts till boten
suggest-record-organisation_number = anteckna organisationsnummer
suggest-refer-name_and_number = hänvisa med namn och nummer
suggest-respect-declined_channel = använd inte den väg personen tackat nej till
suggest-rule_gap = ingen regel passade, lägg luckan på förbättringstavlan
suggest-tell-crisis_information = ge krisinformationen
suggest-tell-disturbance = berätta om driftstörningen och när den väntas vara över
suggest-tell-owner_of_place = säg vem som äger platsen
suggest-tell-wait_as_interval = säg hur länge det dröjer, som ett spann
suggest-try-topic = pröva om någon annan kan hjälpa med ämnet
suggest-walk_over-state_desk = följ med till statens disk

### Fakta: så sägs de när de är kända (known), när de inte är det (name) och när de hade varit andra (if)

known-point = Strategin tillfrågades när { $value }.
name-point = när beslutet fattades
if-point = om beslutet hade fattats när { $value }
value-point-received = kontakten kom in
value-point-topic_set = någon hade sagt vad den gällde
value-point-fact_changed = något nytt blev känt
value-point-waited = kontakten hade väntat en tid
value-point-queue_closing = kön stängde
value-point-returned = enheten lämnade tillbaka kontakten
value-point-resumed = kontakten togs upp igen

known-channel = Kanal: { $value }.
name-channel = kanalen
if-channel = om kanalen hade varit { $value }
value-channel-phone = telefon
value-channel-chat = chatt
value-channel-email = e-post
value-channel-web = webbformulär
value-channel-app = appen
value-channel-sms = sms
value-channel-letter = brev
value-channel-visit = besök
value-channel-social = sociala medier

known-medium = Kontakten kom { $value }.
name-medium = om det var samtal eller skrift
if-medium = om kontakten hade kommit { $value }
value-medium-voice = i samtal
value-medium-messaging = i chatt
value-medium-written = i skrift
value-medium-in_person = vid ett besök

known-topic = Ämne: { $value }.
name-topic = ämnet
if-topic = om ämnet hade varit { $value }
known-topic_confidence = Säkerhet i ämnet: { $value } procent.
name-topic_confidence = hur säkert ämnet är
if-topic_confidence = om säkerheten i ämnet hade varit { $value } procent

known-topic_flag = Ämnet är märkt: { $value }.
name-topic_flag = ämnets märkning
if-topic_flag = om ämnet hade varit märkt { $value }
value-topic_flag-p1_possible = kan vara farligt
value-topic_flag-secret = sekretess
value-topic_flag-needs_id = kräver legitimation
value-topic_flag-fault = felanmälan
value-topic_flag-concern = orosanmälan
value-topic_flag-company = bolagets ämne

known-severity = Allvarsgrad: { $value }.
name-severity = allvarsgraden
if-severity = om allvarsgraden hade varit { $value }
value-severity-life = fara för liv
value-severity-P1 = fara eller stor skada (P1)
value-severity-P2 = brådskande (P2)
value-severity-P3 = utan brådska (P3)
value-severity-P4 = kan vänta (P4)

known-identity = Personens identitet: { $value }.
name-identity = hur säkert det är vem personen är
if-identity = om personens identitet hade varit { $value }
value-identity-verified = styrkt
value-identity-likely = trolig
value-identity-shared = osäker (flera delar numret eller adressen)
value-identity-none = okänd

known-loa = { $n ->
    [0] Personen hade inte legitimerat sig med e-legitimation.
   *[other] Personen hade legitimerat sig med tillitsnivå { $value }.
}
name-loa = om personen har legitimerat sig
if-loa = om personens tillitsnivå i legitimeringen hade varit { $value }

known-protection = { $state ->
    [none] Personen har inte skyddade personuppgifter.
   *[other] Personen har skyddade personuppgifter: { $value }.
}
name-protection = om personen har skyddade personuppgifter
if-protection = { $state ->
    [none] om personen inte hade haft skyddade personuppgifter
   *[other] om personen hade haft { $value }
}
value-protection-none = inget skydd
value-protection-marked = sekretessmarkering
value-protection-protected_registration = skyddad folkbokföring
value-protection-assumed_identity = fingerade personuppgifter

known-language = Språk: { $value }.
name-language = språket
if-language = om språket hade varit { $value }

known-repeats_7d = { $n ->
    [0] Personen hade inte hört av sig de senaste sju dagarna.
    [one] Personen hade hört av sig en gång de senaste sju dagarna.
   *[other] Personen hade hört av sig { $n } gånger de senaste sju dagarna.
}
name-repeats_7d = om personen har hört av sig de senaste sju dagarna
if-repeats_7d = om antalet kontakter de senaste sju dagarna hade varit { $value }
known-repeats_30d = { $n ->
    [0] Personen hade inte hört av sig den senaste månaden.
    [one] Personen hade hört av sig en gång den senaste månaden.
   *[other] Personen hade hört av sig { $n } gånger den senaste månaden.
}
name-repeats_30d = om personen har hört av sig den senaste månaden
if-repeats_30d = om antalet kontakter den senaste månaden hade varit { $value }
known-repeats_topic_7d = { $n ->
    [0] Personen hade inte hört av sig om ämnet de senaste sju dagarna.
    [one] Personen hade hört av sig en gång om ämnet de senaste sju dagarna.
   *[other] Personen hade hört av sig { $n } gånger om ämnet de senaste sju dagarna.
}
name-repeats_topic_7d = om personen har hört av sig om ämnet de senaste sju dagarna
if-repeats_topic_7d = om antalet kontakter om ämnet de senaste sju dagarna hade varit { $value }
known-repeats_topic_30d = { $n ->
    [0] Personen hade inte hört av sig om ämnet den senaste månaden.
    [one] Personen hade hört av sig en gång om ämnet den senaste månaden.
   *[other] Personen hade hört av sig { $n } gånger om ämnet den senaste månaden.
}
name-repeats_topic_30d = om personen har hört av sig om ämnet den senaste månaden
if-repeats_topic_30d = om antalet kontakter om ämnet den senaste månaden hade varit { $value }

known-open_promise = { $state ->
    [yes] Personen väntar på något som en enhet har lovat.
   *[no] Inget löfte till personen är ouppfyllt.
}
name-open_promise = om personen väntar på något som lovats
if-open_promise = { $state ->
    [yes] om personen hade väntat på något som en enhet lovat
   *[no] om inget löfte till personen hade varit ouppfyllt
}

known-attachments = { $n ->
    [0] Inga bilagor.
    [one] En bilaga.
   *[other] { $n } bilagor.
}
name-attachments = antalet bilagor
if-attachments = om antalet bilagor hade varit { $value }
known-scan = Granskningen av bilagorna: { $value }.
name-scan = vad granskningen av bilagorna visade
if-scan = om granskningen av bilagorna hade sagt { $value }
value-scan-clean = inget farligt
value-scan-infected = skadlig kod
value-scan-unknown_type = okänd filtyp

known-sensitive_detected = { $state ->
    [yes] Orden tyder på något känsligt, till exempel en orosanmälan.
   *[no] Orden tyder inte på något känsligt.
}
name-sensitive_detected = om orden tyder på något känsligt
if-sensitive_detected = { $state ->
    [yes] om orden hade tytt på något känsligt
   *[no] om orden inte hade tytt på något känsligt
}

known-queue_wait_s = { $n ->
    [0] Det var ingen väntetid i kön.
   *[other] Väntetiden i kön var omkring { $value }.
}
name-queue_wait_s = väntetiden i kön
if-queue_wait_s = om väntetiden i kön hade varit { $value }
known-queue_abandon_pct = Den senaste kvarten hade { $value } procent lagt på i kön.
name-queue_abandon_pct = hur många som lägger på i kön
if-queue_abandon_pct = om andelen som lagt på i kön den senaste kvarten hade varit { $value } procent

known-business = { $state ->
    [yes] Ett företag eller en förening frågar.
   *[no] En privatperson frågar.
}
name-business = om ett företag frågar
if-business = { $state ->
    [yes] om ett företag eller en förening hade frågat
   *[no] om en privatperson hade frågat
}
known-anonymous = { $state ->
    [yes] Personen vill vara anonym.
   *[no] Personen vill inte vara anonym.
}
name-anonymous = om personen vill vara anonym
if-anonymous = { $state ->
    [yes] om personen hade velat vara anonym
   *[no] om personen inte hade velat vara anonym
}
known-authority = Kontakten var riktad till { $value }.
name-authority = vilken nämnd kontakten riktades till
if-authority = om kontakten hade riktats till { $value }
value-authority-socialnamnden = socialnämnden
known-automatic = { $state ->
    [yes] En maskin hade skrivit meddelandet.
   *[no] En människa hade skrivit.
}
name-automatic = om en maskin har skrivit
if-automatic = { $state ->
    [yes] om en maskin hade skrivit meddelandet
   *[no] om en människa hade skrivit meddelandet
}
known-has_location = { $state ->
    [yes] Platsen är angiven.
   *[no] Ingen plats är angiven.
}
name-has_location = om platsen är angiven
if-has_location = { $state ->
    [yes] om platsen hade varit angiven
   *[no] om ingen plats hade varit angiven
}
known-owner = Platsen ägs av { $value }.
name-owner = vem som äger platsen
if-owner = om platsen hade ägts av { $value }
known-place_unit = Platsen sköts av { $value }.
name-place_unit = vem som sköter platsen
if-place_unit = om platsen hade skötts av { $value }
holder-privat = en privat ägare
known-district = Stadsdel: { $value }.
name-district = stadsdelen
if-district = om stadsdelen hade varit { $value }
known-maintenance_area = Driftområde: { $value }.
name-maintenance_area = driftområdet
if-maintenance_area = om driftområdet hade varit { $value }
known-road_authority = Väghållare: { $value }.
name-road_authority = väghållaren
if-road_authority = om väghållaren hade varit { $value }
known-similar_open = { $n ->
    [0] Ingen annan hade nyligen anmält samma sak där.
    [one] En annan hade nyligen anmält samma sak där.
   *[other] { $n } andra hade nyligen anmält samma sak där.
}
name-similar_open = om andra har anmält samma sak där
if-similar_open = om antalet anmälningar om samma sak där hade varit { $value }

known-disturbance = { $state ->
    [yes] Platsen ligger i en känd driftstörning.
   *[no] Ingen känd driftstörning på platsen.
}
name-disturbance = om platsen ligger i en driftstörning
if-disturbance = { $state ->
    [yes] om platsen hade legat i en känd driftstörning
   *[no] om platsen inte hade legat i en känd driftstörning
}
known-crisis = { $state ->
    [yes] Krisläge rådde.
   *[no] Krisläge rådde inte.
}
name-crisis = om krisläge rådde
if-crisis = { $state ->
    [yes] om krisläge hade rått
   *[no] om krisläge inte hade rått
}
known-declared_need = Personen har berättat om ett behov: { $value }.
name-declared_need = om personen har särskilda behov
if-declared_need = om personen hade berättat om ett behov ({ $value })
value-declared_need-hearing = hörsel
value-declared_need-speech = tal
value-declared_need-sight = syn
value-declared_need-cognitive = svårt att förstå eller minnas
value-declared_need-vulnerable = utsatt
value-declared_need-child_alone = ensamt barn
known-no_digital = { $state ->
    [yes] Personen kan eller vill inte använda digitala tjänster.
   *[no] Personen kan använda digitala tjänster.
}
name-no_digital = om personen kan använda digitala tjänster
if-no_digital = { $state ->
    [yes] om personen inte hade kunnat eller velat använda digitala tjänster
   *[no] om personen hade kunnat använda digitala tjänster
}
known-preference = Personen vill ha svar { $value }.
name-preference = hur personen vill ha svar
if-preference = om personen hade velat ha svar { $value }
known-declined_channel = Personen vill inte nås { $value }.
name-declined_channel = hur personen inte vill nås
if-declined_channel = om personen inte hade velat nås { $value }
reach-phone = per telefon
reach-sms = med sms
reach-email = med e-post
reach-letter = med brev
reach-digital_mailbox = i den digitala brevlådan
reach-chat = i chatt
reach-visit = vid ett besök
known-campaign = Kampanj: { $value }.
name-campaign = om kontakten hör till en kampanj
if-campaign = om kontakten hade hört till kampanjen { $value }
value-campaign-skolstart = skolstart
known-party_related = { $state ->
    [yes] Medarbetaren är själv part eller närstående.
   *[no] Medarbetaren är inte part i saken.
}
name-party_related = om medarbetaren är part i saken
if-party_related = { $state ->
    [yes] om medarbetaren hade varit part eller närstående
   *[no] om medarbetaren inte hade varit part i saken
}
known-threat = { $state ->
    [yes] Någon i personalen är hotad.
   *[no] Ingen i personalen är hotad.
}
name-threat = om någon i personalen är hotad
if-threat = { $state ->
    [yes] om någon i personalen hade hotats
   *[no] om ingen i personalen hade hotats
}
known-wants_human = { $state ->
    [yes] Personen har bett om en människa.
   *[no] Personen har inte bett om en människa.
}
name-wants_human = om personen har bett om en människa
if-wants_human = { $state ->
    [yes] om personen hade bett om en människa
   *[no] om personen inte hade bett om en människa
}
known-bot_failed = { $state ->
    [yes] Boten förstod inte.
   *[no] Boten förstod.
}
name-bot_failed = om boten förstod
if-bot_failed = { $state ->
    [yes] om boten inte hade förstått
   *[no] om boten hade förstått
}
known-public_post = { $state ->
    [yes] Det skrevs där alla kan läsa.
   *[no] Det skrevs inte offentligt.
}
name-public_post = om det skrevs där alla kan läsa
if-public_post = { $state ->
    [yes] om det hade skrivits där alla kan läsa
   *[no] om det inte hade skrivits offentligt
}
known-person_available = { $state ->
    [yes] Den som söks kan ta emot nu.
   *[no] Den som söks kan inte ta emot nu.
}
name-person_available = om den som söks kan ta emot
if-person_available = { $state ->
    [yes] om den som söks hade kunnat ta emot
   *[no] om den som söks inte hade kunnat ta emot
}
known-promise_kept = { $state ->
    [yes] Ärendet är där det lovats vara.
   *[no] Ärendet är inte där det lovats vara.
}
name-promise_kept = om löftet om ärendet har hållits
if-promise_kept = { $state ->
    [yes] om löftet om ärendet hade hållits
   *[no] om löftet om ärendet inte hade hållits
}
known-handover_overdue = { $n ->
    [0] Överlämningens tider har hållits.
    [one] Överlämningen har missat en lovad tid en gång.
   *[other] Överlämningen har missat lovade tider { $n } gånger.
}
name-handover_overdue = om överlämningens tider har hållits
if-handover_overdue = om överlämningen hade missat { $value } lovade tider

known-open = Öppet: { $calendars }.
known-closed = Stängt: { $calendars }.
name-calendar = om { $calendar } har öppet
if-calendar = { $state ->
    [open] om { $calendar } hade haft öppet
   *[closed] om { $calendar } hade haft stängt
}
known-other = { $fact }: { $value }.
name-other = { $fact }
if-other = om { $fact } hade varit { $value }
known-nothing = Ingenting var känt om kontakten.

### Det som hade ändrat beslutet

unknown-none = Inget okänt hade kunnat ändra beslutet.
unknown-intro = Det här var inte känt. Hade det varit det kunde beslutet ha blivit ett annat.
changes-none = Ingen enstaka uppgift hade ändrat beslutet.
alternative = { $supposing } hade { $changes }{ $rules }.
alternative-rules = { " " }({ $rules })
alternative-topics = Med ett känt ämne hade kontakten gått dit ämnet hör hemma, till exempel { $places }.
more-topics = { $n ->
    [one] Ytterligare ett ämne hade lett någon annanstans.
   *[other] Ytterligare { $n } ämnen hade lett någon annanstans.
}
more-changes = { $n ->
    [one] En uppgift till hade ändrat något mindre.
   *[other] Ytterligare { $n } uppgifter hade ändrat något mindre.
}
more-point-values = { $names }, eller vid { $n ->
    [one] ett tillfälle till
   *[other] { $n } andra tillfällen
}
more-topic-values = { $names } eller { $n ->
    [one] ett ämne till
   *[other] { $n } ämnen till
}
had-queue = kontakten ställts i kön { $value }
had-hand_over = kontakten lämnats över till { $value }
had-answer = kontakten tagits om hand direkt: { $value }
had-duty = { $state ->
    [yes] jourkedjan { $value } ringts
   *[no] ingen jourkedja ringts
}
had-emergency = { $state ->
    [yes] den gått före alla andra
   *[no] den inte gått före alla andra
}
had-restricted = { $state ->
    [yes] bara medarbetare med rätt behörighet fått ta den
   *[no] ingen särskild behörighet krävts för att ta den
}
had-mask = { $state ->
    [yes] känsliga uppgifter dolts
   *[no] uppgifterna inte dolts
}
had-require = { $state ->
    [yes] den som svarar behövt kompetensen { $value }
    [less] kraven på kompetens varit lägre
   *[no] ingen särskild kompetens krävts
}
had-team = { $state ->
    [yes] till en början bara { $value } fått ta den
   *[no] alla köns team fått ta den från början
}
had-priority = { $state ->
    [yes] prioriteten varit { $value }
   *[no] den inte haft någon särskild prioritet
}
had-demand = { $state ->
    [failure] den räknats som onödig
    [value] den räknats som värdeskapande
   *[other] det inte varit känt om den kunde ha undvikits
}
had-checklist = { $state ->
    [yes] medarbetaren även följt checklistan { $value }
   *[no] medarbetaren inte följt checklistan { $value }
}
had-refer = { $state ->
    [yes] personen även hänvisats till { $value }
   *[no] personen inte hänvisats till { $value }
}
had-capture = andra uppgifter fått antecknas
had-limit = andra gränser gällt för besked, uppgifter och team
had-require_fields = { $state ->
    [yes] en överlämning även krävt { $value }
   *[no] en överlämning inte krävt { $value }
}
had-forbid_fields = { $state ->
    [yes] en överlämning inte fört vidare { $value }
   *[no] en överlämning fört vidare { $value }
}
had-offers = { $state ->
    [yes] personen även erbjudits { $value }
   *[no] personen inte erbjudits { $value }
}
had-notices = { $state ->
    [yes] personen även fått { $value }
   *[no] personen inte fått { $value }
}
had-suggestions = { $state ->
    [yes] medarbetaren även fått rådet: { $value }
   *[no] medarbetaren inte fått rådet: { $value }
}
had-warm_transfer = { $state ->
    [yes] { $value } ringts upp medan personen var kvar
   *[no] ingen ringts upp
}
had-fallback = nästa väg varit { $value }
had-route = kretsen som får ta den vidgats vid andra tider
had-head_start_s = { $state ->
    [yes] den räknats som om den hade väntat { $value } längre
   *[no] den inte fått försprång i kön
}
had-target_s = { $state ->
    [yes] svar skolat ges inom { $value }
   *[no] köns vanliga svarstid gällt
}
had-prefer_last_s = { $state ->
    [yes] den hållits i { $value } för samma medarbetare som sist
   *[no] den inte hållits för samma medarbetare som sist
}
had-other = något mindre blivit annorlunda

### Vem som kunde ta den

people-none = Ingen medarbetare har fått erbjudande om den ännu.
people-not_needed = Ingen medarbetare i servicecenter behövde ta den.
offered = { $moment } erbjöds den { $agent }{ $reason }.
offered-waited = Den hade då väntat { $waited }.
chosen-preferred = , som kontakten hölls för
chosen-nobody_else = , eftersom ingen annan fanns
chosen-interrupts = , som fick avbryta skriftligt arbete
chosen-ring = , som bäst motsvarade kraven
chosen-spared = , som inte behövde avbryta något
chosen-thrift = , så att ovanliga kompetenser sparades till dem som behöver dem
chosen-longest_idle = , som hade varit ledig längst
ended-issued = Svaret från { $agent } väntas.
ended-accepted = Den togs av { $agent }.
ended-declined = Nej från { $agent }{ $reason }.
ended-expired = Inget svar i tid från { $agent }.
ended-revoked = Erbjudandet togs tillbaka{ $reason }.
ended-failed_setup = Samtalet gick inte att koppla till { $agent }.
ended-reason = { " " }({ $reason })
reason-socket_lost = förbindelsen till skrivbordet bröts
reason-skill_removed = kompetensen togs bort
reason-superseded = personen hörde av sig igen
reason-not_responding = inget svar
reason-busy_elsewhere = upptagen med annat
reason-presence = medarbetaren gick ifrån
reason-live_accepted = medarbetaren tog ett samtal i stället
reason-undone = medarbetaren ångrade sitt senaste steg
others = De andra i tjänst: { $losers }.
others-none = Ingen annan var i tjänst.
loser-busy = { $n ->
    [one] 1 var upptagen
   *[other] { $n } var upptagna
}
loser-skill = { $n ->
    [one] 1 saknade kompetensen { $skills }
   *[other] { $n } saknade kompetensen { $skills }
}
loser-skill-any = { $n ->
    [one] 1 tar inte emot den kanalen
   *[other] { $n } tar inte emot den kanalen
}
loser-team = { $n ->
    [one] 1 hörde till ett annat team
   *[other] { $n } hörde till andra team
}
loser-declined = { $n ->
    [one] 1 hade nyss tackat nej
   *[other] { $n } hade nyss tackat nej
}
loser-cooling_down = { $n ->
    [one] 1 hade nyss låtit ett erbjudande gå
   *[other] { $n } hade nyss låtit ett erbjudande gå
}
loser-ring_not_open = { $n ->
    [one] 1 får ta den först efter längre väntan
   *[other] { $n } får ta den först efter längre väntan
}
loser-reserve = { $n ->
    [one] 1 hölls ledig för samtal
   *[other] { $n } hölls lediga för samtal
}
loser-wider_ring = { $n ->
    [one] 1 motsvarade kraven mindre väl
   *[other] { $n } motsvarade kraven mindre väl
}
loser-interrupts = { $n ->
    [one] 1 hade behövt avbryta sitt arbete
   *[other] { $n } hade behövt avbryta sitt arbete
}
loser-scarce_skill = { $n ->
    [one] 1 sparades för sin ovanliga kompetens
   *[other] { $n } sparades för sina ovanliga kompetenser
}
loser-less_idle = { $n ->
    [one] 1 hade varit ledig kortare tid
   *[other] { $n } hade varit lediga kortare tid
}
loser-not_compared = { $n ->
    [one] 1 jämfördes inte, eftersom de bästa redan var funna
   *[other] { $n } jämfördes inte, eftersom de bästa redan var funna
}
loser-not_preferred = { $n ->
    [one] 1 var inte den som kontakten hölls för
   *[other] { $n } var inte den som kontakten hölls för
}
loser-ramping_up = { $n ->
    [one] 1 var nyss tillbaka och fick börja lugnt
   *[other] { $n } var nyss tillbaka och fick börja lugnt
}
loser-other = { $n ->
    [one] 1 av annat skäl ({ $reason })
   *[other] { $n } av annat skäl ({ $reason })
}

## Vad en granskning av reglerna finner

finding-not_loaded = { $problem }
finding-case_failed = fallet ”{ $title }”: { $differences }
finding-no_case = regel { $rule }, nivå { $tier }: inget fall träffar den
finding-unreachable_rule = regel { $rule } kan aldrig gälla: ingen kontakt har det som villkoren { $facts } frågar efter tillsammans
finding-shadowed_rule = regel { $rule } når ingen kontakt: { $by } kommer alltid före
finding-unreachable_row = regel { $rule }, rad { $row } kan aldrig gälla: ingen kontakt har det som villkoren { $facts } frågar efter tillsammans
finding-shadowed_row = regel { $rule }, rad { $row } når ingen kontakt: { $by } kommer alltid före
finding-equal_stops = { $rule } och { $other } träffar samma kontakt, båda stoppar och de säger olika: bara ordningen avgör. Skriv ett fall som nämner båda, eller avgränsa den ena
finding-conflicting_ways = { $rule } och { $other } träffar samma kontakt och skickar den åt olika håll: den första vinner. Skriv ett fall som nämner båda, eller avgränsa den ena
finding-conflicting_teams = { $rule } och { $other } träffar samma kontakt och nämner olika grupper: den första vinner. Skriv ett fall som nämner båda, eller avgränsa den ena
finding-case_proves_nothing = fallet ”{ $title }” väntar sig ingenting: det stämmer vad reglerna än säger
finding-case_repeated = fallet ”{ $title }” säger samma sak som ”{ $other }”: ett av dem kan tas bort
finding-case_without_medium = fallet ”{ $title }” säger kanalen men inte mediet: för en riktig kontakt är det alltid känt. Skriv medium också
finding-conflicting_transfers = { $rule } och { $other } träffar samma kontakt och kopplar den till olika mottagare: den första vinner. Skriv ett fall som nämner båda, eller avgränsa den ena
finding-law_stands = regel { $rule } säger { $said }, men { $by }, om säkerhet eller lag, har alltid bestämt annat: ingen senare regel kan ta tillbaka det
finding-never_holds = regel { $rule } säger { $said }, men ingen kontakt får det: { $by } bestämmer alltid annat
finding-unknown_word = regel { $rule }, villkoret when.{ $fact }: ”{ $word }” är inget som en kontakt kan ha med sig{ $hint }
finding-no_such_figure = regel { $rule }, villkoret { $cell }: inget värde är sådant, så raden gäller aldrig
finding-stop_above_start = regel { $rule } börjar och slutar vid samma värden på { $fact }, till exempel { $figure }: slutet måste ligga klart skilt från början, annars slår regeln av och på
finding-skill_after_widening = kön { $queue } kräver { $skills } tillsammans, och ingen medarbetare har allt: ingen kan ta kontakten förrän kretsen vidgas efter { $after } s
finding-hits_on_nothing = regel { $rule } träffar fast inget är känt: skriv unknown = "skip"
finding-known_too_late = regel { $rule } gäller när kontakten kommer in men frågar efter { $facts }, som ingen vet förrän i samtalet: den träffar ingen
finding-topic_without_rule = ingen regel säger vart { $topic } ska: ämnet hamnar i { $queue } som en lucka
finding-topic_without_mandate = { $topic } räknas som vårt men lämnas alltid över, till { $unit }: ge servicecenter uppdrag eller sätt eligible = false
finding-uncovered_hour = { $topic } via { $medium }, allvar { $severity }: ingen är där { $at } ({ $way }; regler { $rules })
finding-closed_without_fallback = brådskande { $topic } lämnas till { $unit } som är stängd { $at }, och bakom den finns bara { $fallback }, också stängd
finding-medium_not_taken = kön { $queue } tar inte { $medium } (ämne { $topic })
finding-skill_nobody_has = ingen medarbetare kan { $skills } tillsammans, som kön { $queue } kräver
finding-no_agreement = { $topic } lämnas till { $unit } utan överenskommelse
finding-agreement_expired = { $topic } till { $unit }: överenskommelsen { $agreement } har gått ut när strategin börjar gälla { $day }
finding-agreement_not_yet = { $topic } till { $unit }: överenskommelsen { $agreement } gäller ännu inte { $day }
finding-agreement_ends = { $topic } till { $unit }: överenskommelsen { $agreement } gäller inte längre från { $day }, inom strategins år
finding-open_notice = regel { $rule } skickar besked om det känsliga ämnet { $topic } via { $channel } utan begränsning: skriv limit = {"{"} push = "no_content" {"}"} eller limit.notices
finding-notice_to_protected = regel { $rule } skickar besked via { $channel } till personer med skyddade personuppgifter, utan begränsning: skriv limit = {"{"} push = "no_content" {"}"} eller limit.notices i en regel om skydd som kommer före
finding-limits_share_nothing = gränserna för besked i { $rule } och { $other } har inget sätt gemensamt: den förstas gäller ensam
finding-self_service_alone = regel { $rule } erbjuder e-tjänst { $at } utan att någon människa går att nå
finding-queue_never_named = kön { $name }: ingen regel leder dit
finding-unit_never_named = enheten { $name }: inget ämne, ingen regel och ingen kö leder dit
finding-skill_never_named = kompetensen { $name }: ingen regel och ingen kö frågar efter den
finding-calendar_never_named = kalendern { $name }: ingen kö, enhet eller regel använder den
finding-team_never_named = gruppen { $name }: ingen kö och ingen regel nämner den
finding-referral_never_named = hänvisningen { $name }: ingen regel använder den
finding-agreement_never_named = överenskommelsen { $name }: inget ämne och ingen regel för dit
check-title = { $city }: strategi { $version } ({ $hash }), { $rules } regler, { $topics } ämnen, { $passed } av { $cases } fall stämmer
check-example = till exempel: { $facts }
check-level-error = fel
check-level-warning = varning

### Cases

cases-holds = stämmer
cases-fails = STÄMMER INTE
cases-facts = kontakten
cases-no-facts = ingenting känt
cases-expected = väntat
cases-came = blev
cases-outcome = { $way }, { $by } (regler som gällde: { $rules })
cases-by = enligt { $rule }
cases-by-nobody = utan att någon regel sa vart
cases-differs = skiljer sig
difference-nothing = inget
difference-other = { $part }: väntat { $wanted }, blev { $got }
difference-lacks = { $part }: väntat { $wanted } bland annat, blev { $got }
difference-has = { $part }: { $wanted } fick inte vara med, blev { $got }
cases-sum = { $city }: strategi { $version } ({ $hash }), { $holding } av { $shown } visade fall stämmer; strategin har { $total } fall
cases-none = Inget fall träffar { $n ->
    [one] en regel
   *[other] { $n } regler
}: { $rules }
cases-thin = Bara ett fall håller { $n ->
    [one] en regel
   *[other] { $n } regler
} på plats: { $rules }
cases-once = Ett fall träffar och minst ett ligger bredvid { $n ->
    [one] en regel
   *[other] { $n } regler
}: { $rules }

### Plan

plan-title = Vad { $city } kan ta över: strategi { $version }
plan-source = Underlag: { $source }. { $contacts } kontakter om året räknas.
plan-no-source = planeringstal utan angiven källa
plan-reached-already = Målet { $goal } är redan nått: { $before }.
plan-reached = Målet { $goal } går att nå: från { $before } till { $after } med { $n ->
    [one] ett steg
   *[other] { $n } steg
}.
plan-not-reached = Målet { $goal } går inte att nå med de uppdrag som finns: från { $before } till som mest { $after }. Resten står under ”Det som är kvar”.
plan-measure-resolved = Målet räknas efter varje ämnes eget kriterium: även fullständigt registrerat räknas som löst.
plan-measure-strict = Målet räknas strikt: bara det som blir klart i kontakten räknas som löst.
plan-shares = Löst: { $resolved } i dag, { $resolved_after } med planen. Strikt löst: { $strict } i dag, { $strict_after } med planen.
plan-no-interval = Det finns inget osäkerhetsintervall: talen är planeringstal, inte mätningar.
plan-interval = Osäkerhet (95 %): i dag { $low } till { $high }, planens bidrag { $points_low } till { $points_high } procentenheter, räknat på { $sample ->
    [days] dagar
   *[other] kontakter
}. Att möjliga andelar stämmer är ett antagande utanför intervallet.
plan-reach = Dessutom går { $direct } kontakter om året direkt till en enhet. De ingår i nämnaren.
plan-reach-unknown = Hur mycket som går direkt till enheterna är inte känt. Andelarna gäller det som kommer till servicecenter; en räknevecka säger resten.
plan-excluded = { $n } kontakter om året räknas inte: { $reasons }.
plan-crew = Medarbetare samtidigt i den mest belastade timmen: { $before } i dag, { $after } med planen ({ $live } för samtal, chatt och besök, { $written } för skrivet).
plan-schedule = På schemat: { $before } i dag, { $after } med planen. Stegen kostar { $hours } handläggningstimmar om året.
plan-topics = Läget i dag, ämnen med mest olöst först
plan-steps = Stegen, mest bidrag per handläggningstimme först
plan-no-steps = Det finns inga steg: inget ämne har både ett uppdrag och mer att lösa.
plan-others = Behövs inte för målet, { $n ->
    [one] ett ämne
   *[other] { $n } ämnen
} till: { $topics }
plan-left = Det som är kvar att lösa, största först
plan-rule = En regel att klistra in
plan-rule-where = Ska stå före { $before } i strategy.toml. { $tried }
plan-rule-holds = Prövad: ämnets vanliga kontakter kommer hit, inga andra flyttas.
plan-rule-fails = Prövad: den räcker inte som den står, en annan regel tar kontakterna först.
plan-rule-cases = { $n ->
    [one] Ett fall säger hur det är i dag och måste beslutas om
   *[other] { $n } fall säger hur det är i dag och måste beslutas om
}: { $titles }
plan-rule-title = Servicecenter tar över: { $topic }
plan-rule-why = Enligt överenskommelse med { $units } svarar servicecenter själv vid första kontakten.
plan-per-cent = { $value } %
plan-unknown-topic = (ämnet är inte känt)
plan-any-skill = alla vägledare
plan-free = utan kostnad
plan-take_over = ta över
plan-deepen = gå längre
plan-what = { $what } ({ $mandate }), överens med { $owner }
plan-way = { $place }: { $contacts } ({ $rule }), { $stays }
plan-direct = direkt till enheten: { $contacts }
plan-no-rule = ingen regel
plan-may-come = kan tas över
plan-rate-measured = mätt
plan-rate-planned = planerad
plan-rate-borrowed = medel av andra
plan-stays-safety_or_law = ligger kvar: säkerhet eller lag
plan-stays-protected = ligger kvar: skyddat
plan-stays-registered = registreras direkt hos enheten
plan-stays-no_mandate = ligger kvar: inget uppdrag
plan-stays-shallow = ligger kvar: uppdraget räcker inte så långt
plan-stays-elsewhere = en annans medarbetare
plan-left-here = möts här, löses inte vid första kontakten
plan-left-not_taken = kan tas över, behövs inte för målet
plan-left-direct = går direkt till enheten
plan-mandate-inform = informera
plan-mandate-guide = vägleda
plan-mandate-register = registrera
plan-mandate-prepare = bereda
plan-mandate-decide = besluta på delegation
plan-head-step = nr
plan-head-topic = ämne
plan-head-contacts = kontakter/år
plan-head-here = möts här
plan-head-resolved = löst
plan-head-strict = strikt
plan-head-rate = andelen är
plan-head-ways = går i dag till
plan-head-what = vad
plan-head-points = procentenheter
plan-head-points_strict = varav strikt
plan-head-hours = timmar/år
plan-head-worth = enheter/100 h
plan-head-agents = samtidigt
plan-head-after = löst efter
plan-head-skills = kompetens
plan-head-why = varför

### Prövning av ett utkast före publicering

covered-all = { $n } kontakter från de senaste { $days } dagarna spelades upp med båda strategierna. { $bad } kunde inte läsas.
covered-cut = De senaste { $n } kontakterna från de senaste { $days } dagarna spelades upp med båda strategierna; äldre togs inte med (högst { $most }). { $bad } kunde inte läsas.
covered-none = Inget spelades upp: registret har inga kontakter från de senaste { $days } dagarna. Bara det akuta och det skyddade prövades, på tänkta kontakter.

### Rapporten om en provkörning: `servicecenter rules replay`

replay-title = Provkörning av strategiutkast { $draft }
replay-subtitle = { $city }: utkast { $draft } ({ $draft_hash }) jämfört med strategi { $baseline } ({ $baseline_hash })
replay-history = { $contacts } kontakter, { $days } dagar, { $from_ } till { $to }, ur { $source }
replay-verdict_ok = Ingen spärr hindrar publicering.
replay-verdict_blocked = Publicering stoppas: { $names }.
replay-verdict_unmeasured = Inte mätt: { $names }.
replay-headline_same = Ingen kontakt i historiken skulle behandlas annorlunda.
replay-headline = { $changed } av { $contacts } kontakter ({ $share }) skulle behandlas annorlunda, { $moved } skulle gå någon annanstans.
replay-can = Kan lösas här
replay-can_strict = Kan lösas här, strikt
replay-can_registered = Kan lösas här, med fullständigt registrerade
replay-done_strict = Löses här, strikt
replay-done_registered = Löses här, med fullständigt registrerade
replay-can_strict_why = Beslutet leder till en vägledare eller till ett svar direkt, inte till överlämning.
replay-can_registered_why = Också det som lämnas över men räknas som löst när det är fullständigt registrerat (till exempel felanmälan).
replay-done_why = Ärenden som stannar behåller sitt utfall. De { $moved } av { $matters } ärenden som flyttar får ämnets kända lösningsgrad på det nya stället: ett antagande, inte en mätning.
replay-done_borrowed = För { $borrowed } av dem har ämnet för få utfall; då används ämnesgruppens eller alla ämnens lösningsgrad. För { $without } finns ingen alls; de räknas som olösta.
replay-done_unknown = Vad som faktiskt löses är inte känt: historiken har inga utfall.
replay-goal_line = mål 80 %
replay-before = Före
replay-after = Efter
replay-change = Ändring
replay-interval = 95 %-intervall
replay-points = { $value } p.e.
replay-points_long = { $value } procentenheter
replay-sample_days = Intervallen räknar varje dag som en observation, eftersom kontakter samma dag liknar varandra.
replay-sample_contacts = Intervallen räknar varje kontakt som en observation: historiken har för få dagar. De är därför för snäva.
replay-sample_none = Inget kan räknas: ingen kontakt ingår i måttet.
replay-reach = Räckvidd: { $ratio } av det som är känt kom genom servicecenter ({ $observed } kom direkt till en enhet). Räckvidd gånger strikt andel: { $before } före, { $after } efter.
replay-reach_unknown = Räckvidd: inte känd, historiken har inga kontakter som gick direkt till en enhet. Andelarna gäller det som kom genom servicecenter.
replay-excluded = Utanför måttet: { $names }.
replay-kinds = Vad besluten blir
replay-kind_queue = till kö
replay-kind_hand_over = överlämnas
replay-kind_answer = besvaras direkt
replay-what = Vad
replay-units = Överlämningar per enhet
replay-unit = Enhet
replay-transfers = Kan kopplas vidare från kön, per enhet
replay-by_channel = Skillnader per kanal
replay-by_topic = Skillnader per ämne
replay-by_district = Skillnader per stadsdel
replay-by_language = Skillnader per språk
replay-channel = Kanal
replay-topic = Ämne
replay-district = Stadsdel
replay-language = Språk
replay-contacts = Kontakter
replay-changed = Ändrade
replay-strict_before = Strikt före
replay-strict_after = Strikt efter
replay-registered_after = Med registrerade efter
replay-few = < 5
replay-small_groups = Grupper med färre än fem personer visas inte för sig. Är färre än fem kontakter ändrade i en grupp visas inte hur.
replay-more_rows = Dessutom { $rows } rader utan ändring.
replay-none_known = okänt
replay-other = små grupper tillsammans
replay-not_known_field = Historiken säger inget om detta.
replay-groups = Regler som gör skillnad
replay-groups_why = Varje ändrad kontakt räknas en gång, hos den första regel som skiljer mellan de två spåren.
replay-rule = Regel
replay-how = Hur
replay-how_added = ny regel
replay-how_removed = borttagen regel
replay-how_changed = ändrad regel
replay-how_reached = samma regel, träffar andra kontakter
replay-how_city = ingen regel: stadens övriga filer
replay-moved = Flyttar
replay-ways = Vart
replay-differs = Vad som ändras
replay-review = { $count } kontakter att läsa
replay-review_why = Lottade rättvist mellan reglerna (frö { $seed }), utan personuppgifter. Kontakter med skyddade personer räknas men lottas aldrig.
replay-contact = Kontakt
replay-hour = Timme
replay-facts = Det som var känt
replay-hits = Regler som träffade
replay-guards = Spärrar
replay-guard = Spärr
replay-value = Utkastet
replay-limit = Högst
replay-state = Utfall
replay-ok_yes = håller
replay-ok_no = STOPPAR
replay-ok_unmeasured = inte mätt
replay-guard_strict_fall = fall i strikt andel som kan lösas här
replay-guard_registered_fall = fall i andelen med fullständigt registrerade
replay-guard_emergency_lost = akuta kontakter som inte längre behandlas som akuta
replay-guard_protected_opened = skyddade kontakter som inte längre är dolda eller begränsade
replay-guard_unit_growth = ökning av överlämningar till en enhet
replay-guard_abandonment_rise = ökning av andelen som lägger på
replay-guard_service_level_fall = fall i andelen svar i tid
replay-guard_wait_rise = ökning av medelväntan
replay-measure_points = { $value } p.e.
replay-measure_percent = { $value } %
replay-measure_contacts = { $value } st
replay-measure_seconds = { $value } s
replay-days = Över tid
replay-days_why = Strikt andel som kan lösas här. Långa historiker visas per vecka i diagrammet och per månad i tabellen.
replay-day = När
replay-floor = Simulerat golv
replay-floor_why = Samma dagar, samma invånare och samma { $agents } handläggare ({ $crew }) under båda strategierna, { $days } arbetsdagar. Tålamod och handläggningstid är planeringsvärden, inte uppmätta ur historiken.
replay-floor_none = Väntetider, tappade samtal och arbetstid är inte simulerade: kör med --crew.
replay-crew_erlang = så många som Erlang A frågar efter tre dagar av fyra
replay-crew_number = angivet antal
replay-crew_register = de som var på plats enligt registret
replay-floor_contacts = kontakter på golvet
replay-floor_live = samtal, chatt, besök
replay-floor_service_level = svar inom { $within } s
replay-floor_abandonment = lägger på
replay-floor_mean_wait_s = medelväntan, s
replay-floor_median_wait_s = medianväntan, s
replay-floor_p95_wait_s = väntan, 95 % har kortare, s
replay-floor_written = skrivna
replay-floor_written_answered = skrivna som tas upp samma arbetsdag
replay-floor_outside = utanför öppettid (inte simulerade)
replay-floor_work_h = arbetstimmar med kontakter
replay-floor_agent_h = arbetstimmar på plats
replay-floor_occupancy = beläggning
replay-floor_needed = handläggare som Erlang A frågar efter
replay-queue = Kö
replay-queues = Köer på det simulerade golvet
replay-gaps = Det som inte kunde användas
replay-gap_unreadable = { $count } rader kunde inte läsas: { $first }
replay-gap_no_contacts = { $count } rader är inga kontakter
replay-gap_channels = okända kanaler: { $names }
replay-gap_unknown_topics = ämnen som staden inte har: { $names }
replay-gap_lost_topics = ämnen som utkastet inte längre har: { $names }
replay-gap_redefined = ämnen som utkastet räknar på annat sätt (den gällande stadens definition används på båda sidor): { $names }
replay-gap_none = Allt i historiken kunde användas.
replay-assumed = Vad som antas
replay-assumed_facts = Varje kontakt beslutas en gång, med det som var känt när den kom. Sådant som ingen visste då är okänt också nu.
replay-assumed_calendars = Kalendrarna är strategins egna, vid kontaktens egen tid. Inspelningar från andra städer behåller sitt klockslag.
replay-assumed_people = Invånare och medarbetare antas göra likadant under båda strategierna: ingen byter kanal, ringer igen eller lär sig något nytt.
replay-assumed_definitions = Vad som räknas (ämnen, kriterier, undantag) är den gällande stadens på båda sidor, så att siffran bara rör sig när besluten gör det.
replay-made_by = Gjord med servicecenter rules replay, frö { $seed }.
replay-way_queue = kö { $name }
replay-way_hand_over = överlämning till { $name }
replay-way_answer = svar: { $name }
replay-chart_of = Diagram: { $name }. Samma siffror står i tabellen.
replay-field_kind = vart
replay-field_queue = kö
replay-field_unit = enhet
replay-field_reason = skäl
replay-field_require = kompetens
replay-field_keep = kompetens som behålls
replay-field_route = vägen medan man väntar
replay-field_emergency = akut
replay-field_head_start_s = försprång
replay-field_target_s = måltid
replay-field_prefer_last_s = samma vägledare
replay-field_can_call_back = återuppringning
replay-field_restricted = begränsad
replay-field_mask = dold
replay-field_offers = erbjudanden
replay-field_notices = besked
replay-field_suggestions = förslag till vägledaren
replay-field_warm_transfer = varm koppling
replay-field_fallback = reservväg
replay-field_team = team
replay-field_priority = prioritet
replay-field_checklist = checklista
replay-field_refer = hänvisning
replay-field_capture = vad som får fångas
replay-field_limit = begränsningar
replay-field_demand = om kontakten var onödig
replay-field_duty = jourkedja
replay-field_require_fields = uppgifter som måste finnas vid överlämning
replay-field_forbid_fields = uppgifter som inte lämnas över
replay-field_missing_fields = uppgifter som saknas för en överlämning
replay-field_warm_within_s = hur snart den varma kopplingen ska lyckas
replay-channel_phone = telefon
replay-channel_chat = chatt
replay-channel_email = e-post
replay-channel_web = webb
replay-channel_app = app
replay-channel_sms = sms
replay-channel_letter = brev
replay-channel_visit = besök
