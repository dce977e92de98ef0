# Everything that people read about the strategy: explanations, findings and reports. The same keys as in sv.ftl.

### Putting together

list-and = { $start } and { $last }
list-or = { $start } or { $last }
list-more = { $start } and { $n } more
quoted = “{ $text }”
moment = { DATETIME($at, dateStyle: "full") } at { $hour }:{ $minute }
seconds = { $n ->
    [one] 1 second
   *[other] { $n } seconds
}
minutes = { $n ->
    [one] 1 minute
   *[other] { $n } minutes
}
hours = { $n ->
    [one] 1 hour
   *[other] { $n } hours
}
span-from = at least { $low }
span-over = more than { $low }
span-to = at most { $high }
span-between = { $low } to { $high }
another = something else
another-holder = somebody else

### Headings

title = Why the contact went where it went
title-when = The decision was made on { $moment }.
section-decision = The decision
section-known = What was known
section-rules = The rules that applied, in order
section-unknown = What was not known
section-changes = What would have changed the decision
section-people = Who could take it
rule-title = { $title } ({ $id })
why = Why the rule exists: { $why }

### The decision

decided-queue = The contact was placed in the queue { $place }.
decided-hand_over = The contact was handed over to { $place }.
decided-answer = The contact was taken care of at once: { $place }.
decided-by = This was decided by the rule { $title } ({ $id }).
decided-by-id = This was decided by { $id }.
decided-by-nobody = No rule said where. Then a contact goes to a general adviser.
decided-fallback = If nobody there can take it, { $place } is next.
decided-version = The strategy in force was { $version } (check number { $hash }).
version-gone = The decision was made by the strategy { $version } (check number { $hash }). It is not at hand here, so how its rules were read cannot be shown. What is told here is what was written down then.
version-gone-hits = The rules that applied then were { $rules }.
people-returned = The unit had sent the contact back. Then a person looks at it, whatever the rules say.
people-reopened = The resident got in touch again about something already answered. Then a person looks at it.
people-taken_elsewhere = An agent had already taken the contact. Then it is with a person, whatever the rules say.
people-decision_failed = The strategy could not be asked. Then the contact goes to a general adviser.
people-fields_missing = The unit needs to know more before it can take over: { $missing }. A person asks first.
people-stood = The rules would have said something else. The contact was left where it was, because it was already on its way.
protection-kept = An earlier decision protected the contact. That protection does not end because time has passed.
rules-said = By the rules alone it would have been { $place }.

answer-disturbance = news of a known disturbance
answer-follower = news that the same thing has been reported already
answer-no_reply = no reply is sent, because it was a machine that wrote

### Ways

way-queue = the queue { $name }
way-unit = { $name }
way-answer = an answer at once: { $name }
way-emergency_number = 112
way-responsible = the topic's own unit
way-duty = the topic's unit on duty
way-owner_of_place = whoever looks after the place

### What rules say

says-queue = The contact goes to the queue { $value }.
says-hand_over = The contact is handed over to { $value }.
says-duty = The duty chain { $value } is called, one after the other, until somebody takes over.
says-require_fields = Before the contact is handed over, this must be known: { $value }.
says-require_fields-taken_away = It would have asked for this at a handover: { $value }. { $by } took that away.
says-forbid_fields = When the contact is handed over, this is not passed on: { $value }.
says-answer = The contact is taken care of at once: { $value }.
says-too_late = It proposed { $value }, but { $by } came first.
says-too_late-same = It pointed the same way as { $by }.
says-too_late-alone = It proposed { $value }, but the way was already decided.
says-require = Whoever answers needs the skill { $value }.
says-require-returned = Should the contact come back, whoever answers needs the skill { $value }.
says-keep = The need for { $value } stands however long the contact waits.
says-emergency = The contact goes before all others.
says-head_start_s = The contact counts as if it had waited { $value } longer.
says-target_s = An answer is due within { $value }.
says-prefer_last_s = For { $value } the contact is kept for whoever had this person last.
says-restricted = Only agents with the right permission may take it.
says-mask = Sensitive details are hidden.
says-offers = The resident is offered { $value }.
says-offers-taken_away = It would have offered { $value }, but { $by } took that away.
says-suppress = The resident is not offered { $value }.
says-notices = The resident gets { $value }.
says-notices-moved = It would have given { $value }. Another way was chosen, because { $by } limits the ways.
says-limit-notices = Notices may only go { $value }.
says-limit-fields = Of the contact, only this is shown: { $value }.
says-limit-teams = Only { $value } may take it, however long it waits.
says-limit-push = A notice on a screen only says that there is a message.
says-suggestions = Advice to the agent: { $value }.
says-warm_transfer = { $value } is called while the resident is still there.
says-warm_transfer-written = { $value } is called.
says-warm_transfer-within = { $value } is called while the resident is still there, for at most { $within }.
says-fallback = If that fails, { $value } is next.
says-covered = Another rule said as much or more about { $what }.
says-stop = After this rule no more are read.
says-team = At first only { $value } may take it.
says-priority = Priority: { $value }.
says-priority-ahead = Priority: { $value }. In the queue it counts as { $ahead } more of waiting.
says-checklist = The agent follows the checklist { $value }.
says-refer = The resident is referred to { $value }.
says-capture-forbid = This is not written down: { $value }.
says-capture-allow = This may be written down: { $value }.
says-capture-covered = It also said what may be written down, but another rule decides about this: { $value }.
says-demand = { $state ->
    [failure] The contact counts as avoidable: something before it has failed.
    [value] The contact counts as worth having.
   *[other] Whether the contact could have been avoided is not known.
}
says-nothing = The rule added nothing.
says-because_unknown = { $n ->
    [one] The rule applied because this was not known: { $facts }.
   *[other] The rule applied because these were not known: { $facts }.
}
what-head_start_s = the head start in the queue
what-target_s = the time to answer
what-prefer_last_s = the same agent as before
what-warm_transfer = whom to call
what-fallback = the next way
what-team = who may take it first
what-priority = the priority
what-demand = whether the contact was avoidable

step-level = After { $after }, skill { $n ->
    [one] one level
   *[other] { $n } levels
} lower is enough.
step-level-kept = After { $after }, skill { $n ->
    [one] one level
   *[other] { $n } levels
} lower is enough, but not in { $kept }.
says-route-returned = Should the contact come back, more agents may take it once it has waited for a while.
step-drop = After { $after }, general skill is enough.
step-drop-kept = After { $after }, general skill is enough, with { $kept }, which is always needed.
step-teams = After { $after }, { $teams } may take it too.
step-exit-callback = After { $after }, it becomes a callback instead.
step-exit-written = After { $after }, it becomes a written answer instead.
step-exit-unit = After { $after }, { $unit } takes over.

skill-level = { $skill } (level { $level } or higher)

offer-self_service = self-service
offer-callback = a callback

notice = { $moment } ({ $by })
moment-received = a confirmation
moment-planned = a notice when it is planned
moment-done = a notice when it is done
moment-neutral = a neutral reply
moment-holding = a notice if it takes longer
by-chosen = in the way the resident has chosen
by-same = in the same way as the contact came
by-sms = by text message
by-email = by e-mail
by-digital_mailbox = in the digital mailbox
by-letter = by letter
by-phone = by phone
by-agreed = in the way agreed on

part-text = what the resident says or writes
part-person = who the resident is
part-notes = own notes
part-location = the place
part-attachments = attachments
part-callback_number = a number to call back
part-topic = the topic
part-severity = how serious it is
part-subject = the subject line
part-fields = the fields of the form
part-messages = the messages
field-atgard = what is to be done
field-callback_number = a number to call back
field-fastighet = the property
field-org_nr = the organisation number
field-person = who the resident is
field-purpose = the purpose
field-request = what is asked for
field-subject_matter = what it is about
field-wants_answer = whether the resident wants an answer
field-way_to_deliver = how it is to be delivered
field-what = what happened
field-where = where it happened
checklist-bygglov = for building permits
checklist-ekonomiskt_bistand = for income support
checklist-skolstart = for the start and choice of school
checklist-synpunkt = for views and complaints

### Advice to the agent

suggest-accessible_form = answer in a form the resident can use
suggest-agree-notice_way = agree on how to give notice
suggest-alert-socialjour = alert the social services on duty
suggest-alert-supervisor = alert the supervisor
suggest-allow-anonymous = the caller may stay anonymous
suggest-answer-general_only = answer only in general
suggest-answer-status = say how the case is going
suggest-answer-within_one_working_day = answer within one working day
suggest-article-skolstart = use the article on the start of school
suggest-ask = ask about { $what }
suggest-ask-consent_to_move_data = ask whether the details may be moved
suggest-ask-only_if_needed_today = ask only whether help is needed today
suggest-ask-send_file_again = ask the resident to send the file again
suggest-ask-urgent_today = ask whether help is needed today
suggest-ask-wants_answer = ask whether the resident wants an answer
suggest-assisted_registration = fill it in together with the resident
suggest-book = book a time: { $what }
suggest-book-bygglov = book a time with the building permit officer
suggest-call_again = call again after { $what }
suggest-capture-address_place_state = note the address, where the person is now and how they are
suggest-capture-point_hazard_photo_extent_callback = note the place, the danger, its extent, a photo and a number to call back
suggest-capture-time_place_number = note time, place and phone number
suggest-chase-owner = chase whoever has the case
suggest-checklist = use the checklist { $what }
suggest-checklist-bygglov = use the checklist for building permits
suggest-connect-person = connect to the person asked for
suggest-due-same_day = must go on the same day
suggest-escalate-unit_manager = let the unit's manager know
suggest-extra_time = take plenty of time
suggest-guide-e_service_with_representative = guide through the e-service, representatives too
suggest-hide-agent_name = do not give out the agent's name
suggest-interpreter = bring in a phone interpreter
suggest-last_agent = the same agent as last time, if possible
suggest-link-disturbance = link the contact to the disturbance
suggest-link-parent = link to the first report
suggest-log-party_related = note that you are a party or related to one
suggest-look_for-sensitive_in_attachments = check whether the attachments hold anything sensitive
suggest-manager_calls-within_one_working_day = the manager calls within one working day
suggest-mark-threat = mark the case as a threat
suggest-move_to_private = answer in general and go on in private
suggest-never-address = never say the address
suggest-never-call_again = never ask the resident to call again
suggest-never-relative_as_interpreter = never let a relative or a child interpret
suggest-never_ask-identity_or_purpose = do not ask who the person is or why
suggest-no_time_target = take the time it needs
suggest-offer-eid = offer e-identification
suggest-offer-follow_by_sms = offer to follow the disturbance by text message
suggest-open_with_care-attachments = open the attachments with care
suggest-otherwise-general_answer_or_visit = otherwise give a general answer or offer a visit
suggest-otherwise-senior = otherwise an experienced agent
suggest-pass_on-colleague = pass it on to a colleague
suggest-phone-responsible = call the topic's own unit
suggest-read-history_first = first read what was said before
suggest-read-transcript = read what was said to the bot
suggest-record-organisation_number = note the organisation number
suggest-refer-name_and_number = refer by name and number
suggest-respect-declined_channel = do not use the way the resident has declined
suggest-rule_gap = no rule fitted, put the gap on the improvement board
suggest-tell-crisis_information = give the crisis information
suggest-tell-disturbance = tell about the disturbance and when it should be over
suggest-tell-owner_of_place = say who owns the place
suggest-tell-wait_as_interval = say how long it will take, as a range
suggest-try-topic = see whether somebody else can help with the topic
suggest-walk_over-state_desk = walk along to the state's desk

### Facts: how they are said when known (known), when not (name), and had they been others (if)

known-point = The strategy was asked when { $value }.
name-point = when the decision was made
if-point = if the decision had been made when { $value }
value-point-received = the contact came in
value-point-topic_set = somebody had said what it was about
value-point-fact_changed = something new became known
value-point-waited = the contact had waited a while
value-point-queue_closing = the queue closed
value-point-returned = the unit sent the contact back
value-point-resumed = the contact was taken up again

known-channel = Channel: { $value }.
name-channel = the channel
if-channel = if the channel had been { $value }
value-channel-phone = phone
value-channel-chat = chat
value-channel-email = e-mail
value-channel-web = a web form
value-channel-app = the app
value-channel-sms = text message
value-channel-letter = a letter
value-channel-visit = a visit
value-channel-social = social media

known-medium = The contact came { $value }.
name-medium = whether it was spoken or written
if-medium = if the contact had come { $value }
value-medium-voice = as a conversation
value-medium-messaging = in a chat
value-medium-written = in writing
value-medium-in_person = as a visit

known-topic = Topic: { $value }.
name-topic = the topic
if-topic = if the topic had been { $value }
known-topic_confidence = How sure the topic is: { $value } per cent.
name-topic_confidence = how sure the topic is
if-topic_confidence = if the topic had been { $value } per cent sure

known-topic_flag = The topic is marked: { $value }.
name-topic_flag = the topic's marks
if-topic_flag = if the topic had been marked { $value }
value-topic_flag-p1_possible = may be dangerous
value-topic_flag-secret = secrecy
value-topic_flag-needs_id = needs identification
value-topic_flag-fault = fault report
value-topic_flag-concern = concern report
value-topic_flag-company = a company's topic

known-severity = Severity: { $value }.
name-severity = how serious it is
if-severity = if the severity had been { $value }
value-severity-life = danger to life
value-severity-P1 = danger or great damage (P1)
value-severity-P2 = urgent (P2)
value-severity-P3 = not urgent (P3)
value-severity-P4 = can wait (P4)

known-identity = The resident's identity: { $value }.
name-identity = how sure it is who the resident is
if-identity = if the resident's identity had been { $value }
value-identity-verified = verified
value-identity-likely = likely
value-identity-shared = unsure (several people share the number or address)
value-identity-none = unknown

known-loa = { $n ->
    [0] The resident had not identified electronically.
   *[other] The resident had identified at assurance level { $value }.
}
name-loa = whether the resident has identified
if-loa = if the resident's assurance level had been { $value }

known-protection = { $state ->
    [none] The resident's personal details are not protected.
   *[other] The resident has protected personal details: { $value }.
}
name-protection = whether the resident has protected personal details
if-protection = { $state ->
    [none] if the resident's personal details had not been protected
   *[other] if the resident had had { $value }
}
value-protection-none = no protection
value-protection-marked = a confidentiality marking
value-protection-protected_registration = protected registration
value-protection-assumed_identity = an assumed identity

known-language = Language: { $value }.
name-language = the language
if-language = if the language had been { $value }

known-repeats_7d = { $n ->
    [0] The resident had not been in touch in the last seven days.
    [one] The resident had been in touch once in the last seven days.
   *[other] The resident had been in touch { $n } times in the last seven days.
}
name-repeats_7d = whether the resident has been in touch in the last seven days
if-repeats_7d = if the number of contacts in the last seven days had been { $value }
known-repeats_30d = { $n ->
    [0] The resident had not been in touch in the last month.
    [one] The resident had been in touch once in the last month.
   *[other] The resident had been in touch { $n } times in the last month.
}
name-repeats_30d = whether the resident has been in touch in the last month
if-repeats_30d = if the number of contacts in the last month had been { $value }
known-repeats_topic_7d = { $n ->
    [0] The resident had not been in touch about the topic in the last seven days.
    [one] The resident had been in touch once about the topic in the last seven days.
   *[other] The resident had been in touch { $n } times about the topic in the last seven days.
}
name-repeats_topic_7d = whether the resident has been in touch about the topic in the last seven days
if-repeats_topic_7d = if the number of contacts about the topic in the last seven days had been { $value }
known-repeats_topic_30d = { $n ->
    [0] The resident had not been in touch about the topic in the last month.
    [one] The resident had been in touch once about the topic in the last month.
   *[other] The resident had been in touch { $n } times about the topic in the last month.
}
name-repeats_topic_30d = whether the resident has been in touch about the topic in the last month
if-repeats_topic_30d = if the number of contacts about the topic in the last month had been { $value }

known-open_promise = { $state ->
    [yes] The resident is waiting for something a unit has promised.
   *[no] No promise to the resident is open.
}
name-open_promise = whether the resident is waiting for something promised
if-open_promise = { $state ->
    [yes] if the resident had been waiting for something a unit had promised
   *[no] if no promise to the resident had been open
}

known-attachments = { $n ->
    [0] No attachments.
    [one] One attachment.
   *[other] { $n } attachments.
}
name-attachments = the number of attachments
if-attachments = if the number of attachments had been { $value }
known-scan = The scan of the attachments: { $value }.
name-scan = what the scan of the attachments said
if-scan = if the scan of the attachments had said { $value }
value-scan-clean = nothing harmful
value-scan-infected = harmful code
value-scan-unknown_type = an unknown type of file

known-sensitive_detected = { $state ->
    [yes] The words point to something sensitive, such as a concern report.
   *[no] The words do not point to anything sensitive.
}
name-sensitive_detected = whether the words point to something sensitive
if-sensitive_detected = { $state ->
    [yes] if the words had pointed to something sensitive
   *[no] if the words had not pointed to anything sensitive
}

known-queue_wait_s = { $n ->
    [0] There was no wait in the queue.
   *[other] The wait in the queue was about { $value }.
}
name-queue_wait_s = the wait in the queue
if-queue_wait_s = if the wait in the queue had been { $value }
known-queue_abandon_pct = In the last quarter of an hour, { $value } per cent had hung up in the queue.
name-queue_abandon_pct = how many hang up in the queue
if-queue_abandon_pct = if the share who hung up in the last quarter of an hour had been { $value } per cent

known-business = { $state ->
    [yes] A company or an association asks.
   *[no] A private person asks.
}
name-business = whether a company asks
if-business = { $state ->
    [yes] if a company or an association had asked
   *[no] if a private person had asked
}
known-anonymous = { $state ->
    [yes] The resident wants to be anonymous.
   *[no] The resident does not want to be anonymous.
}
name-anonymous = whether the resident wants to be anonymous
if-anonymous = { $state ->
    [yes] if the resident had wanted to be anonymous
   *[no] if the resident had not wanted to be anonymous
}
known-authority = The contact was addressed to { $value }.
name-authority = which board the contact was addressed to
if-authority = if the contact had been addressed to { $value }
value-authority-socialnamnden = the social welfare board
known-automatic = { $state ->
    [yes] A machine had written the message.
   *[no] A person had written.
}
name-automatic = whether a machine has written
if-automatic = { $state ->
    [yes] if a machine had written the message
   *[no] if a person had written the message
}
known-has_location = { $state ->
    [yes] The place is given.
   *[no] No place is given.
}
name-has_location = whether the place is given
if-has_location = { $state ->
    [yes] if the place had been given
   *[no] if no place had been given
}
known-owner = The place belongs to { $value }.
name-owner = who owns the place
if-owner = if the place had belonged to { $value }
known-place_unit = The place is looked after by { $value }.
name-place_unit = who looks after the place
if-place_unit = if the place had been looked after by { $value }
holder-privat = a private owner
known-district = District: { $value }.
name-district = the district
if-district = if the district had been { $value }
known-maintenance_area = Maintenance area: { $value }.
name-maintenance_area = the maintenance area
if-maintenance_area = if the maintenance area had been { $value }
known-road_authority = Responsible for the road: { $value }.
name-road_authority = who is responsible for the road
if-road_authority = if the one responsible for the road had been { $value }
known-similar_open = { $n ->
    [0] Nobody else had lately reported the same thing there.
    [one] Somebody else had lately reported the same thing there.
   *[other] { $n } others had lately reported the same thing there.
}
name-similar_open = whether others have reported the same thing there
if-similar_open = if the number of reports of the same thing there had been { $value }

known-disturbance = { $state ->
    [yes] The place lies in a known disturbance.
   *[no] There is no known disturbance at the place.
}
name-disturbance = whether the place lies in a disturbance
if-disturbance = { $state ->
    [yes] if the place had been in a known disturbance
   *[no] if the place had not been in a known disturbance
}
known-crisis = { $state ->
    [yes] Crisis mode was on.
   *[no] Crisis mode was off.
}
name-crisis = whether crisis mode was on
if-crisis = { $state ->
    [yes] if crisis mode had been on
   *[no] if crisis mode had been off
}
known-declared_need = The resident has told of a need: { $value }.
name-declared_need = whether the resident has special needs
if-declared_need = if the resident had told of a need ({ $value })
value-declared_need-hearing = hearing
value-declared_need-speech = speech
value-declared_need-sight = sight
value-declared_need-cognitive = understanding or remembering
value-declared_need-vulnerable = vulnerable
value-declared_need-child_alone = a child alone
known-no_digital = { $state ->
    [yes] The resident cannot or does not want to use digital services.
   *[no] The resident can use digital services.
}
name-no_digital = whether the resident can use digital services
if-no_digital = { $state ->
    [yes] if the resident had not been able or willing to use digital services
   *[no] if the resident had been able to use digital services
}
known-preference = The resident wants the answer { $value }.
name-preference = how the resident wants the answer
if-preference = if the resident had wanted the answer { $value }
known-declined_channel = The resident does not want to be reached { $value }.
name-declined_channel = how the resident does not want to be reached
if-declined_channel = if the resident had not wanted to be reached { $value }
reach-phone = by phone
reach-sms = by text message
reach-email = by e-mail
reach-letter = by letter
reach-digital_mailbox = in the digital mailbox
reach-chat = in a chat
reach-visit = at a visit
known-campaign = Campaign: { $value }.
name-campaign = whether the contact belongs to a campaign
if-campaign = if the contact had belonged to the campaign { $value }
value-campaign-skolstart = start of school
known-party_related = { $state ->
    [yes] The agent is a party to the matter or related to one.
   *[no] The agent is no party to the matter.
}
name-party_related = whether the agent is a party to the matter
if-party_related = { $state ->
    [yes] if the agent had been a party to the matter or related to one
   *[no] if the agent had been no party to the matter
}
known-threat = { $state ->
    [yes] Somebody of the staff is threatened.
   *[no] Nobody of the staff is threatened.
}
name-threat = whether somebody of the staff is threatened
if-threat = { $state ->
    [yes] if somebody of the staff had been threatened
   *[no] if nobody of the staff had been threatened
}
known-wants_human = { $state ->
    [yes] The resident has asked for a human.
   *[no] The resident has not asked for a human.
}
name-wants_human = whether the resident has asked for a human
if-wants_human = { $state ->
    [yes] if the resident had asked for a human
   *[no] if the resident had not asked for a human
}
known-bot_failed = { $state ->
    [yes] The bot did not understand.
   *[no] The bot understood.
}
name-bot_failed = whether the bot understood
if-bot_failed = { $state ->
    [yes] if the bot had not understood
   *[no] if the bot had understood
}
known-public_post = { $state ->
    [yes] It was written where everybody can read.
   *[no] It was not written in public.
}
name-public_post = whether it was written in public
if-public_post = { $state ->
    [yes] if it had been written where everybody can read
   *[no] if it had not been written in public
}
known-person_available = { $state ->
    [yes] The person asked for can take it now.
   *[no] The person asked for cannot take it now.
}
name-person_available = whether the person asked for can take it
if-person_available = { $state ->
    [yes] if the person asked for had been able to take it
   *[no] if the person asked for had not been able to take it
}
known-promise_kept = { $state ->
    [yes] The case is where it was promised to be.
   *[no] The case is not where it was promised to be.
}
name-promise_kept = whether the promise about the case has been kept
if-promise_kept = { $state ->
    [yes] if the promise about the case had been kept
   *[no] if the promise about the case had not been kept
}
known-handover_overdue = { $n ->
    [0] The handover has kept its times.
    [one] The handover has missed a promised time once.
   *[other] The handover has missed promised times { $n } times.
}
name-handover_overdue = whether the handover has kept its times
if-handover_overdue = if the handover had missed { $value } promised times

known-open = Open: { $calendars }.
known-closed = Closed: { $calendars }.
name-calendar = whether { $calendar } is open
if-calendar = { $state ->
    [open] if { $calendar } had been open
   *[closed] if { $calendar } had been closed
}
known-other = { $fact }: { $value }.
name-other = { $fact }
if-other = if { $fact } had been { $value }
known-nothing = Nothing was known about the contact.

### What would have changed the decision

unknown-none = Nothing unknown could have changed the decision.
unknown-intro = This was not known. Had it been, the decision could have been another.
changes-none = No single fact would have changed the decision.
alternative = { $supposing }, { $changes }{ $rules }.
alternative-rules = { " " }({ $rules })
alternative-topics = With a known topic the contact would have gone where the topic belongs, for example { $places }.
more-topics = { $n ->
    [one] One more topic would have led elsewhere.
   *[other] { $n } more topics would have led elsewhere.
}
more-changes = { $n ->
    [one] One more fact would have changed something smaller.
   *[other] { $n } more facts would have changed something smaller.
}
more-point-values = { $names }, or at { $n ->
    [one] one other moment
   *[other] { $n } other moments
}
more-topic-values = { $names } or { $n ->
    [one] one other topic
   *[other] { $n } other topics
}
had-queue = the contact would have been placed in the queue { $value }
had-hand_over = the contact would have been handed over to { $value }
had-answer = the contact would have been taken care of at once: { $value }
had-duty = { $state ->
    [yes] the duty chain { $value } would have been called
   *[no] no duty chain would have been called
}
had-emergency = { $state ->
    [yes] it would have gone before all others
   *[no] it would not have gone before all others
}
had-restricted = { $state ->
    [yes] only agents with the right permission could have taken it
   *[no] no special permission would have been needed to take it
}
had-mask = { $state ->
    [yes] sensitive details would have been hidden
   *[no] the details would not have been hidden
}
had-require = { $state ->
    [yes] whoever answers would have needed the skill { $value }
    [less] less skill would have been needed
   *[no] no special skill would have been needed
}
had-team = { $state ->
    [yes] at first only { $value } could have taken it
   *[no] all teams of the queue could have taken it from the start
}
had-priority = { $state ->
    [yes] the priority would have been { $value }
   *[no] it would have had no priority of its own
}
had-demand = { $state ->
    [failure] it would have counted as avoidable
    [value] it would have counted as worth having
   *[other] it would not have been known whether it could have been avoided
}
had-checklist = { $state ->
    [yes] the agent would also have followed the checklist { $value }
   *[no] the agent would not have followed the checklist { $value }
}
had-refer = { $state ->
    [yes] the resident would also have been referred to { $value }
   *[no] the resident would not have been referred to { $value }
}
had-capture = other details could have been written down
had-limit = other limits would have held for notices, details and teams
had-require_fields = { $state ->
    [yes] a handover would also have needed { $value }
   *[no] a handover would not have needed { $value }
}
had-forbid_fields = { $state ->
    [yes] a handover would not have passed on { $value }
   *[no] a handover would have passed on { $value }
}
had-offers = { $state ->
    [yes] the resident would also have been offered { $value }
   *[no] the resident would not have been offered { $value }
}
had-notices = { $state ->
    [yes] the resident would also have got { $value }
   *[no] the resident would not have got { $value }
}
had-suggestions = { $state ->
    [yes] the agent would also have been advised: { $value }
   *[no] the agent would not have been advised: { $value }
}
had-warm_transfer = { $state ->
    [yes] { $value } would have been called while the resident was there
   *[no] nobody would have been called
}
had-fallback = the next way would have been { $value }
had-route = the circle of agents would have widened at other times
had-head_start_s = { $state ->
    [yes] it would have counted as if it had waited { $value } longer
   *[no] it would have had no head start
}
had-target_s = { $state ->
    [yes] an answer would have been due within { $value }
   *[no] the queue's usual time to answer would have held
}
had-prefer_last_s = { $state ->
    [yes] it would have been kept for { $value } for the same agent as before
   *[no] it would not have been kept for the same agent as before
}
had-other = something smaller would have been different

### Who could take it

people-none = No agent has been offered it yet.
people-not_needed = No agent of the servicecenter needed to take it.
offered = { $moment } it was offered to { $agent }{ $reason }.
offered-waited = It had waited { $waited } by then.
chosen-preferred = , for whom the contact was kept
chosen-nobody_else = , because there was nobody else
chosen-interrupts = , who could interrupt written work
chosen-ring = , who met the needs best
chosen-spared = , who did not have to interrupt anything
chosen-thrift = , so that rare skills were saved for those who need them
chosen-longest_idle = , who had been free the longest
ended-issued = The answer of { $agent } is awaited.
ended-accepted = It was taken by { $agent }.
ended-declined = A no from { $agent }{ $reason }.
ended-expired = No answer in time from { $agent }.
ended-revoked = The offer was taken back{ $reason }.
ended-failed_setup = The call could not be connected to { $agent }.
ended-reason = { " " }({ $reason })
reason-socket_lost = the connection to the desktop broke
reason-skill_removed = the skill was removed
reason-superseded = the resident got in touch again
reason-not_responding = no answer
reason-busy_elsewhere = busy with something else
reason-presence = the agent stepped away
reason-live_accepted = the agent took a call instead
reason-undone = the agent undid the last step
others = The others at work: { $losers }.
others-none = Nobody else was at work.
loser-busy = { $n ->
    [one] 1 was busy
   *[other] { $n } were busy
}
loser-skill = { $n ->
    [one] 1 lacked the skill { $skills }
   *[other] { $n } lacked the skill { $skills }
}
loser-skill-any = { $n ->
    [one] 1 does not take that channel
   *[other] { $n } do not take that channel
}
loser-team = { $n ->
    [one] 1 belonged to another team
   *[other] { $n } belonged to other teams
}
loser-declined = { $n ->
    [one] 1 had just declined
   *[other] { $n } had just declined
}
loser-cooling_down = { $n ->
    [one] 1 had just let an offer pass
   *[other] { $n } had just let an offer pass
}
loser-ring_not_open = { $n ->
    [one] 1 may take it only after a longer wait
   *[other] { $n } may take it only after a longer wait
}
loser-reserve = { $n ->
    [one] 1 was kept free for calls
   *[other] { $n } were kept free for calls
}
loser-wider_ring = { $n ->
    [one] 1 met the needs less well
   *[other] { $n } met the needs less well
}
loser-interrupts = { $n ->
    [one] 1 would have had to interrupt work
   *[other] { $n } would have had to interrupt work
}
loser-scarce_skill = { $n ->
    [one] 1 was saved for a rare skill
   *[other] { $n } were saved for their rare skills
}
loser-less_idle = { $n ->
    [one] 1 had been free a shorter time
   *[other] { $n } had been free a shorter time
}
loser-not_compared = { $n ->
    [one] 1 was not compared, because the best were already found
   *[other] { $n } were not compared, because the best were already found
}
loser-not_preferred = { $n ->
    [one] 1 was not the one the contact was kept for
   *[other] { $n } were not the one the contact was kept for
}
loser-ramping_up = { $n ->
    [one] 1 was just back and could start gently
   *[other] { $n } were just back and could start gently
}
loser-other = { $n ->
    [one] 1 for another reason ({ $reason })
   *[other] { $n } for another reason ({ $reason })
}

## What a check of the rules finds

finding-not_loaded = { $problem }
finding-case_failed = case "{ $title }": { $differences }
finding-no_case = rule { $rule }, tier { $tier }: no case hits it
finding-unreachable_rule = rule { $rule } can never hit: no contact has what its cells { $facts } ask for together
finding-shadowed_rule = rule { $rule } reaches no contact: { $by } always comes first
finding-unreachable_row = rule { $rule }, row { $row } can never hit: no contact has what its cells { $facts } ask for together
finding-shadowed_row = rule { $rule }, row { $row } reaches no contact: { $by } always comes first
finding-equal_stops = { $rule } and { $other } hit the same contact, both stop and they differ: only their order decides. Write a case that names both, or narrow one
finding-conflicting_ways = { $rule } and { $other } hit the same contact and send it different ways: the first wins. Write a case that names both, or narrow one
finding-conflicting_teams = { $rule } and { $other } hit the same contact and name different teams: the first wins. Write a case that names both, or narrow one
finding-case_proves_nothing = case "{ $title }" expects nothing: it holds whatever the rules say
finding-case_repeated = case "{ $title }" says the same as "{ $other }": one of them can go
finding-case_without_medium = case "{ $title }" names the channel and not the medium, which every real contact has: write medium, too
finding-conflicting_transfers = { $rule } and { $other } hit the same contact and connect it to different people: the first wins. Write a case that names both, or narrow one
finding-law_stands = rule { $rule } says { $said }, but { $by }, of safety or law, has always decided otherwise: no later rule takes that back
finding-never_holds = rule { $rule } says { $said }, but no contact gets it: { $by } always decides otherwise
finding-unknown_word = rule { $rule }, cell when.{ $fact }: "{ $word }" is nothing that a contact can bring{ $hint }
finding-no_such_figure = rule { $rule }, cell { $cell }: no figure is like that, so the row never holds
finding-stop_above_start = rule { $rule } starts and stops at the same figures of { $fact }, such as { $figure }: the stop must lie clear of the start, or the rule swings on and off
finding-skill_after_widening = queue { $queue } requires { $skills } together, and no agent has them all: nobody can take it until the circle is widened after { $after } s
finding-hits_on_nothing = rule { $rule } hits although nothing is known: use unknown = "skip"
finding-known_too_late = rule { $rule } is for contacts that come in but asks for { $facts }, which nobody knows before the conversation: it hits nobody
finding-topic_without_rule = no rule says where { $topic } goes: it ends up in { $queue } as a gap
finding-topic_without_mandate = { $topic } counts as ours but is always handed over, to { $unit }: give the servicecenter a mandate or set eligible = false
finding-uncovered_hour = { $topic } by { $medium }, severity { $severity }: nobody there { $at } ({ $way }; rules { $rules })
finding-closed_without_fallback = urgent { $topic } is handed over to { $unit }, closed at { $at }, with only { $fallback } behind it, closed too
finding-medium_not_taken = queue { $queue } does not take { $medium } (topic { $topic })
finding-skill_nobody_has = no agent has { $skills } together, as queue { $queue } requires
finding-no_agreement = { $topic } is handed over to { $unit } without agreement
finding-agreement_expired = { $topic } to { $unit }: agreement { $agreement } has expired when the strategy becomes valid { $day }
finding-agreement_not_yet = { $topic } to { $unit }: agreement { $agreement } is not yet valid { $day }
finding-agreement_ends = { $topic } to { $unit }: agreement { $agreement } no longer holds from { $day } on, within the strategy's year
finding-open_notice = rule { $rule } sends notices about the secret topic { $topic } by { $channel } with no limit: use limit = {"{"} push = "no_content" {"}"} or limit.notices
finding-notice_to_protected = rule { $rule } sends notices by { $channel } to people with protected personal data, with no limit: use limit = {"{"} push = "no_content" {"}"} or limit.notices in a rule about protection that comes before
finding-limits_share_nothing = the limits of notices of { $rule } and { $other } share no channel: the first one's holds alone
finding-self_service_alone = rule { $rule } offers self-service at { $at } with no human to be had
finding-queue_never_named = queue { $name }: no rule leads to it
finding-unit_never_named = unit { $name }: no topic, rule or queue leads to it
finding-skill_never_named = skill { $name }: no rule or queue asks for it
finding-calendar_never_named = calendar { $name }: no queue, unit or rule uses it
finding-team_never_named = team { $name }: no queue or rule names it
finding-referral_never_named = referral { $name }: no rule uses it
finding-agreement_never_named = agreement { $name }: no topic or rule leads to it
check-title = { $city }: strategy { $version } ({ $hash }), { $rules } rules, { $topics } topics, { $passed } of { $cases } cases hold
check-example = for example: { $facts }
check-level-error = error
check-level-warning = warning

### Cases

cases-holds = holds
cases-fails = DOES NOT HOLD
cases-facts = contact
cases-no-facts = nothing known
cases-expected = expected
cases-came = came
cases-outcome = { $way }, { $by } (rules that applied: { $rules })
cases-by = by { $rule }
cases-by-nobody = with no rule saying where
cases-differs = differs
difference-nothing = nothing
difference-other = { $part }: expected { $wanted }, came { $got }
difference-lacks = { $part }: expected { $wanted } among others, came { $got }
difference-has = { $part }: { $wanted } must not be there, came { $got }
cases-sum = { $city }: strategy { $version } ({ $hash }), { $holding } of { $shown } cases shown hold; the strategy has { $total } cases
cases-none = No case hits { $n ->
    [one] one rule
   *[other] { $n } rules
}: { $rules }
cases-thin = Only one case holds { $n ->
    [one] one rule
   *[other] { $n } rules
} in place: { $rules }
cases-once = One case hits, and at least one stands beside, { $n ->
    [one] one rule
   *[other] { $n } rules
}: { $rules }

### Plan

plan-title = What { $city } can take over: strategy { $version }
plan-source = Based on: { $source }. { $contacts } contacts a year count.
plan-no-source = planning figures without a stated source
plan-reached-already = The goal of { $goal } is already reached: { $before }.
plan-reached = The goal of { $goal } can be reached: from { $before } to { $after } in { $n ->
    [one] one step
   *[other] { $n } steps
}.
plan-not-reached = The goal of { $goal } can’t be reached with the mandates there are: from { $before } to { $after } at most. The rest stands under “What is left”.
plan-measure-resolved = The goal counts by each topic’s own criterion: what is registered completely counts as resolved.
plan-measure-strict = The goal counts strictly: only what is finished during the contact counts as resolved.
plan-shares = Resolved: { $resolved } today, { $resolved_after } with the plan. Strictly resolved: { $strict } today, { $strict_after } with the plan.
plan-no-interval = There is no interval: the figures are for planning, not measured.
plan-interval = Uncertainty (95 %): today { $low } to { $high }, what the plan adds { $points_low } to { $points_high } percentage points, counted over { $sample ->
    [days] days
   *[other] contacts
}. That the possible shares come true is an assumption outside the interval.
plan-reach = Besides, { $direct } contacts a year go straight to a unit. They are in the denominator.
plan-reach-unknown = How much goes straight to the units is not known. The shares are of what comes to the servicecenter; a counting week tells the rest.
plan-excluded = { $n } contacts a year do not count: { $reasons }.
plan-crew = Agents at the same time in the busiest hour: { $before } today, { $after } with the plan ({ $live } for calls, chats and visits, { $written } for written work).
plan-schedule = On the schedule: { $before } today, { $after } with the plan. The steps cost { $hours } hours of handling a year.
plan-topics = Where the city is, topics with most unresolved first
plan-steps = The steps, those that give most for an hour of handling first
plan-no-steps = There are no steps: no topic has both a mandate and more to resolve.
plan-others = Not needed for the goal, { $n ->
    [one] one more topic
   *[other] { $n } more topics
}: { $topics }
plan-left = What is left to resolve, largest first
plan-rule = A rule to paste
plan-rule-where = To stand before { $before } in strategy.toml. { $tried }
plan-rule-holds = Tried: the topic’s ordinary contacts come here, no others move.
plan-rule-fails = Tried: it is not enough as it stands, another rule takes the contacts first.
plan-rule-cases = { $n ->
    [one] One case states the way of today and must be decided anew
   *[other] { $n } cases state the way of today and must be decided anew
}: { $titles }
plan-rule-title = The servicecenter takes over: { $topic }
plan-rule-why = By agreement with { $units } the servicecenter answers by itself at the first contact.
plan-per-cent = { $value } %
plan-unknown-topic = (topic not known)
plan-any-skill = every guide
plan-free = at no cost
plan-take_over = take over
plan-deepen = go further
plan-what = { $what } ({ $mandate }), agreed with { $owner }
plan-way = { $place }: { $contacts } ({ $rule }), { $stays }
plan-direct = straight to the unit: { $contacts }
plan-no-rule = no rule
plan-may-come = may be taken over
plan-rate-measured = measured
plan-rate-planned = planned
plan-rate-borrowed = mean of others
plan-stays-safety_or_law = stays: safety or law
plan-stays-protected = stays: protected
plan-stays-registered = registered straight with the unit
plan-stays-no_mandate = stays: no mandate
plan-stays-shallow = stays: the mandate does not go so far
plan-stays-elsewhere = somebody else’s agents
plan-left-here = met here, not resolved at the first contact
plan-left-not_taken = may be taken over, not needed for the goal
plan-left-direct = goes straight to the unit
plan-mandate-inform = inform
plan-mandate-guide = guide
plan-mandate-register = register
plan-mandate-prepare = prepare
plan-mandate-decide = decide by delegation
plan-head-step = no.
plan-head-topic = topic
plan-head-contacts = contacts/year
plan-head-here = met here
plan-head-resolved = resolved
plan-head-strict = strictly
plan-head-rate = the share is
plan-head-ways = goes today to
plan-head-what = what
plan-head-points = points
plan-head-points_strict = strictly
plan-head-hours = hours/year
plan-head-worth = points/100 h
plan-head-agents = at once
plan-head-after = resolved after
plan-head-skills = skills
plan-head-why = why

### The trial of a draft before it is published

covered-all = { $n } contacts of the last { $days } days were played under both strategies. { $bad } could not be read.
covered-cut = The latest { $n } contacts of the last { $days } days were played under both strategies; older ones were not (at most { $most }). { $bad } could not be read.
covered-none = Nothing was played: the register has no contacts of the last { $days } days. Only what is urgent and what is protected was tried, on contacts made up for it.

### The report of a trial: `servicecenter rules replay`

replay-title = Trial of draft strategy { $draft }
replay-subtitle = { $city }: draft { $draft } ({ $draft_hash }) compared with strategy { $baseline } ({ $baseline_hash })
replay-history = { $contacts } contacts, { $days } days, { $from_ } to { $to }, from { $source }
replay-verdict_ok = No guard blocks publishing.
replay-verdict_blocked = Publishing is blocked: { $names }.
replay-verdict_unmeasured = Not measured: { $names }.
replay-headline_same = No contact of the history would be treated otherwise.
replay-headline = { $changed } of { $contacts } contacts ({ $share }) would be treated otherwise, { $moved } would go somewhere else.
replay-can = Can be resolved here
replay-can_strict = Can be resolved here, strict
replay-can_registered = Can be resolved here, with registered completely
replay-done_strict = Is resolved here, strict
replay-done_registered = Is resolved here, with registered completely
replay-can_strict_why = The decision leads to a guide or to an answer at once, not to a hand-over.
replay-can_registered_why = Also what is handed over but counts as resolved when it is registered completely (fault reports, for example).
replay-done_why = Matters that stay keep their outcome. The { $moved } of { $matters } matters that move get their topic's known rate in the new place: an assumption, not a measurement.
replay-done_borrowed = For { $borrowed } of them the topic has too few outcomes; its group's or all topics' rate is used. For { $without } there is none at all; they count as not resolved.
replay-done_unknown = What really is resolved is not known: the history has no outcomes.
replay-goal_line = goal 80 %
replay-before = Before
replay-after = After
replay-change = Change
replay-interval = 95 % interval
replay-points = { $value } pts
replay-points_long = { $value } percentage points
replay-sample_days = The intervals take each day as one observation, because contacts of one day resemble each other.
replay-sample_contacts = The intervals take each contact as one observation: the history has too few days. They are therefore too narrow.
replay-sample_none = Nothing can be counted: no contact is part of the measure.
replay-reach = Reach: { $ratio } of what is known came through the servicecenter ({ $observed } went directly to a unit). Reach times the strict share: { $before } before, { $after } after.
replay-reach_unknown = Reach: not known, the history has no contacts that went directly to a unit. The shares are of what came through the servicecenter.
replay-excluded = Outside the measure: { $names }.
replay-kinds = What the decisions are
replay-kind_queue = to a queue
replay-kind_hand_over = handed over
replay-kind_answer = answered at once
replay-what = What
replay-units = Hand-overs per unit
replay-unit = Unit
replay-transfers = May be connected on from the queue, per unit
replay-by_channel = Differences by channel
replay-by_topic = Differences by topic
replay-by_district = Differences by district
replay-by_language = Differences by language
replay-channel = Channel
replay-topic = Topic
replay-district = District
replay-language = Language
replay-contacts = Contacts
replay-changed = Changed
replay-strict_before = Strict before
replay-strict_after = Strict after
replay-registered_after = With registered after
replay-few = < 5
replay-small_groups = Groups of fewer than five persons are not shown by themselves. Where fewer than five contacts of a group changed, how is not shown.
replay-more_rows = Besides these, { $rows } rows without a change.
replay-none_known = unknown
replay-other = small groups together
replay-not_known_field = The history says nothing about this.
replay-groups = Rules that make a difference
replay-groups_why = Each changed contact counts once, with the first rule that differs between the two traces.
replay-rule = Rule
replay-how = How
replay-how_added = new rule
replay-how_removed = rule removed
replay-how_changed = rule changed
replay-how_reached = same rule, hits other contacts
replay-how_city = no rule: other files of the city
replay-moved = Moved
replay-ways = Where to
replay-differs = What changes
replay-review = { $count } contacts to read
replay-review_why = Drawn fairly among the rules (seed { $seed }), without personal data. Contacts of protected persons are counted but never drawn.
replay-contact = Contact
replay-hour = Hour
replay-facts = What was known
replay-hits = Rules that hit
replay-guards = Guards
replay-guard = Guard
replay-value = The draft
replay-limit = At most
replay-state = Result
replay-ok_yes = holds
replay-ok_no = BLOCKS
replay-ok_unmeasured = not measured
replay-guard_strict_fall = fall in the strict share that can be resolved here
replay-guard_registered_fall = fall in the share with registered completely
replay-guard_emergency_lost = emergencies no longer treated as such
replay-guard_protected_opened = protected contacts no longer masked or restricted
replay-guard_unit_growth = growth of hand-overs to one unit
replay-guard_abandonment_rise = rise of the share that hangs up
replay-guard_service_level_fall = fall in the share answered in time
replay-guard_wait_rise = rise of the mean wait
replay-measure_points = { $value } pts
replay-measure_percent = { $value } %
replay-measure_contacts = { $value }
replay-measure_seconds = { $value } s
replay-days = Over time
replay-days_why = Strict share that can be resolved here. Long histories are shown by week in the chart and by month in the table.
replay-day = When
replay-floor = Simulated floor
replay-floor_why = The same days, the same residents and the same { $agents } agents ({ $crew }) under both strategies, { $days } working days. Patience and handling times are planning defaults, not measured from the history.
replay-floor_none = Waits, abandonment and agent hours are not simulated: run with --crew.
replay-crew_erlang = as many as Erlang A asks for on three days of four
replay-crew_number = number given
replay-crew_register = those who were there, by the register
replay-floor_contacts = contacts on the floor
replay-floor_live = calls, chats, visits
replay-floor_service_level = answered within { $within } s
replay-floor_abandonment = hang up
replay-floor_mean_wait_s = mean wait, s
replay-floor_median_wait_s = median wait, s
replay-floor_p95_wait_s = wait, 95 % have less, s
replay-floor_written = written
replay-floor_written_answered = written, taken up on the same working day
replay-floor_outside = outside hours (not simulated)
replay-floor_work_h = agent hours with contacts
replay-floor_agent_h = agent hours at work
replay-floor_occupancy = occupancy
replay-floor_needed = agents that Erlang A asks for
replay-queue = Queue
replay-queues = Queues of the simulated floor
replay-gaps = What could not be used
replay-gap_unreadable = { $count } rows could not be read: { $first }
replay-gap_no_contacts = { $count } rows are no contacts
replay-gap_channels = unknown channels: { $names }
replay-gap_unknown_topics = topics that the city does not have: { $names }
replay-gap_lost_topics = topics that the draft no longer has: { $names }
replay-gap_redefined = topics that the draft counts otherwise (the present city's definition holds on both sides): { $names }
replay-gap_none = Everything in the history could be used.
replay-assumed = What is assumed
replay-assumed_facts = Each contact is decided once, with what was known when it came. What nobody knew then is unknown now too.
replay-assumed_calendars = Calendars are the strategy's own, at the contact's own time. Records of other cities keep their wall clock time.
replay-assumed_people = Residents and staff are taken to do the same under both strategies: nobody changes channel, calls again or learns anything new.
replay-assumed_definitions = What counts (topics, criteria, exclusions) is the present city's on both sides, so that the figure moves only when decisions do.
replay-made_by = Made with servicecenter rules replay, seed { $seed }.
replay-way_queue = queue { $name }
replay-way_hand_over = hand-over to { $name }
replay-way_answer = answer: { $name }
replay-chart_of = Chart: { $name }. The table has the same figures.
replay-field_kind = where to
replay-field_queue = queue
replay-field_unit = unit
replay-field_reason = reason
replay-field_require = skills
replay-field_keep = skills kept
replay-field_route = the way while waiting
replay-field_emergency = emergency
replay-field_head_start_s = head start
replay-field_target_s = target
replay-field_prefer_last_s = same guide
replay-field_can_call_back = callback
replay-field_restricted = restricted
replay-field_mask = masked
replay-field_offers = offers
replay-field_notices = notices
replay-field_suggestions = suggestions to the guide
replay-field_warm_transfer = warm transfer
replay-field_fallback = fallback
replay-field_team = team
replay-field_priority = priority
replay-field_checklist = checklist
replay-field_refer = referral
replay-field_capture = what may be captured
replay-field_limit = limits
replay-field_demand = whether the contact was needless
replay-field_duty = duty chain
replay-field_require_fields = what a handover must have
replay-field_forbid_fields = what a handover leaves out
replay-field_missing_fields = what a handover still lacks
replay-field_warm_within_s = how soon the warm transfer must succeed
replay-channel_phone = phone
replay-channel_chat = chat
replay-channel_email = e-mail
replay-channel_web = web
replay-channel_app = app
replay-channel_sms = text message
replay-channel_letter = letter
replay-channel_visit = visit
