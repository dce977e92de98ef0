"""What the made-up residents ask for: topics with their share, what a servicecenter can do about them, and words.

The words are invented, as is the city. Shares are per mille of all contacts, fault reports the largest group; `solved`
is the share that a guide finishes at once when it is not a fault report (plan defaults by topic).
"""

from collections.abc import Iterator

import msgspec


class Demand(msgspec.Struct, frozen=True):
    """One topic as residents bring it."""

    code: str
    share: int
    solved: float
    words: tuple[str, ...]
    is_fault: bool = False


def _rows(table: str, *, is_fault: bool) -> Iterator[Demand]:
    for line in table.strip().splitlines():
        code, share, solved, words = (part.strip() for part in line.split("|"))
        yield Demand(code, int(share), float(solved), tuple(each.strip() for each in words.split(";")), is_fault)


_FAULTS = """
GAT.BEL | 62 | 0.2 | Gatubelysningen på Storgatan är släckt; En gatlampa blinkar, gatubelysning vid Bäckvägen
GAT.HÅL | 55 | 0.2 | Ett potthål på Ringvägen; Stora potthål i asfalten vid skolan; Vägskada på trottoaren
GAT.SNÖ | 38 | 0.3 | Det är oplogat på vår gata, snöröjning saknas; Halkigt på gångvägen, sandning behövs
GAT.SOP | 12 | 0.3 | Grus på cykelbanan, när kommer sandupptagning; Gatusopning saknas på Parkgatan
GAT.SIG | 14 | 0.2 | Trafiksignalen vid torget lyser inte, trafikljus; Ett vägmärke är påkört, vägskylt borta
GAT.BRN | 12 | 0.2 | Igensatt brunn, dagvattenbrunn med vatten på väg; Dagvattenbrunn svämmar över, igensatt brunn
GAT.FOR | 14 | 0.3 | En skrotbil står kvar på parkeringen, bilvrak; Övergivet fordon, skrotbil utan skyltar
PRK.SKR | 36 | 0.2 | Papperskorgen är full, skräpigt i parken; Nedskräpning vid badplatsen, skräp överallt
PRK.KLO | 20 | 0.2 | Klotter på tunneln vid stationen; Skadegörelse och klotter på busskuren
PRK.TRÄ | 14 | 0.2 | Ett nedfallet träd i parken, trädet ligger på gräset; Träden skymmer, sly behöver röjas
PRK.LEK | 10 | 0.2 | Gungan på lekplatsen är trasig, lekplats; Lekplats med trasig klätterställning
VAT.LÄC | 12 | 0.2 | Vattenläcka på gatan, läckan rinner; Inget vatten i kranen, vattenavbrott
VAT.KVA | 6 | 0.3 | Missfärgat dricksvatten, brunt vatten i kranen
AVF.HÄM | 50 | 0.3 | Soptunnan är inte tömd, utebliven hämtning av sopor; Sophämtning uteblev, sopbilen kom inte
MIL.UTS | 3 | 0.1 | Olja på vattnet vid hamnen, utsläpp av olja
"""

_QUESTIONS = """
BAR.FSK | 40 | 0.75 | Fråga om plats i förskolan, förskoleplats; När får vi besked om förskoleplats
BAR.AVG | 22 | 0.75 | Fakturan för barnomsorgsavgift ser fel ut; Maxtaxa, hur lämnar jag inkomstuppgift
BAR.FRI | 10 | 0.75 | Ansöka om fritidshem till hösten, fritidsplats
BAR.SKV | 22 | 0.8 | Skolval, hur byter vi skola; Skolbyte till en annan skola
BAR.SKJ | 12 | 0.5 | Skolskjuts, bussen kom inte; Busskort och skolskjuts till gymnasiet
BAR.GYM | 8 | 0.6 | Gymnasieval och programbyte
BAR.VUX | 10 | 0.6 | Komvux, vuxenutbildning, vilka kurser finns; Anmälan till sfi och vuxenutbildning
OMS.HTJ | 22 | 0.45 | Hur ansöker man om hemtjänst åt en förälder; Hemtjänst, fråga om trygghetslarm
OMS.FDT | 14 | 0.45 | Färdtjänst, mitt tillstånd går ut; Ansöka om färdtjänst
OMS.PTR | 8 | 0.6 | Parkeringstillstånd för rörelsehindrad, förnya
OMS.GOD | 5 | 0.35 | Vem är god man, kontakt med överförmyndare
SOC.EKB | 22 | 0.3 | Ekonomiskt bistånd, hur ansöker jag; Försörjningsstöd, när kommer beslutet
SOC.FAM | 5 | 0.35 | Faderskap och familjerätt, boka tid
SOC.BUD | 4 | 0.7 | Skuldrådgivning, boka tid hos budgetrådgivare
GAT.PAR | 34 | 0.7 | Boendeparkering, förnya boendekort; Felparkering, jag vill bestrida parkeringsboten
GAT.TST | 8 | 0.45 | Upplåtelse av mark, schakt och trafikanordning
GAT.FÖR | 8 | 0.4 | Farthinder på vår gata, hög hastighet
VAT.ABO | 16 | 0.8 | Mätarställning och ägarbyte, vattenabonnemang; Vattenfaktura, fråga om vattenmätare
AVF.ABO | 22 | 0.85 | Byta storlek på kärl, sopabonnemang; Renhållningsabonnemang, nytt kärl
AVF.ÅVC | 16 | 0.95 | När har återvinningscentralen öppet; Sortering på återvinningscentral
BYG.LOV | 42 | 0.45 | Behöver jag bygglov för ett plank; Bygglov för altan, hur ansöker jag; Status på mitt bygglov
BYG.TIL | 5 | 0.3 | Svartbygge och ovårdad tomt hos grannen
BYG.KAR | 8 | 0.6 | Tomtgräns och karta, nybyggnadskarta
BYG.PLN | 8 | 0.4 | Detaljplan för området, samråd
BOS.HYR | 12 | 0.6 | Hyresrätt, bostadskö och fel i lägenheten
MIL.STÖ | 10 | 0.35 | Buller från grannens värmepump; Störande buller från ventilation
MIL.AVL | 6 | 0.5 | Enskilt avlopp, tillstånd för avlopp
MIL.LIV | 3 | 0.35 | Misstänkt matförgiftning efter en restaurang
KUF.LOK | 10 | 0.8 | Boka lokal för föreningen, boka idrottshall
KUF.BIB | 8 | 0.8 | Biblioteket, låna om böcker; Bibliotekets öppettider
KUF.BAD | 10 | 0.9 | Simskola, när öppnar badhuset; Badhuset, anmälan till simskola
NÄR.TIL | 5 | 0.45 | Serveringstillstånd, hur ansöker jag
NÄR.TOR | 3 | 0.45 | Torgplats på lördag, torghandel
ARB.JOB | 8 | 0.5 | Feriejobb i sommar, ansökan
DEM.ALH | 7 | 0.2 | Begäran om allmän handling, ett protokoll; Jag vill ta del av en allmän handling
DEM.SYN | 22 | 0.5 | Jag vill lämna en synpunkt; Klagomål på bemötandet, synpunkt
DEM.NÄM | 5 | 0.75 | När sammanträder nämnden, protokoll
DEM.VIG | 6 | 0.8 | Boka borgerlig vigsel; Förtidsröstning, var kan jag rösta
EKO.FAK | 16 | 0.7 | Fråga om en faktura från kommunen, autogiro; Påminnelse på kommunens faktura
KOM.STA | 34 | 0.6 | Var är mitt ärende, jag har inte fått svar; Ingen har återkommit, vad händer med mitt ärende
KOM.SÖK | 34 | 0.9 | Jag söker en handläggare, kan ni koppla; Söker en person på kommunen
KOM.FEL | 10 | 0.95 | Fråga till Skatteverket; Försäkringskassan, har jag kommit rätt
ITX.ETJ | 16 | 0.85 | E-tjänsten fungerar inte, inloggning; Kan inte logga in med BankID i e-tjänsten
INT.SUP | 6 | 0.5 | Jag är anställd och har fråga om lönebesked
"""

DEMANDS: tuple[Demand, ...] = (*_rows(_FAULTS, is_fault=True), *_rows(_QUESTIONS, is_fault=False))
BY_CODE = {demand.code: demand for demand in DEMANDS}
WATER_LEAK = Demand(
    "VAT.LÄC", 0, 0.9, ("Inget vatten i Norrstaden, vattenläcka", "Vattenläckan på Norra vägen, vattenavbrott"), True
)
CONCERN = Demand("SOC.ORB", 0, 0.0, ("Jag är orolig för ett barn i huset bredvid",))
FINNISH = (
    "Hei, minulla on kysymys päivähoidosta",
    "Päivää, haluaisin apua hakemuksen kanssa",
    "Hei, kotihoito ja lomakkeet, voitteko auttaa",
)
GENERAL = ("Hej, jag har en fråga", "God dag, kan ni hjälpa mig", "Jag vet inte riktigt vart jag ska vända mig")
FOLLOW_UPS = (
    "Jag vill lägga till en sak",
    "Har ni hunnit titta på det här?",
    "Glömde skriva: det gäller baksidan av huset",
)
_BY_WORDS = {words: demand.code for demand in (*DEMANDS, WATER_LEAK, CONCERN) for words in demand.words}


def topic_in(words: str) -> str:
    """What a guide who reads or hears these words takes them to be about; '' when they say nothing."""
    return _BY_WORDS.get(words, "")
