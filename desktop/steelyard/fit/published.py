"""Published figures on what quantization costs in quality: a prior for a choice, no measurement of the model at hand.

The numbers are llama.cpp's own, of Llama 3 8B on wikitext (tools/perplexity/README.md, "LLaMA 3 8b Scoreboard") and
its bits per weight (tools/quantize/README.md). Where it lists a file with and without an importance matrix, the one
without is given, the worse of the two: a file does not say reliably which it is. The same preset loses more on a
small model.
"""

from __future__ import annotations

from dataclasses import dataclass

MODEL = "Llama 3 8B"
"""What was measured."""


@dataclass(frozen=True)
class PublishedQuality:
    """One preset.

    Attributes:
        bits_per_weight: of a whole file, embeddings included.
        kl_divergence: mean Kullback-Leibler divergence of the next token from the F16 model's, in nats.
    """

    bits_per_weight: float
    kl_divergence: float


_PUBLISHED = {
    "Q8_0": PublishedQuality(8.50, 0.0014),
    "Q6_K": PublishedQuality(6.56, 0.0055),
    "Q5_K_M": PublishedQuality(5.70, 0.0108),
    "Q4_K_M": PublishedQuality(4.89, 0.0313),
    "Q4_K_S": PublishedQuality(4.67, 0.0431),
    "IQ4_XS": PublishedQuality(4.46, 0.0363),
    "Q3_K_M": PublishedQuality(4.00, 0.102),
    "IQ3_M": PublishedQuality(3.76, 0.103),
    "Q3_K_S": PublishedQuality(3.64, 0.228),
    "IQ3_XXS": PublishedQuality(3.25, 0.184),
    "Q2_K": PublishedQuality(3.16, 0.445),
    "IQ2_M": PublishedQuality(2.93, 0.326),
}


def published_quality(quantization: str) -> PublishedQuality | None:
    """What is published of a preset by its llama.cpp name (`Q4_K_M`), or None: nothing."""
    return _PUBLISHED.get(quantization.upper())
