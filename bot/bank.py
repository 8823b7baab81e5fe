"""The model bank: every version of the intent model that is kept, its report, and any of them put to use again.

Those that staff taught something lie in DATA_DIR/models, the others in nlu/models; all reports in DATA_DIR/models.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot import models, nlu, reports
from bot.reports import Report, Taught
from flows.errors import Conflict, Invalid, NotFound
from flows.wording import N_


class NoSuchModel(NotFound):
    message = N_("There is no model whose name begins with “{name}”.")


class ManySuchModels(Invalid):
    field = "name"
    message = N_("More than one model has a name that begins with “{name}”: {names}.")


class NobodyTries(Conflict):
    """Chosen while nothing runs, it would keep the next start from ever answering."""

    message = N_(
        "This model was made from another version of the program or its training data. Only a running service can "
        "try whether it loads. Please start the service first."
    )


@dataclass(frozen=True, slots=True)
class Version:
    """A model that is kept. Of other inputs is one that the program as it is now would not train again."""

    path: Path
    name: str
    trained_at: datetime
    taught: Taught
    report: Report | None
    is_in_use: bool
    is_of_other_inputs: bool

    @property
    def examples(self) -> int:
        """How many examples of staff it was taught."""
        return sum(count for intents in self.taught.values() for count in intents.values())


def versions(data_dir: Path) -> list[Version]:
    """Every model that is kept, the latest trained first."""
    in_use, inputs = nlu.model_path(data_dir), nlu.inputs_hash()
    files = [*models.folder(data_dir).glob(models.FILES), *nlu.MODELS.glob(models.FILES)]
    return [
        Version(
            path=path,
            name=str(name),
            trained_at=_trained_at(path),
            taught=reports.count_taught(models.read_examples(data_dir, name.learnt)),
            report=reports.read_report(data_dir, str(name)),
            is_in_use=path == in_use,
            is_of_other_inputs=name.inputs != inputs,
        )
        for path in models.newest(files)
        if (name := models.read_name(path.name))
    ]


def find(kept: Sequence[Version], beginning: str) -> Version:
    """The version of that name, or the only one whose name begins so. Raises NoSuchModel, ManySuchModels."""
    found = [version for version in kept if version.path.name.startswith(beginning)]
    exact = [version for version in found if beginning in (version.name, version.path.name)]
    match exact or found:
        case [version]:
            return version
        case []:
            raise NoSuchModel(name=beginning)
        case several:
            raise ManySuchModels(name=beginning, names=", ".join(version.name for version in several))


def check(version: Version, *, url: str) -> None:
    """Whether the version may be put to use; `url`: where the model in use answers. Raises NobodyTries."""
    if version.is_of_other_inputs and not version.is_in_use and not nlu.serves(url):
        raise NobodyTries


def put_to_use(data_dir: Path, version: Version) -> None:
    """Choose the version; a running service changes to it. Repeating it is harmless."""
    if not version.is_in_use:
        models.activate(data_dir, version.path, before=nlu.model_path(data_dir), inputs=nlu.inputs_hash())


def evaluate(data_dir: Path, model: Path, in_use: Path | None = None, *, at: datetime) -> Report:
    """Ask the model the held-out sentences, and the one in use too; keep the report and return it.

    The one in use gets a report of its own where it has none. Raises EvaluationFailed.
    """
    found = nlu.evaluate(data_dir, [path for path in (in_use, model) if path])
    comparison = None
    if in_use:
        before, now = (found.answers[str(path)] for path in (in_use, model))
        comparison = reports.compare(_name(in_use), found.sentences, before, now)
        if not reports.read_report(data_dir, _name(in_use)):
            reports.write_report(data_dir, _report(data_dir, in_use, found, at))
    report = _report(data_dir, model, found, at, comparison)
    reports.write_report(data_dir, report)
    return report


def drop_old(data_dir: Path) -> None:
    """Of the models that staff taught something keep the latest, the one in use and the one before.

    A report goes with its model.
    """
    folder = models.folder(data_dir)
    models.drop_old(folder.glob(models.FILES), {nlu.model_path(data_dir).name, *models.needed(data_dir)})
    kept = {version.name for version in versions(data_dir)}
    for report in folder.glob("damso-*.json"):
        if report.stem not in kept:
            report.unlink(missing_ok=True)


def _report(
    data_dir: Path,
    model: Path,
    found: reports.Evaluation,
    at: datetime,
    comparison: reports.Comparison | None = None,
) -> Report:
    name = models.read_name(model.name)
    assert name, "a model of ours"
    return Report(
        name=str(name),
        inputs=name.inputs,
        trained_at=_trained_at(model),
        evaluated_at=at,
        taught=reports.count_taught(models.read_examples(data_dir, name.learnt)),
        scores=reports.measure(found.sentences, found.answers[str(model)]),
        compared=comparison,
    )


def _name(model: Path) -> str:
    return model.name.removesuffix(".tar.gz")


def _trained_at(model: Path) -> datetime:
    return datetime.fromtimestamp(model.stat().st_mtime, UTC)
