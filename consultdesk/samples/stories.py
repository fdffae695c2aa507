"""Sixteen patients who don't exist: who they are, what was sent, and what the reviewer thinks."""

from collections.abc import Sequence

from consultdesk.consultation.assessment import DiagnosisRelation, Impact
from consultdesk.consultation.case import Priority
from consultdesk.consultation.source import Source
from consultdesk.samples import answers, exchange, records, series
from consultdesk.samples.people import Doctor, Lab, Person, Section
from consultdesk.samples.walk import Story

_BLOODS = (
    Lab("Haemoglobin", 13.1, "g/dL", 12.0, 15.5, "718-7"),
    Lab("Creatinine", 1.4, "mg/dL", 0.6, 1.2, "2160-0"),
    Lab("C-reactive protein", 4.0, "mg/L", None, 5.0, "1988-5"),
    Lab("Potassium", 4.6, "mmol/L", 3.5, 5.1, "2823-3"),
)


def _note(
    person: Person, doctor: Doctor, date: str, history: str, question: str, plan: str
) -> Source:
    sections = (
        Section("History", (history,)),
        Section("Question", (question,), numbered=True),
        Section("Assessment and plan", (plan,)),
    )
    return records.letter_pdf(
        "Referral.pdf", "Clinic note and referral", person, doctor, date, sections
    )


def _report(
    name: str, title: str, person: Person, doctor: Doctor, date: str, *parts: tuple[str, str]
) -> Source:
    sections = tuple(Section(heading, (text,)) for heading, text in parts)
    return records.letter_pdf(name, title, person, doctor, date, sections)


def _lumbar(person: Person, doctor: Doctor) -> Sequence[Source]:
    return (
        _note(
            person, doctor, "2026-10-20",
            "Left leg pain for eleven weeks, worse on sitting. Physiotherapy eight sessions, "
            "gabapentin 300 mg three times a day. No bladder or bowel symptoms.",
            "Is an operation needed now?",
            "Disc herniation L4/5 on the left. Microdiscectomy proposed.",
        ),
        *series.dicom_series(person, "spine", 12, date="2026-10-14", referring=doctor.name),
        _report(
            "MRI report.pdf", "MRI lumbar spine", person, doctor, "2026-10-14",
            ("Findings", "Disc protrusion L4/5 with moderate narrowing of the left foramen. "
             "No central stenosis. Conus normal."),
            ("Impression", "L4/5 disc protrusion with left foraminal narrowing."),
        ),
        exchange.fhir_bundle(
            "laboratory.json", person, doctor, "2026-10-16", labs=_BLOODS,
            conditions=("Lumbar radiculopathy",), allergies=("Penicillin",),
            medications=("Gabapentin 300 mg",),
        ),
    )  # fmt: skip


def _stenosis(person: Person, doctor: Doctor) -> Sequence[Source]:
    return (
        exchange.ccda(
            "summary.xml", person, doctor, "2026-10-30",
            question="Decompression alone or with fusion?",
            history="Walking distance 200 m for a year, better on bending forward.",
            problems=("Lumbar spinal stenosis", "Type 2 diabetes"), allergies=("Latex",),
            medications=("Metformin 850 mg",),
            assessment="Degenerative stenosis L3/4. Decompression and fusion planned.",
        ),
        *series.dicom_series(
            person, "spine", 10, date="2026-10-22", referring=doctor.name, level="L3/4", seed=3
        ),
        records.lab_text("labs.txt", person, "2026-10-21", _BLOODS),
    )  # fmt: skip


def _breast(person: Person, doctor: Doctor) -> Sequence[Source]:
    return (
        records.histology_jpeg("Slide A1 HE.jpg", seed=5),
        _report(
            "Pathology report.pdf", "Surgical pathology report", person, doctor, "2026-11-02",
            ("Specimen", "Core needle biopsy, left breast, two o'clock. Blocks A1 and A2."),
            ("Microscopy", "Atypical ductal proliferation with cribriform architecture, 1.8 mm."),
            ("Diagnosis", "Atypical ductal hyperplasia."),
        ),
        _note(
            person, doctor, "2026-11-04",
            "Screening found microcalcifications in the left breast.",
            "Is this atypical hyperplasia or in situ carcinoma?",
            "Excision biopsy considered.",
        ),
    )  # fmt: skip


def _melanoma(person: Person, doctor: Doctor) -> Sequence[Source]:
    return (
        records.histology_jpeg("Slide 1 HE.jpg", atypical=False, seed=8),
        records.photo_jpeg("Excision site.jpg", date="2026-11-09", seed=4),
        _report(
            "Histology.pdf", "Surgical pathology report", person, doctor, "2026-11-06",
            ("Specimen", "Skin, right shoulder, excision."),
            ("Microscopy", "Compound melanocytic lesion with mild atypia, margins free."),
            ("Diagnosis", "Dysplastic naevus, mild atypia."),
        ),
    )  # fmt: skip


def _fibrillation(person: Person, doctor: Doctor) -> Sequence[Source]:
    return (
        _note(
            person, doctor, "2026-11-03",
            "Palpitations for two years, paroxysmal atrial fibrillation on three recordings.",
            "Is catheter ablation advisable now?",
            "Ablation proposed. Anticoagulation with apixaban.",
        ),
        records.ecg_png("ECG scan.png", "12-lead ECG", irregular=True, seed=2),
        _report(
            "Echocardiography.pdf", "Echocardiography report", person, doctor, "2026-10-28",
            ("Findings", "Left ventricular function normal. Left atrium mildly enlarged, 42 mm."),
            ("Impression", "Mild left atrial enlargement."),
        ),
        records.lab_text("labs.txt", person, "2026-11-01", _BLOODS),
    )  # fmt: skip


def _nodule(person: Person, doctor: Doctor) -> Sequence[Source]:
    return (
        *series.dicom_series(person, "chest", 16, date="2026-11-05", referring=doctor.name),
        _report(
            "CT report.pdf", "CT chest report", person, doctor, "2026-11-05",
            ("Findings", "Solid nodule in the right upper lobe, 11 mm, not present in 2023."),
            ("Impression", "New nodule. Biopsy recommended."),
        ),
        _report(
            "Pathology.pdf", "Pathology report", person, doctor, "2026-11-10",
            ("Specimen", "Transbronchial biopsy, right upper lobe."),
            ("Diagnosis", "Adenocarcinoma, lepidic predominant."),
        ),
        _note(
            person, doctor, "2026-11-11", "Former smoker, 20 pack-years. No weight loss.",
            "Surgery or stereotactic radiotherapy?", "Lobectomy proposed.",
        ),
    )  # fmt: skip


def _headache(person: Person, doctor: Doctor) -> Sequence[Source]:
    return (
        _note(
            person,
            doctor,
            "2026-11-12",
            "Migraine since youth; new visual aura in October.",
            "Do the white matter lesions need treatment?",
            "Aspirin started as a precaution.",
        ),
        *series.dicom_series(person, "head", 14, date="2026-11-08", referring=doctor.name, seed=6),
    )


def _letter_only(person: Person, doctor: Doctor) -> Sequence[Source]:
    return (
        records.scan_png(
            "Scanned letter.png",
            ("Dear colleague,", "please advise on further treatment.", "With kind regards"),
            seed=4,
        ),
        records.note_text(
            "Note.txt", person, "2026-11-17",
            (Section("Question", ("Would you continue the present treatment?",)),),
        ),
    )  # fmt: skip


_BAKKER = Doctor("Dr. Johanna Bakker", "Neurosurgery", "Canal Street Clinic")
_OKAFOR = Doctor("Dr. Samuel Okafor", "General surgery", "Riverside Hospital")
_LIND = Doctor("Dr. Karin Lind", "Cardiology", "Harbour Heart Practice")
_MORA = Doctor("Dr. Elena Mora", "Pulmonology", "Hillside Chest Centre")
_QUAST = Doctor("Dr. Peter Quast", "Neurology", "Market Square Practice")
_ACKERMANN = Doctor("Dr. Ruth Ackermann", "Family medicine", "Old Town Practice")

_WATCH = "Continue treatment without surgery for 6 weeks, then review"

STORIES: tuple[Story, ...] = (
    Story(
        Person("Sofia", "Eriksen", "1972-03-08", "female", "SYN-1001"), _BAKKER, "spine",
        ("Is an operation needed now?", "What can I do against the pain meanwhile?"), _lumbar,
        "Left L4/5 foraminal disc protrusion with L4 radiculopathy",
        "Left L4/5 protrusion narrows the foramen and fits the radicular pattern.",
        "No operation is needed now. Treatment without surgery is advised for six weeks; the "
        "reasons to operate sooner are listed below.",
        ("Not now: there is no weakness, and pain has begun to ease. Surgery becomes advisable "
         "if pain stays ≥ 6 of 10 after six weeks.",
         "One image-guided injection at the left L4/5 foramen may shorten the painful time."),
        "The protrusion at L4/5 on the left explains the pain. Without a deficit, the outcome "
        "after a year is similar with and without surgery.",
        ((_WATCH, "treating physician", "if pain stays ≥ 6 of 10, discuss surgery"),
         ("One transforaminal injection at left L4/5", "treating physician", "")),
        laterality="left", level="L4/5", first_diagnosis="Disc herniation L4/5 left",
        first_plan="Microdiscectomy", relation=DiagnosisRelation.SAME, impact=Impact.MODERATE,
        prognosis="Good: most patients recover within three months.",
        danger=("Allergy: penicillin",
                "Bladder, bowel or saddle numbness: emergency department at once"),
        history="Gabapentin 300 mg three times a day since September.",
        answers_in_form=answers.spine("L4/5", "Left", root="Contact"),
    ),
    Story(
        Person("Henrik", "Haas", "1951-07-19", "male", "SYN-1002"), _BAKKER, "spine",
        ("Decompression alone or with fusion?",), _stenosis,
        "Degenerative central stenosis L3/4 without instability",
        "Central stenosis L3/4, no slip on the sagittal images.",
        "Decompression alone is likely to be enough.",
        ("Decompression alone, provided that standing films show no slip.",),
        "No sign of instability on the images received.",
        (("Flexion and extension radiographs of L3/4", "treating physician", "before surgery"),),
        priority=Priority.URGENT, level="L3/4", relation=DiagnosisRelation.REFINED,
        impact=Impact.MODERATE, danger=("Allergy: latex",),
        answers_in_form=answers.spine("L3/4", "Midline", root="Not compromised"),
    ),
    Story(
        Person("Birgit", "Köhler", "1968-01-30", "female", "SYN-1003"), _OKAFOR,
        "surgical_pathology",
        ("Is this atypical hyperplasia or in situ carcinoma?",), _breast,
        "Ductal carcinoma in situ, low grade, 2.3 mm",
        "Cribriform proliferation over two adjacent ducts, 2.3 mm together.",
        "My reading differs from the first report: low-grade ductal carcinoma in situ, 2.3 mm.",
        ("I read it as ductal carcinoma in situ of low grade: the extent is just above 2 mm.",),
        "The extent across both ducts is 2.3 mm, measured on the image received.",
        (("Presentation at the breast board", "treating physician", "before excision"),),
        priority=Priority.EMERGENT, laterality="left", first_diagnosis="Atypical hyperplasia",
        relation=DiagnosisRelation.DISTINCTLY_DIFFERENT, impact=Impact.MAJOR,
        answers_in_form=answers.BREAST_BIOPSY,
    ),
    Story(
        Person("Kwame", "Fischer", "1985-11-02", "male", "SYN-1004"), _OKAFOR,
        "surgical_pathology", ("Are the margins wide enough?",), _melanoma,
        "Dysplastic naevus with mild atypia, completely excised",
        "Mild atypia, symmetrical, margins free.",
        "The margins are free; no further excision is needed.",
        ("Yes. No further excision is needed.",), "Symmetry and maturation are preserved.",
        (("Skin check once a year", "treating physician", ""),), laterality="right",
        relation=DiagnosisRelation.SAME,
        answers_in_form=answers.skin_excision("Right", "Skin, right shoulder"),
    ),
    Story(
        Person("Astrid", "Østergaard", "1959-05-24", "female", "SYN-1005"), _LIND, "cardiology",
        ("Is catheter ablation advisable now?",), _fibrillation,
        "Paroxysmal atrial fibrillation, symptomatic",
        "Atrial fibrillation on the recording; left atrium 42 mm.",
        "Ablation is a reasonable first choice; medication is the alternative.",
        ("Yes, if you prefer it to daily medication.",),
        "Short history, mildly enlarged atrium: a good candidate.",
        (("Decide on ablation together with the patient", "treating physician", ""),),
        relation=DiagnosisRelation.SAME, impact=Impact.MINOR,
        answers_in_form=answers.FIBRILLATION,
    ),
    Story(
        Person("Jan", "Novák", "1963-09-12", "male", "SYN-1006"), _MORA, "oncology",
        ("Surgery or stereotactic radiotherapy?",), _nodule,
        "Adenocarcinoma of the lung, right upper lobe, clinical stage IA2",
        "Solid nodule 11 mm, no enlarged nodes on the images received.",
        "Surgery is advised if lung function allows.",
        ("Surgery, if lung function allows; radiotherapy otherwise.",),
        "Small peripheral tumour without nodal enlargement.",
        (("Lung function tests and PET-CT", "treating physician", "before the decision"),),
        priority=Priority.URGENT, laterality="right", answers_in_form=answers.LUNG_TUMOUR,
    ),
    Story(
        Person("Marisol", "García", "1990-12-15", "female", "SYN-1007"), _QUAST, "neurology",
        ("Do the white matter lesions need treatment?",), _headache,
        "Migraine with aura; unspecific white matter lesions",
        "Few small lesions, not typical of demyelination.",
        "The lesions need no treatment of their own.",
        ("No. They are common in migraine and don't need treatment.",),
        "Number and place of the lesions fit migraine.",
        (("Review the need for aspirin", "treating physician", ""),),
        answers_in_form=answers.MIGRAINE,
    ),
    Story(
        Person("Tomás", "Petit", "1947-02-27", "male", "SYN-1008"), _BAKKER, "spine",
        ("Can surgery wait until spring?",), _stenosis,
        "Degenerative central stenosis L3/4", "Stenosis L3/4.", "Surgery can wait.",
        ("Yes, as long as walking doesn't get worse.",), "Stable course over a year.",
        (("Review in three months", "treating physician", ""),), level="L3/4",
        answers_in_form=answers.spine("L3/4", "Midline", root="Not compromised"),
    ),
    Story(
        Person("Ingrid", "Sørensen", "1978-06-03", "female", "SYN-1009"), _OKAFOR,
        "surgical_pathology", ("Is a second operation needed?",), _melanoma,
        "Dysplastic naevus with mild atypia", "Margins free.", "No second operation is needed.",
        ("No.",), "Margins are free on the image received.",
        (("Skin check once a year", "treating physician", ""),), laterality="right",
        answers_in_form=answers.skin_excision("Right", "Skin, right shoulder"),
    ),
    Story(
        Person("Vikram", "Rossi", "1955-08-21", "male", "SYN-1010"), _LIND, "cardiology",
        ("Should apixaban be continued?",), _fibrillation,
        "Paroxysmal atrial fibrillation", "Atrial fibrillation on the recording.",
        "Yes, apixaban should be continued.", ("Yes.",), "The risk of stroke outweighs bleeding.",
        (("Continue apixaban", "treating physician", ""),),
        answers_in_form=answers.FIBRILLATION,
    ),
    Story(
        Person("Leila", "Jansen", "1982-04-11", "female", "SYN-1011"), _ACKERMANN, "general",
        ("Would you continue the present treatment?",), _letter_only,
        "", "", "", ("",), "", (),
    ),
    Story(
        Person("Milan", "Čapek", "1970-10-05", "male", "SYN-1012"), _MORA, "oncology",
        ("Is chemotherapy needed after surgery?",), _nodule,
        "Adenocarcinoma of the lung, stage IA2", "Nodule 11 mm.", "No chemotherapy is needed.",
        ("Not at this stage.",), "Stage IA2 without risk factors.",
        (("CT of the chest every six months", "treating physician", ""),),
        answers_in_form=answers.LUNG_TUMOUR,
    ),
    Story(
        Person("Aino", "Laaksonen", "1988-02-19", "female", "SYN-1013"), _QUAST, "neurology",
        ("May I take a triptan in spite of the aura?",), _headache,
        "Migraine with typical aura", "Few small white matter lesions, no scar of a stroke.",
        "Yes, a triptan may be taken once the aura has passed.",
        ("Yes, once the aura has passed, and on no more than nine days a month.",),
        "Typical aura, no risk of stroke beyond the usual one.",
        (("Prescribe a triptan for nine days a month at most", "treating physician", ""),),
        impact=Impact.MINOR, answers_in_form=answers.MIGRAINE,
    ),
    Story(
        Person("Pieter", "de Wit", "1961-11-11", "male", "SYN-1014"), _BAKKER, "spine",
        ("Is an operation needed now?",), _lumbar,
        "Left L4/5 foraminal disc protrusion", "Protrusion L4/5 on the left.",
        "No operation is needed now.", ("Not now.",), "No weakness; pain has begun to ease.",
        ((_WATCH, "treating physician", ""),), laterality="left", level="L4/5",
        answers_in_form=answers.spine("L4/5", "Left", root="Contact"),
    ),
    Story(
        Person("Oluwaseun", "Adeyemi", "1993-07-07", "male", "SYN-1015"), _ACKERMANN, "general",
        ("Would you continue the present treatment?",), _letter_only,
        "Cannot be said from the records", "The letter names no treatment.",
        "The records don't allow an answer.",
        ("That can't be said from what was sent.",), "Neither treatment nor illness is named.",
        (("Send the full history", "treating physician", ""),),
        answers_in_form=answers.TREATMENT_CONTINUED,
    ),
    Story(
        Person("Greta", "Horvat", "1949-03-26", "female", "SYN-1016"), _MORA, "oncology",
        ("Is radiotherapy as good as surgery for me?",), _nodule,
        "Adenocarcinoma of the lung, right upper lobe, clinical stage IA2",
        "Solid nodule 11 mm, no enlarged nodes on the images received.",
        "Surgery has the better evidence if lung function allows it.",
        ("Not quite: surgery has the better evidence if lung function allows it.",),
        "Small peripheral tumour without nodal enlargement.",
        (("Lung function tests and PET-CT", "treating physician", "before the decision"),),
        laterality="right", answers_in_form=answers.LUNG_TUMOUR,
    ),
)  # fmt: skip
