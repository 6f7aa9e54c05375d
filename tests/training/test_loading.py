"""Loading beside whatever runs: progress, cancelling, and every exception as a message for people."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from rnnviz.text import TextTooShort, read_text
from rnnviz.training import (
    DoesNotFit,
    Experiment,
    Job,
    RunSettings,
    SettingError,
    TrainingError,
    prepare,
    rebuild,
)
from tests.training.runs import bits, small_experiment, small_settings, small_text


def finished(job: Job[object]) -> str:
    job.start()
    job.join(20)
    return job.poll()


def test_a_job_ends_with_its_result() -> None:
    seen = []

    def work(progress: Callable[[float, str], None], cancelled: Callable[[], bool]) -> str:
        progress(0.5, "reading")
        seen.append((threading.current_thread().name, threading.current_thread().daemon, cancelled()))
        return "text"

    job: Job[object] = Job(work)
    assert job.poll() == "running" and job.progress == (0.0, "")
    job.join(0)  # not begun: nothing to wait for
    assert finished(job) == "done"
    assert job.result == "text" and job.error == "" and job.progress == (0.5, "reading")
    assert seen == [("loading", False, False)]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            TextTooShort("3 words are too few. Open a longer text."),
            "3 words are too few. Open a longer text.",
        ),
        (SettingError("hidden", "--hidden must be at least 1."), "--hidden must be at least 1."),
        (TrainingError("Lower --hidden."), "Lower --hidden."),
        (MemoryError(), "not enough free memory"),
        (PermissionError(13, "Permission denied"), "could not be read (Permission denied)"),
        (ZeroDivisionError("oops"), "A fault in the program (ZeroDivisionError: oops)"),
    ],
)
def test_every_exception_becomes_a_message(error: Exception, words: str) -> None:
    def work(*_: object) -> object:
        raise error

    job: Job[object] = Job(work)
    assert finished(job) == "failed"
    assert words in job.error and job.exception is error
    with pytest.raises(RuntimeError):
        _ = job.result


def test_a_cancelled_job_is_no_failure() -> None:
    begun = threading.Event()

    def work(progress: object, cancelled: Callable[[], bool]) -> object:
        begun.set()
        while not cancelled():
            pass
        raise RuntimeError("half done")

    job: Job[object] = Job(work)
    job.start()
    assert begun.wait(5)
    job.cancel()
    job.join(1)
    assert not job.is_alive()
    assert job.poll() == "cancelled"


def test_a_result_that_comes_after_cancelling_is_dropped() -> None:
    def work(*_: object) -> object:
        job.cancel()
        return "text"

    job: Job[object] = Job(work)
    assert finished(job) == "cancelled"


@pytest.mark.parametrize("tokens", ["word", "char"])
def test_closing_in_the_middle_of_loading_ends_the_thread_within_a_second(
    tokens: str, tmp_path: Path
) -> None:
    path = tmp_path / "large.txt"
    path.write_text("Napoleon was the Emperor of France, and he knew it well. " * 400_000, encoding="utf-8")
    begun = threading.Event()

    def work(progress: Callable[[float, str], None], cancelled: Callable[[], bool]) -> Experiment:
        def report(share: float, doing: str) -> None:
            progress(share, doing)
            begun.set()

        return prepare(path, small_settings(tokens=tokens), report, cancelled)

    job = Job(work)
    job.start()
    assert begun.wait(20)
    job.cancel()
    job.join(1)
    assert not job.is_alive()
    assert job.poll() == "cancelled"


def test_a_path_a_text_and_an_experiment_prepare_the_same_run(tmp_path: Path) -> None:
    path = tmp_path / "emperors.txt"
    path.write_bytes("\n".join(small_text().lines(0, small_text().n_lines)).encode())
    from_path = prepare(path, small_settings())
    assert bits(from_path) == bits(prepare(read_text(path), small_settings()))
    assert bits(from_path) == bits(prepare(from_path, small_settings()))
    assert from_path.text is not None and from_path.text.name == "emperors.txt"


def test_a_short_text_is_read_in_as_many_sequences_as_it_has_room_for() -> None:
    text = small_text(8)
    long = prepare(text, small_settings(window=4, batch=2), suit=True)
    n = len(long.corpus.train_ids)
    assert long.settings.experiment.batch == 2, "it has room"
    for window in (4, 7, n - 1):
        short = prepare(text, small_settings(window=window, batch=500), suit=True)
        assert short.settings.experiment.batch == (n - 1) // window
        assert short.settings.experiment.window == window
        short.update()
    with pytest.raises(TextTooShort, match="window"):
        prepare(text, small_settings(window=n, batch=500), suit=True)
    with pytest.raises(TextTooShort, match="lower the batch"):
        prepare(text, small_settings(window=4, batch=500))


def test_progress_goes_once_from_nothing_to_all(tmp_path: Path) -> None:
    path = tmp_path / "emperors.txt"
    path.write_text("Napoleon was the Emperor of France. " * 20_000)
    seen: list[tuple[float, str]] = []
    prepare(path, small_settings(), lambda share, doing: seen.append((share, doing)))
    shares = [share for share, _ in seen]
    assert shares == sorted(shares)
    assert 0 <= shares[0] < 0.5 and shares[-1] == pytest.approx(1)
    assert all(doing for _, doing in seen)


def test_another_network_uses_the_corpus_again() -> None:
    experiment = small_experiment()
    other = rebuild(experiment, small_settings(hidden=7, batch=2, seed=3))
    assert other.corpus is experiment.corpus and other.text is experiment.text
    assert other.lanes[0].model.spec.hidden == 7


@pytest.mark.parametrize(
    "values", [{"tokens": "char"}, {"vocabulary": 5}, {"lowercase": True}, {"valid_fraction": 0.4}]
)
def test_other_tokens_need_the_text_read_again(values: dict[str, object]) -> None:
    experiment = small_experiment()
    other = rebuild(experiment, small_settings(**values))
    assert other.corpus is not experiment.corpus
    assert bits(other) == bits(prepare(small_text(), small_settings(**values)))


def test_other_tokens_without_the_text_are_refused() -> None:
    experiment = Experiment.create(small_experiment().corpus, small_settings())
    with pytest.raises(TrainingError, match="Open the text"):
        rebuild(experiment, small_settings(tokens="char"))


@pytest.mark.parametrize(("tokens", "needed"), [("word", "10.0"), ("char", "25.0")])
def test_a_text_of_5_gb_is_refused_before_it_is_read(
    tokens: str, needed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rnnviz.training.machine_memory.free_memory", lambda: 3_000_000_000)
    with (tmp_path / "huge.txt").open("wb") as file:
        file.truncate(5_000_000_000)  # a hole: it takes no room on the disk
    said = rf"huge.txt has 5.0 GB. Reading it takes about {needed} GB .* 3.0 GB are free. Cut it"
    with pytest.raises(DoesNotFit, match=said):
        prepare(tmp_path / "huge.txt", RunSettings().with_values({"tokens": tokens}))
