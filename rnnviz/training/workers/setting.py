"""How many processes train: no setting of a network, so it stands in no checkpoint and may always change."""

from rnnviz.training.setting import Setting

MOST_WORKERS = 16
WORKERS = Setting(
    name="workers",
    label="Processor cores",
    group="Training",
    help="processes that train, which each take a part of the batch, or lanes of a race",
    default=1,
    low=1,
    high=MOST_WORKERS,
    at_once=True,
)
