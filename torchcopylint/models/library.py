"""Libraries around torch: einops, torchvision, Lightning, Accelerate, timm, averages of weights."""

from __future__ import annotations

from dataclasses import replace

from torchcopylint.domain.family import Family
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.layout import Layout
from torchcopylint.domain.sharing import Sharing
from torchcopylint.models.effect import MEDIUM, Effect, Model, Shape
from torchcopylint.models.language import Act, Gives, Grad

_BY_LAYOUT = Effect(Gives.PERHAPS, Kind.TENSOR, sharing=Sharing.LAYOUT, pure=True)
_BY_DTYPE = Effect(Gives.PERHAPS, Kind.TENSOR, sharing=Sharing.DTYPE, pure=True)
_VIEW = Effect(Gives.VIEW, Kind.TENSOR, sharing=Sharing.VIEW, pure=True)
_FRESH = Effect(Gives.FRESH, Kind.TENSOR, MEDIUM, of=(0,), pure=True, own=False)
"""Something new as a rule; where there is nothing to do, some of these give their input, or a view of it."""
_CONTEXT = Effect(Gives.CONTEXT)


def _in_place_at(index: int) -> Model:
    """Out of place, unless `inplace=True` is given, by keyword or at this position."""

    def effect(shape: Shape) -> Effect:
        if shape.const(index, "inplace") is True:
            return Effect(Gives.SAME, Kind.TENSOR, writes=(0,))
        return _FRESH

    return effect


ACCELERATOR: dict[str, Model] = {
    "backward": Effect(Gives.NONE, act=Act.BACKWARD, on=(1,)),
    "manual_backward": Effect(Gives.NONE, act=Act.BACKWARD, on=(1,)),
    **dict.fromkeys(
        "prepare prepare_model prepare_optimizer prepare_scheduler prepare_data_loader setup setup_module "
        "setup_optimizers setup_dataloaders".split(),
        Effect(Gives.PASSED, of=tuple(range(1, 9))),
    ),
    "unwrap_model": Effect(Gives.WRAPPED, Kind.MODULE, of=(1,)),
    "get_state_dict": Effect(Gives.LIVE, Kind.STATE_DICT, of=(1,), sharing=Sharing.LIVE_STATE),
    **dict.fromkeys(
        "gather gather_for_metrics pad_across_processes all_reduce all_gather broadcast".split(),
        Effect(Gives.PERHAPS, of=(1,), sharing=Sharing.DEVICE),
    ),
    "reduce": Effect(Gives.FRESH, of=(1,), own=False),
    "to_device": Effect(Gives.PERHAPS, of=(1,), sharing=Sharing.DEVICE),
    **dict.fromkeys(
        "clip_grad_norm_ clip_grad_value_ clip_gradients".split(), Effect(Gives.NONE, act=Act.CLIPS, on=(1,))
    ),
    **dict.fromkeys("print wait_for_everyone log".split(), Effect(Gives.NONE)),
    **dict.fromkeys("autocast accumulate no_sync no_backward_sync init_module".split(), _CONTEXT),
}


def _of_tensors(effect: Effect) -> Model:
    """What is known of a function that takes pictures as well, and gives one for one."""
    return lambda shape: effect if shape.kind(0) is Kind.TENSOR else replace(effect, kind=Kind.UNKNOWN, proof=0)


_TRANSFORMS = {
    "normalize": _in_place_at(3),
    "erase": _in_place_at(6),
    "crop": _of_tensors(_BY_LAYOUT),
    "center_crop": _of_tensors(_BY_LAYOUT),
    "convert_image_dtype": _BY_DTYPE,
    "to_tensor": Effect(Gives.PERHAPS, Kind.TENSOR, grad=Grad.NEVER, counter=False, sharing=Sharing.DTYPE),
    **dict.fromkeys(
        "hflip vflip resized_crop perspective adjust_contrast adjust_hue adjust_gamma invert rgb_to_grayscale".split(),
        _of_tensors(_FRESH),
    ),
}
LIBRARIES: dict[str, Model] = {
    "einops.rearrange": _BY_LAYOUT,
    "einops.repeat": replace(_BY_LAYOUT, layout=frozenset({Layout.UNEVEN})),
    "einops.reduce": _FRESH,
    "einops.layers.torch.Rearrange": Effect(
        Gives.FRESH, Kind.MODULE, of=(), family=Family.STATELESS, layout=frozenset({Layout.GIVES_VIEW_BY_LAYOUT})
    ),
    "einops.layers.torch.Reduce": Effect(Gives.FRESH, Kind.MODULE, of=(), family=Family.STATELESS),
    **{f"torchvision.transforms.functional.{name}": model for name, model in _TRANSFORMS.items()},
    **{f"torchvision.transforms.v2.functional.{name}": _TRANSFORMS[name] for name in ("normalize", "erase")},
    "accelerate.Accelerator": Effect(Gives.FRESH, Kind.ACCELERATOR, of=()),
    "lightning.Fabric": Effect(Gives.FRESH, Kind.ACCELERATOR, of=()),
    "lightning.fabric.Fabric": Effect(Gives.FRESH, Kind.ACCELERATOR, of=()),
    "lightning_fabric.Fabric": Effect(Gives.FRESH, Kind.ACCELERATOR, of=()),
    "lightning.pytorch.utilities.move_data_to_device": Effect(Gives.PERHAPS, sharing=Sharing.DEVICE),
    "timm.create_model": Effect(Gives.FRESH, Kind.MODULE, MEDIUM, of=()),
    "timm.models.create_model": Effect(Gives.FRESH, Kind.MODULE, MEDIUM, of=()),
    **{f"timm.utils.{name}": Effect(Gives.COPIED, Kind.MODULE) for name in ("ModelEma", "ModelEmaV2", "ModelEmaV3")},
    "timm.utils.unwrap_model": Effect(Gives.WRAPPED, Kind.MODULE),
}
