"""What LOINC document and section codes say of a record."""

from consultdesk.consultation.record import RecordKind

_K = RecordKind

# LOINC document ontology, as far as records of a consultation use it
_DOCUMENTS: dict[str, RecordKind] = {
    **dict.fromkeys(
        ("11488-4", "34133-9", "34117-2", "11506-3", "34109-9", "34108-1", "51845-6", "34101-6",
         "34111-5", "59258-4", "18733-6", "75492-9", "81222-2", "34815-1", "68608-9"),
        _K.CLINIC_NOTE,
    ),
    **dict.fromkeys(("18842-5", "18761-7", "28655-9", "34105-7", "34106-5"), _K.DISCHARGE),
    **dict.fromkeys(("11504-8", "28570-0", "34868-0", "29752-3"), _K.OPERATIVE_NOTE),
    **dict.fromkeys(
        ("18748-4", "18782-3", "30746-2", "LP29684-5", "18726-0", "38269-7", "24566-2", "24627-2",
         "24558-9", "24590-2", "36643-5", "30745-4", "24531-6", "18745-0", "34552-0", "24725-4"),
        _K.IMAGING_REPORT,
    ),
    **dict.fromkeys(
        ("11526-1", "60567-5", "60568-3", "LP7839-6", "33746-9", "22637-3", "34122-2"),
        _K.PATHOLOGY_REPORT,
    ),
    **dict.fromkeys(
        ("11502-2", "26436-6", "30954-2", "18725-2", "18723-7", "18719-5"), _K.LABORATORY
    ),
    **dict.fromkeys(("51969-4", "81247-9", "69548-6"), _K.GENETICS),
    **dict.fromkeys(("57133-1", "57134-9", "51852-2", "42349-1", "83985-2"), _K.CORRESPONDENCE),
    **dict.fromkeys(("52521-2", "18776-5", "77465-3", "18776-6"), _K.TREATMENT_SUMMARY),
    **dict.fromkeys(("10160-0", "56445-0", "57828-6", "29549-3", "60591-5"), _K.MEDICATION_LIST),
    **dict.fromkeys(("48765-2", "52473-6"), _K.ALLERGIES),
    **dict.fromkeys(("59284-0", "64293-4", "57016-8", "61359-8"), _K.CONSENT_FORM),
    **dict.fromkeys(("64290-0", "64289-2", "48768-6", "52034-6"), _K.INSURANCE),
    **dict.fromkeys(("72170-4",), _K.PHOTOGRAPH),
}  # fmt: skip

# Sections in which a colleague concludes; history and problem list are not among them.
CONCLUDING = frozenset((
    "51847-2", "51848-7", "18776-5", "55110-1", "19005-8", "29308-4", "10218-6", "10219-4",
    "59769-0", "11535-2", "46241-6", "22637-3", "18783-1", "55112-7",
))  # fmt: skip
PLANS = frozenset(("18776-5", "18783-1"))
QUESTIONS = frozenset(("42349-1",))
ALLERGIES = "48765-2"
MEDICATIONS = frozenset(("10160-0", "10183-2", "42346-7", "75311-1", "29549-3"))


def kind_of_document(code: str) -> RecordKind | None:
    """The kind a LOINC document code means; None where it isn't known here."""
    return _DOCUMENTS.get(code)
