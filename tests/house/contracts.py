"""Two kinds of import contract that the linter lacks: one library, one room; no library at all."""

import sys
from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class OneRoom(Contract):
    """The libraries may be imported in these rooms and nowhere else, rooms yet to come included."""

    type_name = "one_room"

    libraries = fields.ListField(subfield=fields.StringField())
    rooms = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Find every direct import of a library from outside its rooms."""
        strays = []
        for library in sorted(_strings(self.libraries) & graph.modules):
            for importer in sorted(graph.find_modules_that_directly_import(library)):
                if importer != library and not _inside(importer, _strings(self.rooms)):
                    strays.append(_import(graph, importer, library))
        return ContractCheck(kept=not strays, metadata={"strays": strays})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Name each import and its line."""
        _render(check)


class StandardLibraryOnly(Contract):
    """The modules import nothing but the standard library and what is named as ours."""

    type_name = "standard_library_only"

    modules = fields.ListField(subfield=fields.StringField())
    ours = fields.ListField(subfield=fields.StringField(), required=False, default=[])

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Find every direct import of anything else."""
        strays = []
        for module in sorted(graph.modules):
            if not _inside(module, _strings(self.modules)):
                continue
            for imported in sorted(graph.find_modules_directly_imported_by(module)):
                standard = imported.split(".")[0] in sys.stdlib_module_names
                if not standard and not _inside(imported, _strings(self.ours)):
                    strays.append(_import(graph, module, imported))
        return ContractCheck(kept=not strays, metadata={"strays": strays})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Name each import and its line."""
        _render(check)


def _strings(values: Any) -> set[str]:  # noqa: ANN401 - the linter replaces the field by its value
    return {str(value) for value in values}


def _inside(module: str, rooms: set[str]) -> bool:
    return any(module == room or module.startswith(f"{room}.") for room in rooms)


def _import(graph: ImportGraph, importer: str, imported: str) -> str:
    lines = {
        str(detail["line_number"])
        for detail in graph.get_import_details(importer=importer, imported=imported)
    }
    return f"{importer} imports {imported} (line {', '.join(sorted(lines))})"


def _render(check: ContractCheck) -> None:
    for stray in check.metadata["strays"]:
        output.print_error(f"- {stray}", bold=False)
    output.new_line()
