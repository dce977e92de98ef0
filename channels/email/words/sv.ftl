# Det som invånare läser i tjänstens egna mejl. Samma nycklar som i en.ftl.

hello = Hej,
received = Vi har tagit emot ditt meddelande. Det har nummer { $number }.
answer-within-hour = Du kan räkna med svar inom en timme.
answer-within-hours = Du kan räkna med svar inom { $hours } timmar.
answer-within-day = Du kan räkna med svar inom en arbetsdag.
answer-within-days = Du kan räkna med svar inom { $days } arbetsdagar.
answer-as-soon = Vi svarar så snart vi kan.
add-more = Vill du lägga till något? Svara på det här mejlet, så kommer det med.
automatic = Det här är ett automatiskt meddelande. Skicka inte känsliga uppgifter med e-post.
greeting = Vänliga hälsningar
subject-none = Din kontakt med { $city }
unreadable = Meddelandet kunde inte tolkas. Originalet är bifogat.
