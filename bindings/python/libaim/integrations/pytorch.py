"""PyTorch: how the weights and gradients of a model are distributed."""

from ..objects import Distribution

_NAMES = {"weight": "weights", "bias": "biases"}


def track_params_dists(model, run, step=None, epoch=None):
    """Tracks a distribution for the weights and the biases of each layer, by its place in the model and its class
    (`encoder.Sequential__0.Linear`), with the contexts `{"type": "data", "params": "weights"}` and `"biases"`."""
    _track(model, run, "data", "data", step, epoch)


def track_gradients_dists(model, run, step=None, epoch=None):
    """The same for the gradients, as far as there are some, with `"type": "gradients"`."""
    _track(model, run, "grad", "gradients", step, epoch)


def get_model_layers(model, dt, parent_name=None):
    """The params of each layer of a model, or their gradients (`dt` is 'data' or 'grad'), as arrays: `{layer: {"weight": ...}}`."""
    layers = {}
    for name, module in model.named_children():
        layer = f"{parent_name}__{name}" if parent_name else name
        layer += f".{type(module).__name__}"
        if next(module.children(), None) is not None:
            layers.update(get_model_layers(module, dt, layer))
            continue
        params = ((name, getattr(getattr(module, name, None), dt, None)) for name in _NAMES)
        layers[layer] = {name: get_pt_tensor(param).numpy() for name, param in params if param is not None}
    return layers


def get_pt_tensor(t):
    """A tensor on the host, without what it was computed from."""
    return t.detach().cpu()


def _track(model, run, dt, what, step, epoch):
    for layer, params in get_model_layers(model, dt).items():
        for name, values in params.items():
            context = {"type": what, "params": _NAMES[name]}
            run.track(Distribution(values), name=layer, step=step, epoch=epoch, context=context)
