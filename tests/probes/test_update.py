import numpy as np
import pytest

from rnnviz.probes import record_window
from tests.engine.networks import network, window


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu"])
@pytest.mark.parametrize("layers", [1, 2])
def test_the_shares_are_the_steps_parts_of_the_recurrent_gradient(activation, layers):
    T, model = 6, network(activation=activation, layers=layers)
    tokens, targets, state = window(model, T, 3)
    record = record_window(
        model,
        tokens=tokens[:, 0],
        targets=targets[:, 0],
        initial_state=state[:, :, :1],
        words=[f"w{i}" for i in tokens[:, 0]],
        spelling=[f"w{i}" for i in range(11)],
    )
    trace = record.before
    assert record.weight_share.shape == (T, layers) and record.after is None
    np.testing.assert_array_equal(trace.hidden[0], state[:, 0, 0])
    np.testing.assert_array_equal(trace.targets, targets[:, 0])
    assert trace.target_words.tolist() == [f"w{i}" for i in targets[:, 0]]
    ws = model.workspace(T, 1)
    model.forward(ws, tokens[:, :1], targets[:, :1], state[:, :, :1])
    model.backward(ws)
    for layer in range(layers):
        dpre = trace.slope[:, layer] * trace.dloss_dhidden[1:, layer]
        parts = np.einsum("th,tj->thj", dpre, trace.hidden[:-1, layer])
        np.testing.assert_allclose(
            record.weight_share[:, layer], np.linalg.norm(parts, axis=(1, 2)), rtol=1e-11, atol=1e-15
        )
        whole = model.parameters.export("gradients")[f"weight_hh_l{layer}"]
        np.testing.assert_allclose(parts.sum(axis=0) / T, whole, rtol=1e-10, atol=1e-14)
