"""Where the training images come from, with the attribution that each licence requires."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """One collection. ``prefix`` starts its file names; ``work`` is authors, title, place, year."""

    prefix: str
    title: str
    work: str
    links: tuple[str, ...]
    licence: str
    licence_link: str
    remark: str
    """Facts about these images that matter to users of the checkpoint."""


_BY_4 = "https://creativecommons.org/licenses/by/4.0/"

SOURCES = (
    Source(
        "k",
        "Chest X-ray images of children (Guangzhou)",
        "Daniel Kermany, Kang Zhang, Michael Goldbaum: *Labeled Optical Coherence Tomography (OCT) "
        "and Chest X-Ray Images for Classification*. Mendeley Data, 2018. Described in Kermany et "
        "al., *Cell* 172(5), 2018, 1122-1131.",
        ("https://doi.org/10.17632/rscbjbr9sj", "https://doi.org/10.1016/j.cell.2018.02.010"),
        "CC BY 4.0",
        _BY_4,
        "Chests of children of one to five years from one hospital: normal, bacterial pneumonia, "
        "viral pneumonia. Many were squeezed to a square at the source, so the lungs look "
        "narrower than they are.",
    ),
    Source(
        "nih",
        "NIH ChestX-ray14",
        "Xiaosong Wang, Yifan Peng, Le Lu, Zhiyong Lu, Mohammadhadi Bagheri, Ronald M. Summers: "
        "*ChestX-ray8: Hospital-scale Chest X-ray Database and Benchmarks on Weakly-Supervised "
        "Classification and Localization of Common Thorax Diseases*. IEEE CVPR 2017, 3462-3471. "
        "The data were provided by the NIH Clinical Center.",
        ("https://nihcc.app.box.com/v/ChestXray-NIHCC", "https://arxiv.org/abs/1705.02315"),
        "no restrictions on use, attribution required",
        "",
        "Mostly adults. The findings were read from reports by software and are wrong for about "
        "one image in ten.",
    ),
    Source(
        "mhh",
        "COVID-19 Image Repository (Hannover)",
        "Hinrich B. Winther and others, Institute for Diagnostic and Interventional Radiology, "
        "Hannover Medical School: *COVID-19 Image Repository*, 2020.",
        ("https://doi.org/10.25835/0090041",),
        "CC BY 3.0",
        "https://creativecommons.org/licenses/by/3.0/",
        "Chests of adult patients with COVID-19, mostly taken in bed and often in intensive care.",
    ),
    Source(
        "o",
        "Knee osteoarthritis severity grading dataset",
        "Pingjun Chen: *Knee Osteoarthritis Severity Grading Dataset*. Mendeley Data, 2018.",
        ("https://doi.org/10.17632/56rmx5bjcr",),
        "CC BY 4.0, as published",
        _BY_4,
        "Knees graded according to Kellgren and Lawrence, contrast equalised. The films come from "
        "the Osteoarthritis Initiative (OAI), which distributes its data under its own access "
        "terms; check these before you use the knees for more than research.",
    ),
    Source(
        "fa",
        "FracAtlas",
        "Iftekharul Abedeen, Md. Ashiqur Rahman, Fatema Zohra Prottyasha, Tasnim Ahmed, Tareque "
        "Mohmud Chowdhury, Swakkhar Shatabda: *FracAtlas: A Dataset for Fracture Classification, "
        "Localization and Segmentation of Musculoskeletal Radiographs*. *Scientific Data* 10, "
        "2023, 521.",
        ("https://doi.org/10.1038/s41597-023-02432-4",),
        "CC BY 4.0",
        _BY_4,
        "Limbs, hips and shoulders of patients of mixed ages from Bangladesh. The finer regions "
        "(hand and wrist, elbow, foot, ankle, knee, lower leg) are estimates and some are wrong.",
    ),
)
