"""What the training thread tells, as signals of the GUI thread and as words for people."""

from PySide6.QtCore import QObject, Signal

from rnnviz.gui.run import Run
from rnnviz.gui.telling import continuation_of, message_of
from rnnviz.training import (
    EpochDone,
    Intervened,
    InterventionRefused,
    SettingChanged,
    UpdateRecorded,
    Validated,
    Written,
)


class EventSignals(QObject):
    """One signal for each kind of event that windows want to hear of, `heard` for all of them."""

    epoch_done = Signal(object)  # EpochDone
    validated = Signal(object)  # Validation
    written = Signal(str)  # what the network writes on
    update_recorded = Signal(object)  # UpdateRecord
    setting_changed = Signal(str, object)
    intervened = Signal(object)  # Intervened
    intervention_refused = Signal(object)  # InterventionRefused
    message = Signal(object)  # Message
    heard = Signal(object)  # Event: each that the training thread tells

    def tell(self, event: object, run: Run | None) -> None:
        """Hand an event of this run on."""
        self.heard.emit(event)
        match event:
            case EpochDone():
                self.epoch_done.emit(event)
            case Validated(validation=validation):
                self.validated.emit(validation)
            case Written(ids=ids) if run is not None:
                self.written.emit(continuation_of(run, ids))
            case UpdateRecorded(record=record):
                self.update_recorded.emit(record)
            case SettingChanged(name=name, value=value):
                self.setting_changed.emit(name, value)
            case Intervened():
                self.intervened.emit(event)
            case InterventionRefused():
                self.intervention_refused.emit(event)
        message = message_of(event, run) if run is not None else None
        if message is not None:
            self.message.emit(message)
