"""Cards of the Library: a picture, and one base model."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from calotype.domain.models import STARTER_ID, BaseModelCard, ModelFamily, PredictionSource
from calotype.domain.recognised import Prediction
from calotype.ui.look.icons import pixmap as icon_pixmap
from calotype.ui.look.theme import current_palette
from calotype.ui.look.wording import file_size
from calotype.ui.widgets.buttons import icon_button, link_button, quiet_button
from calotype.ui.widgets.card import Card
from calotype.ui.widgets.labels import label


class Cover(QWidget):
    """A rounded square picture, or an icon where there is none."""

    def __init__(self, path: Path | None, icon_name: str, side_px: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pixmap = QPixmap(str(path)) if path else QPixmap()
        self._icon_name = icon_name
        self.setFixedSize(side_px, side_px)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture or the icon."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        box = QRectF(self.rect())
        clip = QPainterPath()
        clip.addRoundedRect(box, 10, 10)
        painter.setClipPath(clip)
        palette = current_palette()
        painter.fillRect(box, QColor(palette.raised))
        if not self._pixmap.isNull():
            side = min(self._pixmap.width(), self._pixmap.height())
            painter.drawPixmap(box, self._pixmap, QRectF(0, 0, side, side))
            return
        mark = icon_pixmap(self._icon_name, palette.muted, 24, self.devicePixelRatioF())
        size = QSize(24, 24)
        painter.drawPixmap(int(box.center().x() - size.width() / 2), int(box.center().y() - size.height() / 2), mark)


class BaseModelRow(Card):
    """One base model. remove_requested, folder_requested, vae_requested: its buttons.

    prediction_chosen: the Prediction that the user takes it to have.
    """

    remove_requested = Signal()
    folder_requested = Signal()
    vae_requested = Signal()
    prediction_chosen = Signal(object)

    def __init__(self, card: BaseModelCard, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setAccessibleName(card.name)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addStretch(1)
        words.addWidget(label(card.name, "heading"))
        words.addWidget(label("  ·  ".join(self._facts(card)), "small"))
        ours = self.tr("Ships with Calotype: small and quick, for trying things out")
        is_starter = card.id == STARTER_ID
        words.addWidget(label(ours if is_starter else str(card.file or card.folder), "small", wraps=True))
        if card.vae:
            text = label(self.tr("with the VAE {name}").format(name=card.vae.name), "small", wraps=True)
            text.setToolTip(str(card.vae))
            words.addWidget(text)
        if card.prediction_source is not PredictionSource.STATED:
            self._add_prediction(words, card)
        words.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(14)
        row.addWidget(Cover(None, "box", 56))
        row.addLayout(words, 1)
        if not is_starter:
            folder = icon_button("folder-open", self.tr("Show {name} in its folder").format(name=card.name))
            vae = icon_button("eye", self.tr("Use another VAE with {name}").format(name=card.name))
            vae.clicked.connect(self.vae_requested)
            remove = icon_button("x", self.tr("Take {name} off the list; its files stay").format(name=card.name))
            folder.clicked.connect(self.folder_requested)
            remove.clicked.connect(self.remove_requested)
            row.addWidget(vae)
            row.addWidget(folder)
            row.addWidget(remove)
        self.body.addLayout(row)

    def _facts(self, card: BaseModelCard) -> list[str]:
        families = {
            ModelFamily.STARTER: self.tr("Starter"),
            ModelFamily.SD1: "Stable Diffusion 1",
            ModelFamily.SD2: "Stable Diffusion 2",
            ModelFamily.SDXL: "Stable Diffusion XL",
        }
        facts = [families[card.family], f"{card.resolution_px} × {card.resolution_px}", file_size(card.size_bytes)]
        return facts[1:] if card.id == STARTER_ID else facts

    def _add_prediction(self, words: QVBoxLayout, card: BaseModelCard) -> None:
        """Say what was assumed that the model predicts, and let it be the other thing."""
        is_v = card.prediction_type == Prediction.V
        other = Prediction.EPSILON if is_v else Prediction.V
        names = {Prediction.EPSILON: self.tr("noise (epsilon)"), Prediction.V: self.tr("velocity (v)")}
        now = names[Prediction.V if is_v else Prediction.EPSILON]
        if card.prediction_source is PredictionSource.CHOSEN:
            text = self.tr("You said that it predicts {prediction}.").format(prediction=now)
        else:
            text = self.tr(
                "Its file does not say what it predicts; from its weights, {prediction} is assumed. If pictures come "
                "out as noise, it is the other."
            ).format(prediction=now)
        button = link_button(self.tr("It predicts {prediction}").format(prediction=names[other]))
        button.clicked.connect(lambda: self.prediction_chosen.emit(other))
        words.addWidget(label(text, "small", wraps=True))
        words.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)


class BrokenModelRow(Card):
    """A base model that was added and cannot be used now. remove_requested: its button."""

    remove_requested = Signal()

    def __init__(self, name: str, problem: str, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        remove = quiet_button(self.tr("Take off the list"))
        remove.setAccessibleName(self.tr("Take {name} off the list").format(name=name))
        remove.clicked.connect(self.remove_requested)
        words = QVBoxLayout()
        words.addWidget(label(name, "heading"))
        words.addWidget(label(problem, "harm", wraps=True))
        row = QHBoxLayout()
        row.setSpacing(14)
        row.addWidget(Cover(None, "file-warning", 56))
        row.addLayout(words, 1)
        row.addWidget(remove)
        self.body.addLayout(row)
