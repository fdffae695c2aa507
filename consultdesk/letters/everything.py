"""The page that opens a patient's copy of everything: what is in it, in plain words, as HTML.

HTML and no PDF, since it may be of any length and every telephone shows it. It fetches nothing:
no script, no font, no picture.
"""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from consultdesk.letters.dates import long_date

Said = Mapping[str, Any]

_STYLE = """
:root { color-scheme: light dark }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.6rem } h2 { font-size: 1.3rem; margin-top: 2.5rem } h3 { font-size: 1.05rem }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 }
caption { text-align: left; padding: .25rem 0 }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem .35rem 0;
         border-bottom: 1px solid #8888 }
dt { font-weight: 600 } dd { margin: 0 0 .5rem }
.quiet { opacity: .8 }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def page(said: Said) -> str:
    """The whole page. `said` is what the machine-readable copy says, with paths of the files."""
    patient = said["patient"]
    title = f"Everything kept about {patient['name']}"
    parts = [
        f"<h1>{escape(title)}</h1>",
        _paragraph(
            f"This is a copy of everything that {said['practice'] or 'the practice'} keeps about "
            f"you, made on {_day(said['made_at'])}. Your records are in it as they were received; "
            "your images need a program for medical images (DICOM)."
        ),
        _paragraph(
            "Keep the password and this copy apart. Whoever has both can read all of it.",
            quiet=True,
        ),
        _who(patient),
        *(_case(one) for one in said["cases"]),
        _heading("Your wishes and what protects your records"),
        _wishes(said),
        _heading("What is not in this copy"),
        _items(said["left_out"]),
        _heading("For programs"),
        '<p>The same in a form for programs: <a href="everything.json">everything.json</a></p>',
    ]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(parts)
        + "\n</main>\n</body>\n</html>\n"
    )


def _who(patient: Said) -> str:
    return _heading("Who you are to us") + _facts(
        (
            ("Name", patient["name"]),
            ("Date of birth", long_date(patient["birth_date"])),
            ("Sex", patient["sex"]),
            ("Telephone", patient["phone"]),
            ("Contact", patient["contact"]),
            ("Language", patient["language"]),
            ("Reading needs", patient["reading_needs"]),
            ("Capacity", patient["capacity"]),
            ("Who speaks for you", (patient["representative"] or {}).get("name", "")),
            ("Who comes with you", patient["companion"]),
            ("Where you are", patient["location"]),
            *((one["system"], one["value"]) for one in patient["identifiers"]),
        )
    )


def _case(said: Said) -> str:
    case = said["case"]
    return "\n".join(
        (
            _heading(f"Case {case['number']}"),
            _paragraph(f"Received on {_day(case['received_at'])}. Now: {_plain(case['state'])}."),
            "<h3>What was asked</h3>",
            _questions(case["referral"]["questions"]),
            _facts(
                (
                    ("The first diagnosis, as it was told", case["referral"]["first_diagnosis"]),
                    ("The first plan, as it was told", case["referral"]["first_plan"]),
                )
            ),
            "<h3>Records received</h3>",
            _records(said["records"]),
            "<h3>What the physician read and concluded</h3>",
            _assessment(said),
            "<h3>Letters</h3>",
            _letters(said["letters"]),
            "<h3>What left, and to whom</h3>",
            _dispatches(said["dispatches"]),
            "<h3>What you agreed to</h3>",
            _consents(said["consents"]),
            "<h3>Who saw and did what</h3>",
            _trail(said["trail"]),
        )
    )


def _questions(questions: Sequence[Said]) -> str:
    said = (
        f"{one['text']} Answer: {one['answer'] or one['cannot_answer'] or 'none yet'}"
        for one in questions
    )
    return _items(said)


def _records(records: Sequence[Said]) -> str:
    rows = [
        (
            _link(file["path"], file["name"]) if file["path"] else escape(file["name"]),
            escape(_plain(record["kind"])),
            escape(long_date(record["event_date"])),
            escape(_day(record["received_at"])),
            escape("" if file["path"] else "damaged here, so it can't be given"),
        )
        for record in records
        for file in record["files"]
    ]
    return _table("The files as they came", ("File", "What it is", "Of", "Received", ""), rows)


def _assessment(said: Said) -> str:
    parts = [
        f"<h4>Own read of {escape(_day(one['locked_at']))}</h4>"
        + _facts(
            (
                ("Findings", one["findings"]),
                ("Diagnosis", one["diagnosis"]),
                ("Also considered", ", ".join(one["differential"])),
                ("How sure", one["certainty"]),
            )
        )
        for one in said["own_reads"]
    ]
    if comparison := said["comparison"]:
        parts.append(
            "<h4>Compared with the first opinion</h4>"
            + _facts(
                (
                    ("Diagnosis", _plain(comparison["relation"] or "")),
                    ("Treatment", _plain(comparison["impact"] or "")),
                    ("Comment", comparison["comment"]),
                )
            )
        )
    if opinion := said["opinion"]:
        parts.append(
            "<h4>The opinion</h4>"
            + _facts(
                (
                    ("In brief", opinion["brief"]),
                    ("Why", opinion["reasoning"]),
                    ("Alternatives", opinion["alternatives"]),
                    ("Outlook", opinion["prognosis"]),
                    ("Limits", opinion["limitations"]),
                    ("Still to come", opinion["pending"]),
                )
            )
            + _items(one["action"] for one in opinion["recommendations"])
        )
    return "\n".join(parts) or _paragraph("Nothing was concluded yet.")


def _letters(letters: Sequence[Said]) -> str:
    rows = [
        (
            _link(one["path"], f"Letter {one['version']}") if one["path"] else "damaged here",
            escape(_plain(one["kind"])),
            escape(one["to"]),
            escape(_day(one["signed_at"])),
        )
        for one in letters
    ]
    return _table("Signed letters", ("Letter", "Kind", "To", "Signed"), rows)


def _dispatches(dispatches: Sequence[Said]) -> str:
    rows = [
        tuple(
            escape(part)
            for part in (
                _moment(one["at"]),
                one["to"],
                _plain(one["purpose"]),
                _plain(one["events"][-1]["kind"]) if one["events"] else "not sent yet",
            )
        )
        for one in dispatches
    ]
    return _table("Letters on their way", ("When", "To", "For", "What became of it"), rows)


def _consents(consents: Sequence[Said]) -> str:
    rows = [
        tuple(
            escape(part)
            for part in (
                _day(one["recorded_at"]),
                "we may read" if one["kind"] == "review" else "we may send",
                ", ".join(one["to"]),
                one["information"],
                f"withdrawn on {_day(one['revocation']['at'])}"
                if one["revocation"]
                else _plain(one["status"]),
            )
        )
        for one in consents
    ]
    return _table("Consents", ("Recorded", "For what", "To", "About", "Now"), rows)


def _trail(trail: Sequence[Said]) -> str:
    rows = [
        tuple(
            escape(part)
            for part in (
                _moment(one["at"]),
                f"{one['who']} ({one['role']})",
                one["what"] + (", refused" if one["refused"] else ""),
            )
        )
        for one in trail
    ]
    return _table("Times are in UTC", ("When", "Who", "What"), rows)


def _wishes(said: Said) -> str:
    held = [f"A legal hold was set on {_day(one['at'])}" for one in said["holds"]]
    kept = [f"Nothing goes to {one['to']}, since {_day(one['at'])}" for one in said["wishes"]]
    return _items([*kept, *held])


def _heading(words: str) -> str:
    return f"<h2>{escape(words)}</h2>"


def _paragraph(words: str, *, quiet: bool = False) -> str:
    kind = ' class="quiet"' if quiet else ""
    return f"<p{kind}>{escape(words)}</p>"


def _items(items: Iterable[str]) -> str:
    listed = "".join(f"<li>{escape(one)}</li>" for one in items)
    return f"<ul>{listed}</ul>" if listed else _paragraph("None.")


def _facts(facts: Iterable[tuple[str, str]]) -> str:
    said = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts if value
    )
    return f"<dl>{said}</dl>" if said else ""


def _table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table whose cells are HTML already."""
    if not rows:
        return _paragraph("None.")
    named = "".join(f'<th scope="col">{escape(one)}</th>' for one in head)
    lines = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return (
        f"<table><caption>{escape(caption)}</caption><thead><tr>{named}</tr></thead>"
        f"<tbody>{lines}</tbody></table>"
    )


def _link(path: str, words: str) -> str:
    return f'<a href="{escape(path)}">{escape(words)}</a>'


def _plain(code: str) -> str:
    return code.replace("_", " ")


def _day(iso: str | None) -> str:
    return long_date(iso[:10]) if iso else ""


def _moment(iso: str) -> str:
    return f"{_day(iso)}, {iso[11:16]}"
