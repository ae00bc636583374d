"""Published quality figures: in order, and only where something was published."""

from __future__ import annotations

from steelyard.fit.published import published_quality


def test_more_bits_lose_less_within_a_family() -> None:
    order = [published_quality(q) for q in ("Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q3_K_M", "Q2_K")]
    known = [quality for quality in order if quality is not None]
    assert len(known) == 6
    assert [q.kl_divergence for q in known] == sorted(q.kl_divergence for q in known)
    assert [q.bits_per_weight for q in known] == sorted(
        (q.bits_per_weight for q in known), reverse=True
    )


def test_a_preset_nobody_published_has_no_figure() -> None:
    assert published_quality("q4_k_m") == published_quality("Q4_K_M")
    assert published_quality("TQ1_0") is None
    assert published_quality("") is None
