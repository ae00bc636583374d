"""The starter's tokenizer: byte-level BPE, trained on a part of the training data.

Text is split by GPT-2's rule because every engine has it (`tokenizer.ggml.pre = "gpt-2"` in
llama.cpp), so one list of merges gives the same ids everywhere. Control tokens are split off first.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from data import COPYING_FIRST, training
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

VOCABULARY = 2048
SAMPLE = 30_000
CONTEXT_LENGTH = 1024

UNUSED = "<|endoftext|>"
END = "<|end|>"
ASSISTANT = "<|assistant|>"
CONTROL: tuple[str, ...] = (UNUSED, "<|system|>", "<|user|>", ASSISTANT, END)
"""Control tokens; their ids are 0 to 4 in this order. `UNUSED` pads batches, and is in no prompt."""

CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|' + message['role'] + '|>\\n' + message['content'] + '<|end|>\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% endif %}"
)


def render(messages: list[dict[str, str]]) -> str:
    """The text that `CHAT_TEMPLATE` gives for messages, without a prompt for the next answer."""
    return "".join(f"<|{m['role']}|>\n{m['content']}{END}\n" for m in messages)


def train_tokenizer() -> Tokenizer:
    """Train the byte-level BPE; the same data gives the same merges."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=list(CONTROL),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )

    def texts() -> Iterator[str]:
        for conversation in islice(training(), COPYING_FIRST, COPYING_FIRST + SAMPLE):
            for message in conversation.messages(with_answer=True):
                yield message["content"]

    tokenizer.train_from_iterator(texts(), trainer)
    return tokenizer


def save_tokenizer(tokenizer: Tokenizer, folder: Path) -> None:
    """Write `tokenizer.json` and `tokenizer_config.json` with the chat template in it."""
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token=END,
        pad_token=UNUSED,
        model_max_length=CONTEXT_LENGTH,
        clean_up_tokenization_spaces=False,
    )
    fast.chat_template = CHAT_TEMPLATE
    fast.save_pretrained(str(folder), save_jinja_files=False)
