"""A generated, labelled set of texts in English and German: what stands where, and what kind it is.

Names, addresses and numbers come from Faker's lists for each country, which know nothing of ours; sentences
are written here. Half the texts hold nothing personal and are full of what looks like it: order numbers,
versions, capitalised nouns, sums, dates.
"""

from __future__ import annotations

import base64
import json
import random
import re
import string
from collections.abc import Callable
from dataclasses import dataclass

from faker import Faker
from stdnum.de import idnr

from steelyard.privacy.records import Kind

SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Labelled:
    """A text and the stretches in it: kind, start, end."""

    language: str
    text: str
    spans: tuple[tuple[Kind, int, int], ...]


GERMAN = (
    "Sehr geehrte Frau {name}, Ihre Anfrage vom 12. März liegt uns vor. Bitte rufen Sie unter {phone} zurück.",
    "Der Versicherte {name}, wohnhaft {address}, hat die Nummer {kvnr}.",
    "Bitte überweisen Sie den Betrag auf {iban}, Kontoinhaber {name}.",
    "Ich heiße {name} und meine Steuer-ID ist {idnr}. Schreiben Sie mir an {email}.",
    "Patient: {name}\nAnschrift: {address}\nTelefon: {phone}",
    "Kollege {name} hat das Passwort {password} im Ticket stehen lassen.",
    "Fasse die Beschwerde von {name} zusammen, die am Montag einging.",
    "Mit freundlichen Grüßen\n{name}\n{address}",
    "Das Token {jwt} stand in der Protokolldatei, dazu der Schlüssel {api_key}.",
    "Kreditkarte {card}, gültig bis 04/29, ausgestellt auf {name}.",
    "Gestern hat {name} angerufen und um Rückruf unter {phone} gebeten.",
    "Adresse für die Lieferung: {address}. Rückfragen an {email}.",
)
ENGLISH = (
    "Dear Mr. {name}, thank you for your call. We will write to {email} by Friday.",
    "My name is {name} and I live at {address}.",
    "Customer: {name}\nPhone: {phone}\nSSN: {ssn}",
    "Please wire the amount to {iban} in favour of {name}.",
    "Summarise the complaint that {name} sent on 3 May 2024 from {email}.",
    "The patient {name} called from {phone} about the results.",
    "password: {password} and the key is {api_key}, both were in the log.",
    "Authorization: Bearer {jwt}",
    "Card number {card} was charged twice, says {name}.",
    "Ship it to {address}.",
    "Best regards,\n{name}\n{phone}",
    "Can you draft a reply to {name}, who wants the refund on {iban}?",
)
PLAIN = {
    "de": (
        "Die Bestellung 4711-0815-2024 umfasst 12 Artikel zu je 49,90 Euro.",
        "Version 3.11.7 der Software läuft auf Debian 12 mit 24 GiB Speicher.",
        "Der Bericht nennt drei Gründe: Kosten, Zeit und fehlende Unterlagen.",
        "Das Modell hat 8.030.261.248 Parameter und eine Kontextlänge von 131072.",
        "Im Jahr 2023 stieg der Umsatz um 12345 Stück auf 1.234.567 Euro.",
        "Die Straße war nass, der Weg zum Platz weit, und der Ring lag auf dem Tisch.",
        "Bitte übersetze den Absatz ins Englische und kürze ihn auf 50 Wörter.",
        "Prüfsumme sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "Der Ausschuss tagt am Donnerstag um 14:30 Uhr in Raum 204.",
        "Artikel 5 Absatz 2 der Verordnung (EU) 2016/679 bleibt unberührt.",
        "Die Klinik in der Stadt hat 300 Betten und einen neuen Garten.",
        "Rechne 17 * 23 und zeige den Weg. Die Pin der Karte wird nie gespeichert.",
    ),
    "en": (
        "Order 4711-0815-2024 has 12 items at 49.90 each, tracking 1234567890.",
        "Version 3.11.7 runs on Ubuntu 24.04 with 16 GB of memory.",
        "The Quick Start Guide explains how to open the Settings Page.",
        "The model has 8030261248 parameters and was trained on 15 trillion tokens.",
        "Revenue grew from 12345 to 67890 units between 2019 and 2023.",
        "Translate the paragraph into German and keep it under 50 words.",
        "The New York Stock Exchange opened at 9:30 on Monday, 4 March.",
        "Checksum sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "See Section 4.2 of the Apache License, Version 2.0, January 2004.",
        "What is 17 times 23? Explain each step. Never store a password in plain text.",
        "Model cards say Best Effort where Quality Assurance was not done.",
        "The court met at 10 and the place was full; the way home was long.",
    ),
}


def generate(texts: int, seed: int = 7) -> tuple[Labelled, ...]:
    """So many texts, half of each language, half of them with nothing personal."""
    draw = random.Random(seed)
    made = []
    fakers = {"de": Faker("de_DE"), "en": Faker("en_US")}
    for number, fake in enumerate(fakers.values()):
        fake.seed_instance(seed + number)
    for number in range(texts):
        language = ("de", "en")[number % 2]
        if number % 4 >= 2:
            made.append(Labelled(language, draw.choice(PLAIN[language]), ()))
            continue
        template = draw.choice(GERMAN if language == "de" else ENGLISH)
        made.append(_filled(template, language, _values(fakers[language], language, draw)))
    return tuple(made)


def _filled(
    template: str, language: str, values: dict[str, tuple[Kind, Callable[[], str]]]
) -> Labelled:
    text, spans, position = "", [], 0
    for slot in SLOT.finditer(template):
        text += template[position : slot.start()]
        kind, make = values[slot[1]]
        value = make()
        spans.append((kind, len(text), len(text) + len(value)))
        text += value
        position = slot.end()
    return Labelled(language, text + template[position:], tuple(spans))


def _values(
    fake: Faker, language: str, draw: random.Random
) -> dict[str, tuple[Kind, Callable[[], str]]]:
    def address() -> str:
        street = fake.street_address()
        if language == "de":
            return f"{street}, {fake.postcode()} {fake.city()}"
        return f"{street}, {fake.city()}, {fake.state_abbr()} {fake.postcode()}"

    def name() -> str:
        return f"{fake.first_name()} {fake.last_name()}"

    def token(characters: int) -> str:
        return "".join(draw.choices(string.ascii_letters + string.digits, k=characters))

    def jwt() -> str:
        parts = ({"alg": "HS256", "typ": "JWT"}, {"sub": token(8), "iat": draw.randrange(10**9)})
        encoded = (
            base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in parts
        )
        return ".".join((*encoded, token(43)))

    def tax() -> str:
        while True:
            front = str(draw.randrange(1, 10)) + "".join(draw.choices(string.digits, k=9))
            for last in string.digits:
                if idnr.is_valid(front + last):
                    return str(idnr.format(front + last))

    def health() -> str:
        letter = draw.choice(string.ascii_uppercase)
        digits = "".join(draw.choices(string.digits, k=8))
        total = 0
        for index, digit in enumerate(f"{ord(letter) - 64:02d}{digits}"):
            product = int(digit) * (1 + index % 2)
            total += product // 10 + product % 10
        return f"{letter}{digits}{total % 10}"

    def iban() -> str:
        whole = fake.iban()
        return (
            " ".join(whole[i : i + 4] for i in range(0, len(whole), 4))
            if draw.random() < 0.5
            else whole
        )

    keys: tuple[Callable[[], str], ...] = (
        lambda: f"sk-{token(40)}",
        lambda: f"ghp_{token(36)}",
        lambda: f"AKIA{''.join(draw.choices(string.ascii_uppercase + string.digits, k=16))}",
        lambda: f"hf_{token(34)}",
    )

    def api_key() -> str:
        make = draw.choice(keys)
        return make()

    return {
        "name": (Kind.NAME, name),
        "address": (Kind.ADDRESS, address),
        "phone": (Kind.PHONE, fake.phone_number),
        "email": (Kind.EMAIL, fake.email),
        "iban": (Kind.IBAN, iban),
        "card": (Kind.CARD, lambda: fake.credit_card_number("visa16")),
        "idnr": (Kind.TAX, tax),
        "ssn": (Kind.TAX, fake.ssn),
        "kvnr": (Kind.HEALTH, health),
        "password": (Kind.SECRET, lambda: token(12) + str(draw.randrange(10))),
        "api_key": (Kind.SECRET, api_key),
        "jwt": (Kind.SECRET, jwt),
    }
