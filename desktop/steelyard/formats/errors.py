"""What can be wrong with a file from outside. Every class has a code of its own that scripts can rely on."""

from __future__ import annotations

from steelyard.base.errors import MalformedInput, NotFound, OutOfResources


class FileMissing(NotFound):
    """There is no such file or folder. Facts: `path`."""

    code = "file-missing"


class FileUnreadable(OutOfResources):
    """The operating system would not let the file be read. Facts: `path`, `reason`."""

    code = "file-unreadable"


class NotAModel(MalformedInput):
    """Neither a GGUF file nor a folder in Hugging Face layout. Facts: `path`, `content`."""

    code = "not-a-model"


class AmbiguousModel(MalformedInput):
    """A folder with more than one model in it. Facts: `path`, `candidates`."""

    code = "ambiguous-model"


class TooLarge(MalformedInput):
    """A count or size is above a hard limit. Facts: `what`, `value`, `limit`."""

    code = "over-a-hard-limit"


class Truncated(MalformedInput):
    """The file ends before what it announces. Facts: `what`, `needed_bytes`, `file_size_bytes`."""

    code = "truncated"


class UnsafePath(MalformedInput):
    """A name in a file, or a link, leads outside the model's folder. Facts: `name`, `where`."""

    code = "unsafe-path"


class Polyglot(MalformedInput):
    """The file is valid as two formats at once. Facts: `path`, `also`."""

    code = "polyglot"


class PickleRefused(MalformedInput):
    """The content is a Python pickle, which runs code when it is opened. Facts: `path`, `inside`."""

    code = "pickle"


class GgufMalformed(MalformedInput):
    """The GGUF header breaks the format. Facts name the field."""

    code = "gguf-malformed"


class NotGguf(GgufMalformed):
    """The file does not begin with `GGUF`."""

    code = "gguf-magic"


class UnsupportedVersion(GgufMalformed):
    """A GGUF version other than 2 and 3. Facts: `version`."""

    code = "gguf-version"


class ByteSwapped(GgufMalformed):
    """Written for big-endian machines. Facts: `version`."""

    code = "gguf-byte-swapped"


class UnknownValueType(GgufMalformed):
    """A metadata value of a type the format does not have. Facts: `key`, `type`."""

    code = "gguf-value-type"


class NestedArray(GgufMalformed):
    """An array of arrays, which no engine reads. Facts: `key`."""

    code = "gguf-nested-array"


class BadText(GgufMalformed):
    """Text that is not UTF-8, or has a NUL or control character where none may be. Facts: `what`."""

    code = "gguf-text"


class Duplicate(GgufMalformed):
    """A key or tensor name twice. Facts: `name`."""

    code = "gguf-duplicate"


class BadAlignment(GgufMalformed):
    """`general.alignment` is not a power of two between 1 and 65,536, of type uint32. Facts: `alignment`."""

    code = "gguf-alignment"


class BadTensor(GgufMalformed):
    """A tensor's type, shape or place is impossible. Facts: `tensor`."""

    code = "gguf-tensor"


class TensorOutsideFile(BadTensor):
    """A tensor's bytes would lie past the end of the file.

    Facts: `tensor`, `end_bytes`, `file_size_bytes`.
    """

    code = "gguf-tensor-outside-file"


class TensorOverlap(BadTensor):
    """A tensor does not begin where the one before it ends.

    Facts: `tensor`, `offset_bytes`, `expected_bytes`.
    """

    code = "gguf-tensor-layout"


class BadTokenizer(GgufMalformed):
    """Tokenizer arrays of the wrong type or length, or a token that cannot be. Facts: `key`."""

    code = "gguf-tokenizer"


class ImplausibleModel(GgufMalformed):
    """The header claims a model that its own tensors cannot be. Facts: the claim and what is there."""

    code = "gguf-implausible"


class ShardMissing(GgufMalformed):
    """A part of a split model is absent or belongs to another model. Facts: `missing`, `count`."""

    code = "gguf-shard"


class SafetensorsMalformed(MalformedInput):
    """The safetensors header breaks the format. Facts name the tensor or field."""

    code = "safetensors-malformed"


class ConfigMalformed(MalformedInput):
    """A JSON file of a Hugging Face folder is not what it must be. Facts: `file`."""

    code = "config-malformed"


class RemoteCode(MalformedInput):
    """A config asks for code or weights from another repository, or names code to load.

    Facts: `file`, `field`, `value`.
    """

    code = "remote-code"


class TemplateMalformed(MalformedInput):
    """The chat template does not compile, or uses what the sandbox does not offer. Facts: `line`."""

    code = "template-malformed"


class TemplateUnsafe(MalformedInput):
    """The chat template reached for something the sandbox forbids. Facts: `detail`."""

    code = "template-unsafe"


class TemplateOverLimit(MalformedInput):
    """The chat template needs more time, memory or output than any real one. Facts: `limit`."""

    code = "template-over-limit"


class TemplateFailed(MalformedInput):
    """The chat template failed while rendering these messages. Facts: `detail`."""

    code = "template-failed"


class ConversationRefused(MalformedInput):
    """The template itself refused the conversation (`raise_exception`). Facts: `detail`."""

    code = "template-refused-conversation"
