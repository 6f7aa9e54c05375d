import pytest

from rnnviz.engine import ACTIVATIONS, CELLS, LanguageModel
from rnnviz.probes import finite_difference_check, small_specs


@pytest.mark.parametrize("spec", small_specs(), ids=str)
def test_gradients_match_finite_differences(spec):
    checks = finite_difference_check(spec)
    assert {c.parameter for c in checks} == set(spec.parameter_shapes())
    assert all(c.passed and c.worst > 0 for c in checks), [c for c in checks if not c.passed]


def test_all_cells_activations_depths_and_inputs_are_among_the_small_networks():
    specs = small_specs()
    assert {s.cell for s in specs} == set(CELLS)
    assert {(s.activation, s.layers, s.embedding) for s in specs if s.cell == "rnn"} == {
        (a, layers, e) for a in ACTIVATIONS for layers in (1, 2, 3) for e in (0, 3)
    }


def test_a_wrong_gradient_is_found(monkeypatch):
    backward = LanguageModel.backward

    def wrong(self, ws, stop=None):
        backward(self, ws, stop)
        self.parameters.view("weight_hh_l0", "gradients")[0, 1, 2] *= 1.001

    monkeypatch.setattr(LanguageModel, "backward", wrong)
    failed = [c.parameter for c in finite_difference_check(small_specs()[0]) if not c.passed]
    assert failed == ["weight_hh_l0"]


def test_a_gradient_of_nothing_where_the_loss_changes_is_found(monkeypatch):
    backward = LanguageModel.backward

    def wrong(self, ws, stop=None):
        backward(self, ws, stop)
        self.parameters.view("bias_out", "gradients")[...] = 0

    monkeypatch.setattr(LanguageModel, "backward", wrong)
    checks = {c.parameter: c for c in finite_difference_check(small_specs()[0])}
    assert checks["bias_out"].ratio == float("inf") and not checks["bias_out"].passed
    assert checks["weight_hh_l0"].passed


def test_a_check_names_its_network():
    names = {finite_difference_check(spec)[0].network for spec in small_specs()[:12] if spec.layers < 3}
    assert {"rnn tanh, 1 layer, one-hot", "rnn relu, 2 layers, embedding 3"} <= names
