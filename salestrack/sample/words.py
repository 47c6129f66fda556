"""Names of invented people, companies and things; whoever bears one of them in life is not meant."""


def _each(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Sellers of each territory, in the order of `company.TERRITORIES`.
PEOPLE = (
    ("Anneke Brandt", "Jonas Wrede", "Fatima Yıldız", "Piotr Zielonka", "Lena Harms", "Tobias Quandt"),
    ("Sophie Gruber", "Matteo Lechner", "Ivana Kovačević", "Dominik Rüegg", "Theresa Aigner", "Kwame Boateng"),
    ("Astrid Lindqvist", "Eero Koskela", "Mads Thorsen", "Ingrid Solberg", "Amina Warsame", "Johan Ekdahl"),
    ("Pieter van der Zande", "Noor El Amrani", "Lieke Vermast", "Bram Claessens", "Chloé Dewitte", "Rashid Ouali"),
    ("Niamh O'Sullivan", "Callum Fraser-Reid", "Priya Raghavan", "Tunde Adeyemi", "Harriet Lowmoor", "Gareth Penrhos"),
    ("Camille Duverger", "Bastien Roques", "Yasmine Benhaddou", "Hugo Lemerle", "Maëlle Kerguen", "Ousmane Diarra"),
    ("Lucía Ferrándiz", "João Mourato", "Giulia Bassanini", "Nikos Stathakis", "Marta Oliveras", "Davide Cortellini"),
    ("김서연", "Haruto Minagawa", "Park Ji-ho", "Yuki Tachibana", "Choi Eun-bi", "Kenji Morisawa"),
)
MANAGERS = ("Margarethe Olbrich", "Sven-Erik Halvard", "Deirdre Ashcombe", "Alessandro Montefusco")
# Larger companies are filled up with combinations of these.
GIVEN = _each(
    """
    Adaeze Alma Andrei Beatriz Bogdan Carys Daria Emre Esra Farid Goran Hana Ines Ivo Jana Kofi Laura Levi Linh Lotte Luca
    Malik Mei Milan Mina Nadia Nils Olga Omar Paula Rafael Rosa Samir Sanne Sofia Tarek Uma Viktor Wanda Zoe
    """
)
FAMILY = _each(
    """
    Abara Albrektsen Almqvist Baranov Bellweather Berisha Castellan Cho Dahlgren Delacourt Demir Dobrev Eklund Escalona
    Falkner Ferreri Galloway Grimaldi Haddad Halloran Hasegawa Horvat Ibarra Ishiguro Jankovic Kaur Keller Kimura Kowal
    Lachance Lindholm Lombardi Maric Mbeki Moreau Nakano Navarro Novak Oduya Ortega Palmgren Petrov Quist Ramos Reinholt
    Rossi Sato Schreiner Silvestri Sorensen Strand Szabo Takeda Thibault Tran Underhill Varga Weiland Yamane Zeller
    """
)
_STEMS = _each(
    """
    Albrunn Arvenia Belmora Borsk Brennhof Calvero Cindral Corvane Dornell Drovia Eldmark Estavia Fennwick Florin Garrowby
    Gildane Halvern Hestia Ilmara Jorvell Kalden Kestrin Larkmoor Lumora Marwell Mirova Nembra Norvik Oakhurst Orsino
    Pellavia Quellmar Ravenna Rostal Sandervik Solvane Talbrecht Tarnow Ulvero Umbrin Valmora Vestrel Wendmark Wyndale
    Xandria Yarlow Zelmar Zorvane
    """
)
_TRADES = (
    "Aggregates",
    "Bakeries",
    "Beverages",
    "Brewing",
    "Cargo",
    "Ceramics",
    "Chemicals",
    "Cold Chain",
    "Components",
    "Dairy",
    "Diagnostics",
    "Energy",
    "Engineering",
    "Foods",
    "Foundry",
    "Glass",
    "Greenhouses",
    "Hospitals",
    "Labs",
    "Logistics",
    "Maritime",
    "Mills",
    "Optics",
    "Packaging",
    "Paper",
    "Pharma",
    "Plastics",
    "Power",
    "Seeds",
    "Steel",
    "Textiles",
    "Tooling",
    "Utilities",
    "Water",
    "Wine & Spirits",
    "Wood, Veneer & Co.",
)
ACCOUNTS = tuple(f"{stem} {trade}" for trade in _TRADES for stem in _STEMS)
INDUSTRIES = (
    "Food and beverage",
    "Chemicals and pharma",
    "Logistics",
    "Energy and water",
    "Health care",
    "Manufacturing",
    "Agriculture",
)
INDUSTRY_SHARES = (0.22, 0.17, 0.14, 0.12, 0.10, 0.18, 0.07)
# Product, and its share in SMB, Mid-Market and Enterprise.
PRODUCTS = (
    ("Quill Sense", (0.45, 0.30, 0.15)),
    ("Quill Cloud", (0.35, 0.35, 0.30)),
    ("Quill Edge", (0.10, 0.20, 0.30)),
    ("Quill Care", (0.10, 0.15, 0.25)),
)
# Why an opportunity is lost, and how likely in each of the five stages.
LOST_REASONS = (
    ("Unresponsive", (0.34, 0.22, 0.12, 0.08, 0.05)),
    ("No budget", (0.26, 0.24, 0.14, 0.12, 0.10)),
    ("No decision", (0.14, 0.18, 0.22, 0.24, 0.22)),
    ("Timing", (0.14, 0.14, 0.12, 0.12, 0.13)),
    ("Product fit", (0.09, 0.14, 0.24, 0.08, 0.04)),
    ("Price", (0.00, 0.02, 0.06, 0.20, 0.28)),
    ("Competitor", (0.03, 0.06, 0.10, 0.16, 0.18)),
)
DISQUALIFIED = ("No need", "No budget", "Not reachable", "Too small", "Student or private", "Existing contract")
DISQUALIFIED_SHARES = (0.28, 0.22, 0.20, 0.14, 0.08, 0.08)
NEXT_STEPS = (
    "Call the buyer",
    "Send the offer",
    "Book the demo",
    "Meet the plant manager",
    "Clear the contract",
    "Agree on the pilot",
)
OUTCOMES = ("completed", "no answer", "no show", "rescheduled")


def seller(territory: int, place: int) -> str:
    """Return the name of a territory's seller by its place there, unique in the company."""
    if place < len(PEOPLE[territory]):
        return PEOPLE[territory][place]
    return _combined((place - len(PEOPLE[territory])) * len(PEOPLE) + territory)


def manager(team: int, place: int, teams: int) -> str:
    """Return the name of a team's manager by its place there, unique in the company."""
    if place == 0:
        return MANAGERS[team]
    # Counted from the end, so that managers and sellers do not meet.
    return _combined(-((place - 1) * teams + team) - 1)


def _combined(number: int) -> str:
    again, at = divmod(number, len(GIVEN) * len(FAMILY))
    family, given = divmod(at, len(GIVEN))
    name = f"{GIVEN[(given + 7 * family) % len(GIVEN)]} {FAMILY[family]}"
    return name if again in (0, -1) else f"{name} {abs(again) + 1}"


def account(place: int) -> str:
    """Return the name of an account by its place, unique in the company."""
    again, at = divmod(place, len(ACCOUNTS))
    return ACCOUNTS[at] if not again else f"{ACCOUNTS[at]} {again + 1}"
