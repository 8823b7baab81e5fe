"""A plan from a file and to a file: YAML or a spreadsheet."""

from dataclasses import dataclass
from typing import Any, Literal

import yaml
from pydantic import ValidationError

from flows.commitments import sheets
from flows.commitments.documents import PlanDocument
from flows.commitments.faults import BadDocument, Fault, Path, Where, faults_of
from flows.errors import Invalid
from flows.wording import N_, Lang, text

type PlanFormat = Literal["yaml", "xlsx"]
FILE_MOST_BYTES = 2 * 1024 * 1024
IS_ZIP = b"PK\x03\x04"


class NoPlanFile(Invalid):
    field = "file"
    message = N_("This is neither a spreadsheet (XLSX) nor a YAML file that can be read. Nothing was changed.")


class FileTooLarge(Invalid):
    field = "file"
    message = N_("The file is larger than {most} MB. Nothing was changed.")


@dataclass(frozen=True, slots=True)
class PlanFile:
    """What a file says, and how a place in it is called."""

    document: PlanDocument
    where: Where


def write_file(document: PlanDocument, form: PlanFormat) -> bytes:
    """The plan as a file that `read_file` reads to the same. Takes CPU: about as long as a spreadsheet is large."""
    if form == "xlsx":
        return sheets.written(document)
    tree = document.model_dump(mode="json", exclude_none=True)
    return yaml.safe_dump(tree, allow_unicode=True, sort_keys=False, width=110).encode()


def read_file(data: bytes) -> PlanFile:
    """What the file says, checked for its shape. Raises NoPlanFile, FileTooLarge, BadDocument."""
    if len(data) > FILE_MOST_BYTES:
        raise FileTooLarge(most=FILE_MOST_BYTES // 1024 // 1024)
    faults: list[Fault] = []
    where: Where
    if data.startswith(IS_ZIP):
        try:
            tree, cells, faults = sheets.read(data)
        except sheets.NoBook as broken:
            raise NoPlanFile from broken
        where = cells.place
        if not tree:
            raise BadDocument(faults, where)
    else:
        tree, lines = _read_yaml(data)
        where = lines.place
    try:
        document = PlanDocument.model_validate(tree)
    except ValidationError as wrong:
        raise BadDocument([*faults, *faults_of(wrong.errors())], where) from wrong
    if faults:
        raise BadDocument(faults, where)
    return PlanFile(document, where)


@dataclass(frozen=True, slots=True)
class Lines:
    """On which line of a YAML file an entry stands."""

    root: yaml.Node

    def place(self, path: Path, lang: Lang) -> str:
        node = self.root
        for part in path:
            inside = _inside(node, part)
            if inside is None:
                break
            node = inside
        field = ".".join(str(part) for part in path if isinstance(part, str))
        return text(lang, N_("Line {line}, {field}"), line=node.start_mark.line + 1, field=field)


def _read_yaml(data: bytes) -> tuple[Any, Lines]:
    try:
        written = data.decode("utf-8-sig")
        # An alias may stand for itself a million times over; a plan needs none.
        if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(written)):
            raise NoPlanFile
        root, tree = yaml.compose(written, yaml.SafeLoader), yaml.safe_load(written)
    except (UnicodeDecodeError, yaml.YAMLError, RecursionError, ValueError) as broken:
        raise NoPlanFile from broken
    if root is None or not isinstance(tree, dict):
        raise NoPlanFile
    return tree, Lines(root)


def _inside(node: yaml.Node, part: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == part), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        found: yaml.Node = node.value[part]
        return found
    return None
