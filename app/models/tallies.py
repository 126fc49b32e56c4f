"""What all processes together have counted, for Prometheus."""

from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class Tally(Base):
    """One sample: its name as Prometheus knows it, its labels as sorted JSON, its sum."""

    __tablename__ = "tallies"

    name: Mapped[str] = mapped_column(primary_key=True)
    labels: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[float]
