"""Every option as data: its type, default and words. Validation, `policy show`, the settings page and the
documentation all come from this list."""

from __future__ import annotations

from steelyard.policy.errors import UnknownSetting
from steelyard.policy.kinds import Kind, Option

TRUST_FACTS = ("publisher-hash", "signature", "scan", "approval")
"""The four trust facts by the names policy uses."""

OPTIONS: tuple[Option, ...] = (
    Option(
        "network.offline",
        Kind.SWITCH,
        False,
        "Network",
        "Stay offline",
        "Refuse every connection. Even without this, nothing connects unless someone asks for it.",
    ),
    Option(
        "network.allowed-hosts",
        Kind.HOSTS,
        [],
        "Network",
        "Allowed hosts",
        "Only these hosts may be reached; *.name allows all below it. Empty: any host a person names.",
    ),
    Option(
        "sources.endpoint",
        Kind.URL,
        "https://huggingface.co",
        "Network",
        "Model hub",
        "The hub, or a mirror on site that speaks its interface.",
    ),
    Option(
        "sources.list",
        Kind.SOURCES,
        [],
        "Network",
        "Further sources",
        "Hubs, site mirrors and folders beside the model hub. Those that policy lists stay, whatever you add.",
    ),
    Option(
        "sources.allow-unsigned-mirror",
        Kind.SWITCH,
        False,
        "Trust",
        "Use site mirrors without a trusted signature",
        "Otherwise a mirror is read only where a trusted key signed its index.",
    ),
    Option(
        "downloads.connections",
        Kind.NUMBER,
        4,
        "Network",
        "Connections of a download",
        "At once, over all its files. Fewer are used where a server allows fewer.",
        bounds=(1, 16),
    ),
    Option(
        "downloads.limit-bytes-per-s",
        Kind.NUMBER,
        0,
        "Network",
        "Fastest download",
        "Bytes per second, over all connections of a download. 0: as fast as it goes.",
    ),
    Option(
        "admission.required",
        Kind.SET,
        ["scan"],
        "Trust",
        "Needed to admit a model",
        "Trust facts a model must have before it is admitted.",
        TRUST_FACTS,
    ),
    Option(
        "trust.keys",
        Kind.CHOICE,
        "user-and-managed",
        "Trust",
        "Whose signatures count",
        "Keys you and the administrator trust, or only the administrator's. A revoked key never counts.",
        ("user-and-managed", "managed-only"),
    ),
    Option(
        "load.admitted-only",
        Kind.SWITCH,
        True,
        "Trust",
        "Load admitted models only",
        "Otherwise a verified model that still lacks approval may be loaded to evaluate it.",
    ),
    Option(
        "bundles.signers-needed",
        Kind.NUMBER,
        1,
        "Trust",
        "Signers a bundle needs",
        "How many different trusted keys must have signed a bundle before it is taken in.",
        bounds=(1, 2),
    ),
    Option(
        "bundles.allow-unsigned",
        Kind.SWITCH,
        False,
        "Trust",
        "Take in unsigned bundles",
        "A bundle without a trusted signature proves nothing about its sender. Its files are still checked.",
    ),
    Option(
        "load.required",
        Kind.SET,
        [],
        "Trust",
        "Needed to load a model",
        "Trust facts a model must still have each time an engine opens it.",
        TRUST_FACTS,
    ),
    Option(
        "load.gate",
        Kind.CHOICE,
        "none",
        "Trust",
        "Gate before use",
        "With fast-gate, a model is used only after a finished gate without a FAIL on the same files, engine "
        "and chat template. Evaluating it is always possible.",
        ("none", "fast-gate"),
    ),
    Option(
        "models.allowed-licenses",
        Kind.LIST,
        [],
        "Models",
        "Allowed licenses",
        "Only models under these licenses are let in and loaded; others wait. Empty: any.",
    ),
    Option(
        "models.denied-licenses",
        Kind.LIST,
        [],
        "Models",
        "Denied licenses",
        "Models under these licenses are neither let in nor loaded. unknown stands for no known license.",
    ),
    Option(
        "models.allowed-publishers",
        Kind.LIST,
        [],
        "Models",
        "Allowed publishers",
        "Only models of these publishers are let in and loaded. Empty: any.",
    ),
    Option(
        "models.denied-publishers",
        Kind.LIST,
        [],
        "Models",
        "Denied publishers",
        "Models of these publishers are neither let in nor loaded.",
    ),
    Option(
        "models.denied-digests",
        Kind.LIST,
        [],
        "Models",
        "Denied digests",
        "Models and files with these sha256: digests are neither let in nor loaded.",
    ),
    Option(
        "models.allowed-formats",
        Kind.SET,
        ["gguf", "safetensors"],
        "Models",
        "Allowed formats",
        "Formats that are let in and loaded.",
        ("gguf", "safetensors"),
    ),
    Option(
        "approval.accounts",
        Kind.LIST,
        [],
        "Trust",
        "Who may approve",
        "Accounts that may approve a model. Empty: anyone who may use this program.",
    ),
    Option(
        "approval.reason-required",
        Kind.SWITCH,
        False,
        "Trust",
        "Approvals need a reason",
        "An approval without a reason is refused.",
    ),
    Option(
        "retention.evaluation",
        Kind.CHOICE,
        "full",
        "Privacy",
        "Evaluations keep",
        "What is stored of the prompts and answers of evaluations: full, redacted, metadata only, or nothing.",
        ("nothing", "metadata", "redacted", "full"),
    ),
    Option(
        "privacy.site-patterns",
        Kind.LIST,
        [],
        "Privacy",
        "Patterns of this site",
        "Regular expressions for what is personal or secret here, such as personnel numbers; redacted too.",
    ),
    Option(
        "policy.contact",
        Kind.TEXT,
        "",
        "Trust",
        "Whom to ask",
        "Named in every refusal: a person, a desk or an address.",
    ),
    Option(
        "load.reverify",
        Kind.CHOICE,
        "when-changed",
        "Trust",
        "Hash again before loading",
        "Always, when a file was touched since it was last verified, or also when that is long ago.",
        ("always", "when-changed", "days"),
    ),
    Option(
        "load.reverify-days",
        Kind.NUMBER,
        30,
        "Trust",
        "Days a verification holds",
        "With 'days': a model last verified longer ago is hashed again before it is loaded.",
        bounds=(1, 3650),
    ),
    Option(
        "store.location",
        Kind.TEXT,
        "",
        "Store",
        "Where models lie",
        "A store made with steelyard store create, for several users or on another disk. Empty: your own.",
    ),
    Option(
        "store.scrub-days",
        Kind.NUMBER,
        0,
        "Store",
        "Check in the background",
        "While nothing else runs, hash again what was not verified for so many days. 0: never.",
        bounds=(0, 3650),
    ),
    Option(
        "engine.context-tokens",
        Kind.NUMBER,
        8192,
        "Engine",
        "Context length",
        "Tokens a model is loaded with, at most what it was trained for.",
        bounds=(256, 1_048_576),
    ),
    Option(
        "engine.threads",
        Kind.NUMBER,
        0,
        "Engine",
        "Threads",
        "0 uses every physical core.",
        bounds=(0, 1024),
    ),
    Option(
        "audit.checkpoint-folder",
        Kind.TEXT,
        "",
        "Trust",
        "Second folder for checkpoints",
        "Signed states of the log are copied there, best on another disk or machine. Empty: nowhere.",
    ),
    Option(
        "window.theme",
        Kind.CHOICE,
        "system",
        "Window",
        "Appearance",
        "Light, dark, or as the system says.",
        ("system", "light", "dark"),
    ),
    Option(
        "window.language",
        Kind.CHOICE,
        "system",
        "Window",
        "Language",
        "Language of the window.",
        ("system", "en", "de"),
    ),
    Option(
        "window.first-run-done",
        Kind.SWITCH,
        False,
        "Window",
        "First steps done",
        "Switch off to see the first steps again.",
    ),
)

BY_KEY = {option.key: option for option in OPTIONS}


def option(key: str) -> Option:
    """The option with this key.

    Raises:
        UnknownSetting: there is none.
    """
    try:
        return BY_KEY[key]
    except KeyError:
        raise UnknownSetting(
            f"There is no setting {key!r}.", next_step="See steelyard policy show.", key=key
        ) from None
