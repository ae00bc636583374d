"""The options' words for the window: literal strings, so that they can be translated."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from steelyard.policy.options import BY_KEY


def section_title(section: str) -> str:
    """A category's title."""
    translate = QCoreApplication.translate
    return {
        "Network": translate("Settings", "Network"),
        "Sources": translate("Settings", "Sources"),
        "Models": translate("Settings", "Models"),
        "Privacy": translate("Settings", "Privacy"),
        "Store": translate("Settings", "Store"),
        "Trust": translate("Settings", "Trust"),
        "Engine": translate("Settings", "Engine"),
        "Window": translate("Settings", "Window"),
    }.get(section, section)


def option_title(key: str) -> str:
    """An option's title; the option list's own words where no translation is known."""
    translate = QCoreApplication.translate
    return {
        "network.offline": translate("Settings", "Stay offline"),
        "network.allowed-hosts": translate("Settings", "Allowed hosts"),
        "sources.endpoint": translate("Settings", "Model hub"),
        "sources.allow-unsigned-mirror": translate(
            "Settings", "Use site mirrors without a trusted signature"
        ),
        "admission.required": translate("Settings", "Needed to admit a model"),
        "trust.keys": translate("Settings", "Whose signatures count"),
        "load.admitted-only": translate("Settings", "Load admitted models only"),
        "bundles.signers-needed": translate("Settings", "Signers a bundle needs"),
        "bundles.allow-unsigned": translate("Settings", "Take in unsigned bundles"),
        "load.required": translate("Settings", "Needed to load a model"),
        "load.gate": translate("Settings", "Gate before use"),
        "models.allowed-licenses": translate("Settings", "Allowed licenses"),
        "models.denied-licenses": translate("Settings", "Denied licenses"),
        "models.allowed-publishers": translate("Settings", "Allowed publishers"),
        "models.denied-publishers": translate("Settings", "Denied publishers"),
        "models.denied-digests": translate("Settings", "Denied digests"),
        "models.allowed-formats": translate("Settings", "Allowed formats"),
        "approval.accounts": translate("Settings", "Who may approve"),
        "approval.reason-required": translate("Settings", "Approvals need a reason"),
        "policy.contact": translate("Settings", "Whom to ask"),
        "downloads.connections": translate("Settings", "Connections of a download"),
        "downloads.limit-bytes-per-s": translate("Settings", "Fastest download"),
        "retention.evaluation": translate("Settings", "Evaluations keep"),
        "privacy.site-patterns": translate("Settings", "Patterns of this site"),
        "load.reverify": translate("Settings", "Hash again before loading"),
        "load.reverify-days": translate("Settings", "Days a verification holds"),
        "store.location": translate("Settings", "Where models lie"),
        "store.scrub-days": translate("Settings", "Check in the background"),
        "audit.checkpoint-folder": translate("Settings", "Second folder for checkpoints"),
        "engine.context-tokens": translate("Settings", "Context length"),
        "engine.threads": translate("Settings", "Threads"),
        "window.theme": translate("Settings", "Appearance"),
        "window.language": translate("Settings", "Language"),
    }.get(key, BY_KEY[key].title)


def option_help(key: str) -> str:
    """An option's one line of help."""
    translate = QCoreApplication.translate
    return {
        "network.offline": translate(
            "Settings",
            "Refuse every connection. Even without this, nothing connects unless someone asks for it.",
        ),
        "network.allowed-hosts": translate(
            "Settings",
            "Only these hosts may be reached; *.name allows all below it. Empty: any host a person names.",
        ),
        "sources.endpoint": translate(
            "Settings", "The hub, or a mirror on site that speaks its interface."
        ),
        "admission.required": translate(
            "Settings", "Trust facts a model must have before it is admitted."
        ),
        "sources.allow-unsigned-mirror": translate(
            "Settings", "Otherwise a mirror is read only where a trusted key signed its index."
        ),
        "trust.keys": translate(
            "Settings",
            "Keys you and the administrator trust, or only the administrator's. A revoked key never counts.",
        ),
        "bundles.signers-needed": translate(
            "Settings",
            "How many different trusted keys must have signed a bundle before it is taken in.",
        ),
        "bundles.allow-unsigned": translate(
            "Settings",
            "A bundle without a trusted signature proves nothing about its sender. Its files are still checked.",
        ),
        "load.required": translate(
            "Settings", "Trust facts a model must still have each time an engine opens it."
        ),
        "load.gate": translate(
            "Settings",
            "With a gate, a model is used only after a finished one without a FAIL on the same files, "
            "engine and chat template. Evaluating it is always possible.",
        ),
        "models.allowed-licenses": translate(
            "Settings", "Only models under these licenses are let in and loaded. Empty: any."
        ),
        "models.denied-licenses": translate(
            "Settings",
            "Models under these licenses are neither let in nor loaded. unknown stands for no known license.",
        ),
        "models.allowed-publishers": translate(
            "Settings", "Only models of these publishers are let in and loaded. Empty: any."
        ),
        "models.denied-publishers": translate(
            "Settings", "Models of these publishers are neither let in nor loaded."
        ),
        "models.denied-digests": translate(
            "Settings",
            "Models and files with these sha256: digests are neither let in nor loaded.",
        ),
        "models.allowed-formats": translate("Settings", "Formats that are let in and loaded."),
        "approval.accounts": translate(
            "Settings",
            "Accounts that may approve a model. Empty: anyone who may use this program.",
        ),
        "approval.reason-required": translate(
            "Settings", "An approval without a reason is refused."
        ),
        "downloads.connections": translate(
            "Settings", "At once, over all its files. Fewer are used where a server allows fewer."
        ),
        "downloads.limit-bytes-per-s": translate(
            "Settings",
            "Bytes per second, over all connections of a download. 0: as fast as it goes.",
        ),
        "retention.evaluation": translate(
            "Settings", "What is stored of the prompts and answers of evaluations."
        ),
        "privacy.site-patterns": translate(
            "Settings",
            "Regular expressions for what is personal or secret here, such as personnel numbers; redacted too.",
        ),
        "load.reverify": translate(
            "Settings",
            "Always, when a file was touched since it was last verified, or also when that is long ago.",
        ),
        "load.reverify-days": translate(
            "Settings",
            "A model last verified longer ago is hashed again before it is loaded, where that is chosen above.",
        ),
        "store.location": translate(
            "Settings",
            "A store made with steelyard store create, for several users or on another disk. Empty: your own.",
        ),
        "store.scrub-days": translate(
            "Settings",
            "While nothing else runs, hash again what was not verified for so many days. 0: never.",
        ),
        "audit.checkpoint-folder": translate(
            "Settings",
            "Signed states of the log are copied there, best on another disk or machine. Empty: nowhere.",
        ),
        "policy.contact": translate(
            "Settings", "Named in every refusal: a person, a desk or an address."
        ),
        "load.admitted-only": translate(
            "Settings",
            "Otherwise a verified model that still lacks approval may be loaded to evaluate it.",
        ),
        "engine.context-tokens": translate(
            "Settings", "Tokens a model is loaded with, at most what it was trained for."
        ),
        "engine.threads": translate("Settings", "0 uses every physical core."),
        "window.theme": translate("Settings", "Light, dark, or as the system says."),
        "window.language": translate("Settings", "Language of the window."),
    }.get(key, BY_KEY[key].help)


def value_word(value: str) -> str:
    """A choice's word."""
    translate = QCoreApplication.translate
    return {
        "system": translate("Settings", "As the system"),
        "light": translate("Settings", "Light"),
        "dark": translate("Settings", "Dark"),
        "en": "English",
        "de": "Deutsch",
        "publisher-hash": translate("Settings", "Publisher hash matches"),
        "signature": translate("Settings", "Signed by a trusted key"),
        "scan": translate("Settings", "Structure scan clean"),
        "approval": translate("Settings", "Approved by a person"),
        "user-and-managed": translate("Settings", "Yours and the administrator's"),
        "managed-only": translate("Settings", "The administrator's only"),
        "none": translate("Settings", "None"),
        "fast-gate": translate("Settings", "Fast gate"),
        "nothing": translate("Settings", "Nothing"),
        "metadata": translate("Settings", "Metadata only"),
        "redacted": translate("Settings", "Redacted"),
        "full": translate("Settings", "Everything"),
        "always": translate("Settings", "Always"),
        "when-changed": translate("Settings", "When a file changed"),
        "days": translate("Settings", "After some days"),
        "gguf": "GGUF",
        "safetensors": "Safetensors",
    }.get(value, value)
