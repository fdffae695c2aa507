"""How the reviewers of the synthetic cases fill in the forms of their specialties."""

Answers = dict[str, str]
"""Field of the form to its answer; several choices stand one a line."""


def spine(level: str, side: str, *, studies: str = "MRI lumbar spine", root: str) -> Answers:
    """A lumbar case without instability."""
    return {
        "studies": studies,
        "index_level": level,
        "side": side,
        "instability": "No sign of it",
        "nerve_root": root,
        "cord_signal": "Normal",
        "explains": "Yes, level and side fit",
    }


def skin_excision(side: str, specimen: str) -> Answers:
    """A pigmented lesion of the skin, completely excised."""
    return {
        "labels": "Slide 1, haematoxylin and eosin",
        "identity": "Yes",
        "slide_count": "1",
        "adequacy": "Adequate",
        "specimen": specimen,
        "side": side,
        "procedure": "Excision",
        "microscopy": "Symmetrical compound melanocytic lesion, maturing, with mild atypia.",
        "histologic_type": "Dysplastic naevus",
        "invasion": "Not applicable",
        "margins": "Free of invasive and in-situ tumour",
    }


BREAST_BIOPSY: Answers = {
    "labels": "Slide A1, haematoxylin and eosin",
    "identity": "Yes",
    "slide_count": "1",
    "adequacy": "Limited, diagnosis still possible",
    "specimen": "Core needle biopsy, left breast, two o'clock",
    "side": "Left",
    "procedure": "Core biopsy",
    "microscopy": "Cribriform proliferation over two adjacent ducts, 2.3 mm together.",
    "histologic_type": "Ductal carcinoma in situ",
    "invasion": "None seen",
    "margins": "Not applicable: biopsy",
}
FIBRILLATION: Answers = {"question": "Rhythm", "treatment_complete": "Yes"}
LUNG_TUMOUR: Answers = {
    "primary": "Lung, right upper lobe",
    "histology": "Adenocarcinoma, lepidic predominant; grade not stated",
    "tissue_proof": "Primary",
    "stage": "cT1b cN0 cM0, stage IA2",
    "staging": "Incomplete",
    "performance": "0",
    "goal": "Cure",
}
MIGRAINE: Answers = {
    "onset": "Months to years",
    "course": "Recurring attacks",
    "localisation": "White matter",
}
TREATMENT_CONTINUED: Answers = {
    "history": "The letter and the note that were sent name no earlier illness.",
    "consistent": "Cannot tell from the records",
}
