"""What annotations speak for: a generic of tensors is what holds them; only what gives a shape is a tensor."""

from __future__ import annotations

import pytest

from torchcopylint.domain.ground import Ground
from torchcopylint.domain.kind import Kind
from torchcopylint.models.annotation import NOTHING_SAID, Annotation, read

IMPORTED = {
    "Tensor": "torch.Tensor",
    "nn": "torch.nn",
    "np": "numpy",
    "Queue": "queue.Queue",
    "deque": "collections.deque",
    "t": "typing",
    "Float": "jaxtyping.Float",
    "TensorType": "torchtyping.TensorType",
    "Own": "",
}
"""What names stand for in the file; "" for what it makes itself."""


def said(text: str) -> Annotation:
    """What an annotation says in a file with these imports."""

    def full(name: str) -> str:
        first, dot, rest = name.partition(".")
        known = IMPORTED.get(first, first)
        return f"{known}{dot}{rest}" if known else ""

    return read(text, full)


@pytest.mark.parametrize(
    "text",
    [
        "torch.Tensor",
        "Tensor",
        "'torch.Tensor'",
        "nn.Parameter",
        "torch.FloatTensor",
        "Final[Tensor]",
        "t.ClassVar[Tensor]",
        "Annotated[Tensor, 'batch 3 ... *rest']",
        "Float[Tensor, 'b c']",
        "Float[Tensor, '... c h w']",
        "'Float[Tensor, \\'b c\\']'",
        "TensorType['b', 'c']",
        "Tensor['b', 'c']",
    ],
)
def test_a_tensor_and_what_gives_its_shape_are_tensors_for_certain(text: str) -> None:
    found = said(text)
    assert (found.kind, found.ground, found.optional) == (Kind.TENSOR, Ground.DECLARED, False)


@pytest.mark.parametrize(
    ("text", "kind", "of"),
    [
        ("deque[Tensor]", "list", "tensor"),
        ("t.Deque[Tensor]", "list", "tensor"),
        ("'deque[Tensor]'", "list", "tensor"),
        ("list['Tensor']", "list", "tensor"),
        ("Sequence[Tensor]", "list", "tensor"),
        ("set[nn.Parameter]", "set", "tensor"),
        ("frozenset[Tensor] | set[Tensor]", "set", "tensor"),
        ("'frozenset[Tensor] | set[Tensor]'", "set", "tensor"),
        ("Union[set[Tensor], frozenset[int]]", "set", ""),
        ("t.Mapping[str, Tensor]", "dict", "tensor"),
        ("defaultdict[str, list[Tensor]]", "dict", "list"),
        ("Optional[Dict[str, Tensor]]", "dict", "tensor"),
        ("Iterator[Tensor]", "items", "tensor"),
        ("Generator[Tensor, None, None]", "items", "tensor"),
        ("tuple[Tensor, ...]", "tuple", "tensor"),
        ("tuple[Tensor, int]", "tuple", ""),
        ("Final[deque[Tensor]]", "list", "tensor"),
        ("Annotated[set[Tensor], 'seen']", "set", "tensor"),
        ("ClassVar['deque[Tensor]']", "list", "tensor"),
        ("type[Tensor]", "object", ""),
        ("Queue[Tensor]", "object", ""),
        ("multiprocessing.Queue[Tensor]", "object", ""),
        ("Future[Tensor]", "object", ""),
        ("Batch[Tensor]", "object", ""),
        ("torch.utils.data.Dataset[Tensor]", "object", ""),
        ("torch.utils.data.DataLoader[Tensor]", "loader", ""),
        ("Callable[..., Tensor]", "unknown", ""),
        ("Callable[[Tensor], Tensor]", "unknown", ""),
        ("tensorflow.Tensor", "object", ""),
        ("flax.linen.Module", "object", ""),
        ("Own", "unknown", ""),
        ("Own[Tensor]", "unknown", ""),
        ("torch.nn.utils.rnn.PackedSequence", "unknown", ""),
    ],
)
def test_whatever_holds_tensors_is_none(text: str, kind: str, of: str) -> None:
    found = said(text)
    assert (found.kind, found.of) == (Kind(kind), Kind(of) if of else None)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("nn.Module", "module"),
        ("nn.Sequential", "module"),
        ("lightning.LightningModule", "module"),
        ("torch.optim.Adam", "optimizer"),
        ("torch.optim.lr_scheduler.StepLR", "scheduler"),
        ("np.ndarray[Any, np.dtype[np.float32]]", "ndarray"),
        ("np.typing.NDArray[np.float32]", "ndarray"),
        ("Float[np.ndarray, 'b c']", "ndarray"),
        ("int", "scalar"),
        ("pathlib.Path", "scalar"),
        ("None", "none"),
    ],
)
def test_other_kinds(text: str, kind: str) -> None:
    assert said(text).kind is Kind(kind)


@pytest.mark.parametrize("text", ["Optional[Tensor]", "Tensor | None", "Union[None, Tensor]", "'Tensor | None'"])
def test_what_may_be_none_says_so_and_is_no_firm_ground(text: str) -> None:
    found = said(text)
    assert (found.kind, found.optional, found.ground) == (Kind.TENSOR, True, Ground.GUESSED)


@pytest.mark.parametrize("text", ["Tensor | int", "Tensor | list[Tensor]", "Union[Tensor, np.ndarray, None]"])
def test_a_union_of_kinds_says_nothing(text: str) -> None:
    assert said(text).kind is Kind.UNKNOWN


def test_a_class_by_its_last_name_alone_is_only_likely() -> None:
    here, elsewhere = said("FloatTensor"), said("mylib.types.Tensor")
    assert (here.kind, here.proof, here.ground) == (Kind.TENSOR, 3, Ground.GUESSED)
    assert (elsewhere.kind, elsewhere.proof, elsewhere.ground) == (Kind.TENSOR, 2, Ground.GUESSED)


@pytest.mark.parametrize("text", ["", "(", "a b", "x = 1", "1 + 2", "[Tensor]"])
def test_what_is_no_annotation_says_nothing(text: str) -> None:
    assert said(text) == NOTHING_SAID
