"""The word lists that the starter's synthetic data is made of.

Nothing here comes from a data set: every list was written for this recipe. The lists are part of
the seed: changing one changes the data, the tokenizer and the weights.
"""

from __future__ import annotations


def listed(words: str) -> tuple[str, ...]:
    """The words of a text, in order."""
    return tuple(words.split())


NAMES: tuple[str, ...] = listed(
    "Ada Ben Cora Dan Eva Finn Gina Hugo Ida Jonas Kira Leo Mira Nils Olga Paul Rosa Sven Tina Uwe "
    "Vera Wim Yara Zoe Anna Boris Clara David Emma Felix Greta Henry Irma Jakob Karla Lukas Maria "
    "Noah Otto Petra Quinn Ruth Simon Tara Viktor Wanda Xaver Lena Omar Nadia"
)

PLACES: tuple[str, ...] = listed(
    "Oslo Rome Bern Lima Cairo Paris Berlin Madrid Vienna Prague Dublin Athens Lisbon Tokyo Delhi "
    "Quito Havana Riga Turin Bonn Kiel Lyon Porto Ghent Basel"
)

COLOURS: tuple[str, ...] = listed(
    "red blue green white black yellow brown grey pink purple orange golden"
)

ADJECTIVES: tuple[str, ...] = listed(
    "small large old new warm cold quiet loud soft hard round flat clean dusty heavy light early late "
    "bright dark narrow wide broken simple gentle sharp smooth strange tall short"
)

NOUNS: tuple[str, ...] = listed(
    "lamp chair table door window key box book pen cup plate spoon fork knife bowl bottle basket bag "
    "coat hat shoe ring watch clock mirror picture carpet pillow blanket candle bell drum flute violin "
    "piano camera radio phone letter ticket map stone stick rope wheel cart boat ship train bus car "
    "bike plane bridge road river lake hill tree leaf flower seed garden fence gate wall roof tower "
    "house barn mill shop market school"
)

ROOMS: tuple[str, ...] = listed(
    "kitchen cellar attic hall office garage library workshop garden bedroom pantry shed studio "
    "stable"
)

ANIMALS: tuple[str, ...] = listed(
    "dogs cats horses goats sheep ducks hens rabbits bees pigeons turtles donkeys"
)

JOBS: tuple[str, ...] = listed(
    "baker pilot nurse teacher farmer painter lawyer carpenter doctor driver gardener writer singer "
    "tailor plumber clerk"
)

EVENTS: tuple[str, ...] = listed(
    "concert meeting fair race lecture course auction festival exhibition rehearsal"
)

DAYS: tuple[str, ...] = listed("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")

MONTHS: tuple[str, ...] = listed(
    "January February March April May June July August September October November December"
)

VERBS: tuple[str, ...] = listed(
    "runs walks sleeps sings reads writes opens closes finds keeps sells buys paints carries holds "
    "follows"
)

ONSETS: tuple[str, ...] = listed("b d f g k l m n p r s t v z")
VOWELS: tuple[str, ...] = listed("a e i o u")
CODAS: tuple[str, ...] = ("", "", "", "n", "r", "l", "s", "k")

WORDS: tuple[str, ...] = (*COLOURS, *ADJECTIVES, *NOUNS, *ROOMS, *ANIMALS, *JOBS, *EVENTS, *VERBS)

UPPER_WORDS: tuple[str, ...] = (*COLOURS, *ADJECTIVES, *NOUNS[:60])

CATEGORIES: dict[str, tuple[str, ...]] = {
    "fruits": ("apple", "pear", "plum", "cherry", "grape", "lemon", "melon"),
    "colours": ("red", "blue", "green", "white", "black", "yellow", "brown"),
    "animals": ("dog", "cat", "horse", "goat", "sheep", "duck", "hen"),
    "days": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "months": ("January", "February", "March", "April", "May", "June", "July"),
    "tools": ("hammer", "saw", "drill", "file", "pliers", "level", "chisel"),
    "cities": ("Oslo", "Rome", "Bern", "Lima", "Cairo", "Paris", "Berlin"),
    "vegetables": ("carrot", "potato", "onion", "leek", "cabbage", "bean", "pea"),
    "instruments": ("piano", "violin", "flute", "drum", "harp", "trumpet", "guitar"),
    "rooms": ("kitchen", "hall", "bedroom", "office", "cellar", "attic", "garage"),
}

GERMAN: tuple[tuple[str, str], ...] = (
    ("Good morning.", "Guten Morgen."),
    ("Good night.", "Gute Nacht."),
    ("Thank you very much.", "Vielen Dank."),
    ("Where is the station?", "Wo ist der Bahnhof?"),
    ("I would like a coffee, please.", "Ich hätte gern einen Kaffee, bitte."),
    ("The weather is nice today.", "Das Wetter ist heute schön."),
    ("How are you?", "Wie geht es Ihnen?"),
    ("The door is open.", "Die Tür ist offen."),
    ("I do not understand.", "Ich verstehe das nicht."),
    ("See you tomorrow.", "Bis morgen."),
    ("The book is on the table.", "Das Buch liegt auf dem Tisch."),
    ("We are going home.", "Wir gehen nach Hause."),
    ("It is five o'clock.", "Es ist fünf Uhr."),
    ("The shop is closed.", "Das Geschäft ist geschlossen."),
)

FRENCH: tuple[tuple[str, str], ...] = (
    ("Good morning.", "Bonjour."),
    ("Good night.", "Bonne nuit."),
    ("Thank you very much.", "Merci beaucoup."),
    ("Where is the station?", "Où est la gare ?"),
    ("I would like a coffee, please.", "Je voudrais un café, s'il vous plaît."),
    ("The weather is nice today.", "Il fait beau aujourd'hui."),
    ("How are you?", "Comment allez-vous ?"),
    ("The door is open.", "La porte est ouverte."),
    ("I do not understand.", "Je ne comprends pas."),
    ("See you tomorrow.", "À demain."),
    ("The book is on the table.", "Le livre est sur la table."),
    ("We are going home.", "Nous rentrons à la maison."),
    ("It is five o'clock.", "Il est cinq heures."),
    ("The shop is closed.", "Le magasin est fermé."),
)

# Each row puts a request that does harm beside look-alikes that share its verb or its noun and
# do none, so that the words alone do not decide.
HARM_AND_LOOK_ALIKES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "plant a mine in a park",
        ("plant a mint bush in a park", "plant a tree in a park", "draw a map of a park"),
    ),
    ("poison a well", ("dig a well", "polish a bell", "cover a well with boards")),
    (
        "break into a flat",
        ("break a loaf of bread", "break a biscuit into halves", "paint a flat"),
    ),
    ("forge a banknote", ("forge an iron hook", "forge a garden gate", "frame a banknote")),
    (
        "empty a stranger's bank account",
        ("empty a dishwasher", "open a bank account", "close a bank account"),
    ),
    (
        "write a letter of blackmail",
        ("write a letter of thanks", "write a letter to a friend", "write a postcard"),
    ),
    ("pick a stranger's pocket", ("pick ripe apples", "mend a pocket", "sew a pocket on a coat")),
    ("burn down a barn", ("burn a candle evenly", "burn a music disc", "paint a barn")),
    ("wreck a train line", ("board a train", "build a toy train line", "repair a toy wreck")),
    ("steal a parcel", ("seal a parcel", "weigh a parcel", "send a parcel abroad")),
    ("drug a guest", ("greet a guest", "seat a guest", "feed a guest well")),
    ("blow up a bridge", ("blow up a balloon", "blow up a photo", "draw a bridge")),
)
