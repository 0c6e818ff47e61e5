"""Every table of every capability, so that migrations know them all."""

import app.cases.models
import app.cases.pressure.models
import app.cases.tasks.models
import app.catalogue.models
import app.evaluation.mark_models
import app.evaluation.models
import app.kernel.models
import app.layers.models
import app.notices.models
import app.org.models
import app.parts.campaigns.models
import app.parts.models
import app.patrol.models
import app.places.addresses.models
import app.places.models
import app.reports.models
import app.workflow.models  # noqa: F401
from app.kernel.tables import Base

METADATA = Base.metadata
