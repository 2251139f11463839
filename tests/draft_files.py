"""Files as exporters write them, each with the rows that it means: what a draft has to read without an edit."""

from collections.abc import Callable

from tests import draft_csv_files, draft_other_files, draft_service_files, draft_typed_cells
from tests.draft_file import DraftFile

FILES: dict[str, Callable[[], DraftFile]] = {
    make.__name__: make
    for make in (
        draft_csv_files.flags,
        draft_csv_files.named_columns,
        draft_csv_files.commented,
        draft_csv_files.day_first,
        draft_csv_files.month_first,
        draft_service_files.change_log,
        draft_csv_files.events,
        draft_other_files.wei,
        draft_csv_files.totalled,
        draft_csv_files.latin,
        draft_csv_files.line_breaks,
        draft_csv_files.missing,
        draft_csv_files.headless,
        draft_service_files.unloaded,
        draft_service_files.indexed,
        draft_csv_files.padded,
        draft_typed_cells.padded_times,
        draft_typed_cells.grouped_here_and_there,
        draft_typed_cells.blanks_between,
        draft_csv_files.european,
        draft_csv_files.names_twice,
        draft_csv_files.clocks,
        draft_csv_files.airports,
        draft_service_files.shop_orders,
        draft_service_files.analytics,
        draft_service_files.cost_report,
        draft_csv_files.wide_text,
        draft_other_files.json_lines,
        draft_other_files.odd_keys,
        draft_other_files.json_array,
        draft_other_files.json_objects,
        draft_other_files.json_list,
        draft_other_files.json_nested,
        draft_other_files.points_and_lines,
        draft_other_files.pandas_parquet,
        draft_other_files.named_parquet,
    )
}
