# What residents read in the service's own mails. The same keys as in sv.ftl.

hello = Hello,
received = We have received your message. Your reference number is { $number }.
answer-within-hour = You can expect an answer within an hour.
answer-within-hours = You can expect an answer within { $hours } hours.
answer-within-day = You can expect an answer within one working day.
answer-within-days = You can expect an answer within { $days } working days.
answer-as-soon = We will answer as soon as we can.
add-more = Would you like to add something? Reply to this message and it will be included.
automatic = This is an automatic message. Please do not send sensitive information by e-mail.
greeting = Kind regards
subject-none = Your contact with { $city }
unreadable = The message could not be read. The original is attached.
