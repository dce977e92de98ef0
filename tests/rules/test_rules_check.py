from pathlib import Path

from rules.check import Report, check_city
from tests.rules.spoiled_city import copy_city, spoil


def found(report: Report, level: str, code: str) -> list[str]:
    """The texts of all findings of one kind."""
    return [finding.text for finding in report.findings if (finding.level, finding.code) == (level, code)]


def test_a_failing_case_is_an_error(tmp_path: Path) -> None:
    """A case that the rules do not give is named with what differs."""
    folder = copy_city(tmp_path)
    spoil(folder, "strategy.toml", 'stopped_by = "K07", notices', 'stopped_by = "K08", notices')
    report = check_city(folder, "en")

    assert not report.ok
    assert found(report, "error", "case_failed") == [
        'case "Fredag 18.40, vattenläcka, telefon": stopped_by: expected "K08", came "K07"'
    ]
    assert found(check_city(folder), "error", "case_failed") == [
        'fallet ”Fredag 18.40, vattenläcka, telefon”: stopped_by: väntat "K08", blev "K07"'
    ]


def test_a_case_says_the_medium_of_its_channel(tmp_path: Path) -> None:
    """A case of a call that is not said to be spoken is warned of: no contact is like that."""
    folder = copy_city(tmp_path)
    case = '[[case]]\ntitle = "Ringer"\nfacts = { channel = "phone" }\nexpect = { kind = "queue" }\n'
    with (folder / "strategy.toml").open("a", encoding="utf-8") as file:
        _ = file.write(case)
    assert len(found(check_city(folder, "en"), "warning", "case_without_medium")) == 1
    spoil(folder, "strategy.toml", case, case.replace('"phone"', '"phone", medium = "voice"'))
    assert not found(check_city(folder, "en"), "warning", "case_without_medium")


def test_an_hour_with_nobody_there_is_an_error(tmp_path: Path) -> None:
    """If the duty begins an hour late on Mondays and nobody stands behind it, each topic without a way is named."""
    folder = copy_city(tmp_path)
    spoil(folder, "strategy.toml", 'warm_transfer = "duty"\nfallback = "tib"\n', 'warm_transfer = "duty"\n')
    # The social duty has gaps of its own, which only that fallback covers.
    spoil(folder, "topics.toml", 'duty = "socialjour"', 'duty = "larmcentral"', everywhere=True)
    assert found(check_city(folder, "en"), "error", "uncovered_hour") == []

    spoil(folder, "calendars.toml", 'mon = ["00:00-07:00", "16:00-24:00"]', 'mon = ["00:00-07:00", "17:00-24:00"]')
    spoil(folder, "strategy.toml", 'hand_over = { duty = "vatten"', 'hand_over = { unit = "va_jour"')
    spoil(folder, "duty_chains.toml", 'unit = "va_jour"', 'unit = "fastighetsjour"')
    texts = found(check_city(folder, "en"), "error", "uncovered_hour")

    assert any(text.startswith("VAT.LÄC by voice") and "nobody there 2026-02-02 16:00" in text for text in texts), texts
    assert not any(text.startswith("MIL.UTS") for text in texts)


def test_a_queue_that_does_not_take_the_medium_is_an_error(tmp_path: Path) -> None:
    """A rule may not lead an e-mail to a queue without written work."""
    folder = copy_city(tmp_path)
    spoil(folder, "queues.toml", '"written", "in_person"]', '"in_person"]')

    assert "queue generalist does not take written" in found(check_city(folder, "en"), "error", "medium_not_taken")[0]


def test_a_law_rule_that_hits_when_nothing_is_known_is_an_error(tmp_path: Path) -> None:
    """Leaving out `unknown` where the topic is often unknown would stop every contact; the check says so."""
    folder = copy_city(tmp_path)
    spoil(folder, "strategy.toml", 'when = [{ topic = "OMS.LAR" }]\nunknown = "skip"', 'when = [{ topic = "OMS.LAR" }]')

    assert found(check_city(folder, "en"), "error", "hits_on_nothing")[0].startswith(
        "rule K05 hits although nothing is known"
    )


def test_a_law_rule_without_a_case_is_a_warning(tmp_path: Path) -> None:
    """Rules of safety, law and default need an example; a missing one is for people to judge."""
    folder = copy_city(tmp_path)
    ours = (
        '[[rule]]\nid = "X"\ntier = "A"\nwhen = [{ campaign = "valet" }]\nunknown = "skip"\nthen = { mask = true }\n\n'
    )
    spoil(folder, "strategy.toml", '[[rule]]\nid = "K05"', f'{ours}[[rule]]\nid = "K05"')
    report = check_city(folder, "en")

    assert report.ok
    assert found(report, "warning", "no_case") == ["rule X, tier A: no case hits it"]


def test_a_queue_nobody_leads_to_and_a_missing_agreement_are_warnings(tmp_path: Path) -> None:
    """A queue without a rule and a hand-over without an agreement are told, and do not stop the start."""
    folder = copy_city(tmp_path)
    spoil(folder, "strategy.toml", 'queue = "miljo"', 'queue = "bygg"', everywhere=True)
    spoil(folder, "agreements.toml", 'topics = ["DEM.ALH"]', 'topics = ["DEM.SYN"]')
    spoil(folder, "agreements.toml", 'topics = ["AVF.*"]', 'topics = ["AVF.ABO"]')
    report = check_city(folder, "en")

    assert report.ok
    assert found(report, "warning", "queue_never_named") == ["queue miljo: no rule leads to it"]
    assert found(report, "warning", "no_agreement") == [
        "AVF.HÄM is handed over to avfall without agreement",
        "DEM.ALH is handed over to registrator without agreement",
    ]


def test_a_day_that_is_none_is_one_error(tmp_path: Path) -> None:
    """A strategy that is valid from no day at all is refused with the cell."""
    folder = copy_city(tmp_path)
    spoil(folder, "strategy.toml", 'valid_from = "2026-02-01"', 'valid_from = "soon"')

    assert found(check_city(folder, "en"), "error", "not_loaded")[0].startswith("strategy.toml, meta, cell valid_from:")


def test_a_folder_that_does_not_load_is_one_error(tmp_path: Path) -> None:
    """The check itself never raises for a mistake in the folder."""
    report = check_city(tmp_path / "nowhere")

    assert not report.ok
    assert [finding.code for finding in report.findings] == ["not_loaded"]
