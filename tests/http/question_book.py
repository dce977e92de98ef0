"""The same questions for every door, and what the example city's strategy says of each, read from its rules by hand."""

from typing import NamedTuple


class Way(NamedTuple):
    """Where a contact goes, and the rules that say so."""

    goes: str
    """`queue:<id>` or `unit:<id>`."""
    rules: str


class Ways(NamedTuple):
    """What becomes of one question by each kind of medium."""

    spoken: Way
    """A call."""
    messaging: Way
    """A chat."""
    written: Way
    """A mail: words without a point on the map."""
    placed: Way
    """A form of the web or the app: words and a point."""
    called: Way | None = None
    """A call whose switch knows the place; left out: as any call."""


class Question(NamedTuple):
    """What somebody wants, in their own words, and what becomes of it."""

    name: str
    words: str
    topic: str
    """As the words say; '' where they say too little, or where no machine may guess."""
    owner: str
    """The unit whose matter it is, whoever answers first; '' when nobody knows yet."""
    ways: Ways
    chosen: str = ""
    """The topic picked where one must be picked from a list of ordinary ones; left out: the topic."""
    digit: str = ""
    """The topic's digit in the telephone menu; left out: a caller can't say it to a machine."""
    road: bool = False
    """On the state's road; otherwise in the city's centre."""
    protected: bool = False
    """Who asks is known to live with protected details."""


def _all(goes: str, live: str, written: str) -> Ways:
    """The same place for every medium."""
    return Ways(Way(goes, live), Way(goes, live), Way(goes, written), Way(goes, written))


QUESTIONS = (
    Question(
        "library hours", "När öppnar biblioteket?", "KUF.BIB", "kultur_fritid",
        _all("queue:generalist", "E-ALL K41", "K23 E-ALL K41B"), digit="1",
    ),
    Question(
        "pothole", "Det är ett djupt hål i asfalten på cykelbanan.", "GAT.HÅL", "gata",
        Ways(
            spoken=Way("queue:gata", "E-GAT K41"),
            messaging=Way("queue:gata", "E-GAT K41"),
            written=Way("queue:gata", "K23 E-GAT K41B"),
            placed=Way("unit:gata", "K23 K25 E-GAT K41B"),
        ), digit="2",
    ),
    Question(
        "street light on another authority's road", "Gatubelysningen är trasig, en gatlampa lyser inte.", "GAT.BEL",
        "gata",
        Ways(
            spoken=Way("queue:gata", "E-GAT K41"),
            messaging=Way("queue:gata", "E-GAT K41"),
            written=Way("queue:gata", "K23 E-GAT K41B"),
            placed=Way("queue:gata", "K23 K25 K26B K26C E-GAT K41B"),
            called=Way("queue:gata", "K26B K26C E-GAT K41"),
        ), digit="3", road=True,
    ),
    Question(
        "child at risk", "Jag är orolig för ett barn som far illa hos grannen.", "", "socialtjanst_mottagning",
        Ways(
            spoken=Way("queue:socialtjanst", "K12A K02"),
            messaging=Way("unit:socialtjanst_mottagning", "K12A K04"),
            written=Way("unit:socialtjanst_mottagning", "K12A K04"),
            placed=Way("unit:socialtjanst_mottagning", "K12A K04"),
        ), chosen="GAT.HÅL", digit="4",
    ),
    Question(
        "protected person", "När öppnar biblioteket?", "KUF.BIB", "kultur_fritid",
        _all("queue:skyddad", "K09 K10 K10B E-ALL K41", "K09 K10 K10B K23 E-ALL K41B"), digit="1", protected=True,
    ),
    Question(
        "invoice", "Jag har fått fel faktura.", "EKO.FAK", "ekonomi",
        _all("queue:generalist", "K11 E-ALL K41", "K11 K23 E-ALL K41B"), digit="5",
    ),
    Question(
        "water leak", "Det läcker vatten, en vattenläcka på gatan.", "VAT.LÄC", "va",
        Ways(
            spoken=Way("queue:vatten", "K06C E-VAT K41"),
            messaging=Way("queue:vatten", "K06C E-VAT K41"),
            written=Way("queue:vatten", "K23 E-VAT K41B"),
            placed=Way("unit:va", "K23 K25B E-VAT K41B"),
        ), digit="6",
    ),
    Question(
        "Finnish speaker", "Hei, olen saanut väärän fakturan. Miten voin maksaa oikein?", "EKO.FAK", "ekonomi",
        _all("queue:finska", "K11 K17 E-ALL K41", "K11 K17B K23 E-ALL K41B"),
    ),
    Question(
        "public record", "Jag vill begära ut en allmän handling.", "DEM.ALH", "registrator",
        Ways(
            spoken=Way("queue:generalist", "K16B E-ALL K41"),
            messaging=Way("unit:registrator", "K16 E-ALL K41"),
            written=Way("unit:registrator", "K16 K23 E-ALL K41B"),
            placed=Way("unit:registrator", "K16 K23 E-ALL K41B"),
        ), digit="7",
    ),
    Question(
        "building permit", "Behöver jag bygglov för en altan?", "BYG.LOV", "bygglov",
        _all("queue:bygg", "K29 E-BYG K41", "K23 K29 E-BYG K41B"), digit="8",
    ),
    Question(
        "landlord", "Min hyresvärd lagar inte kylskåpet i lägenheten.", "BOS.HYR", "bostadsbolaget",
        _all("unit:bostadsbolaget", "K06C K36B E-BYG K41", "K23 K36 E-BYG K41B"), digit="9",
    ),
    Question(
        "local plan", "Jag undrar över detaljplanen och samrådet.", "BYG.PLN", "stadsbyggnad",
        Ways(
            spoken=Way("queue:bygg", "E-BYG K41"),
            messaging=Way("queue:bygg", "E-BYG K41"),
            written=Way("unit:stadsbyggnad", "K23 K39 E-BYG K41B"),
            placed=Way("unit:stadsbyggnad", "K23 K39 E-BYG K41B"),
        ), digit="0",
    ),
    Question(
        "danger to life", "Två träd har fallit, ett träd ligger på en man som är medvetslös.", "PRK.TRÄ", "park",
        Ways(
            spoken=Way("queue:generalist", "K01"),
            messaging=Way("queue:generalist", "K01"),
            written=Way("unit:larmcentral", "K01B"),
            placed=Way("unit:larmcentral", "K01B"),
        ),
    ),
    Question(
        "dangerous fault", "Trafikljuset är sönder, brunnslock saknas, akut fara.", "GAT.SIG", "gata",
        Ways(
            spoken=Way("queue:gata", "K06B E-GAT K41"),
            messaging=Way("queue:gata", "K06B E-GAT K41"),
            written=Way("unit:gata", "K06"),
            placed=Way("unit:gata", "K06"),
        ),
    ),
    Question(
        "complaint", "Jag har en synpunkt, ett klagomål på bemötandet.", "DEM.SYN", "kansli",
        _all("queue:generalist", "K32 E-ALL K41", "K23 K32 E-ALL K41B"), digit="*",
    ),
    Question(
        "nothing said", "Hej, jag har en fråga.", "", "",
        _all("queue:generalist", "K41 K49", "K23 K41B K49"), digit="#",
    ),
)  # fmt: skip
