"""Where rows of a dataset, or words about them, may lie: the prefixes of each bucket that forgetting looks at."""

from collections import defaultdict
from collections.abc import Mapping

from etl.contract.results_layout import KINDS, days_folder, months_folder
from etl.forget.arguments import ForgetArguments
from etl.messages.incidents import incident_prefix
from etl.runtime.arguments import NO_PREFIX
from etl.storage.raw_objects import S3Prefix


def pages_of(arguments: ForgetArguments) -> str:
    """Return the prefix of the dataset's Data Docs in the assets bucket."""
    return f"{arguments.assets.prefix}docs/{arguments.dataset}/"


def results_of(arguments: ForgetArguments) -> list[str]:
    """Return the prefixes of the dataset's results in the assets bucket."""
    folders = [folder(kind, arguments.dataset) for kind in KINDS for folder in (days_folder, months_folder)]
    return [f"{arguments.assets.prefix}{folder}" for folder in folders]


def messages_of(arguments: ForgetArguments) -> list[str]:
    """Return the prefixes of the dataset's messages in the assets bucket: as they wait, and as they were told."""
    return [f"{arguments.assets.prefix}{folder}/{arguments.dataset}/" for folder in ("outbox", "messages")]


def temporary_of(arguments: ForgetArguments) -> str:
    """Return the prefix of what the dataset's jobs and operators left for a while: mended rows among it."""
    return f"{arguments.assets.prefix}temp/{arguments.dataset}/"


def prefixes_by_bucket(arguments: ForgetArguments) -> Mapping[str, list[str]]:
    """Return every prefix whose earlier versions may have a row, by bucket."""
    places = arguments.places
    tables = (places.published, places.quarantine, places.changes, places.ledgers)
    prefixes = [S3Prefix.from_uri(f"{table}/") for table in tables]
    prefixes += [arguments.verdicts, *arguments.answers]
    prefixes += [] if arguments.raw == NO_PREFIX else [arguments.raw]
    if arguments.lineage.startswith("s3://"):
        prefixes.append(S3Prefix.from_uri(arguments.lineage))
    in_assets = [
        pages_of(arguments),
        *results_of(arguments),
        *messages_of(arguments),
        temporary_of(arguments),
        f"{arguments.assets.prefix}{incident_prefix(arguments.dataset)}",
    ]
    by_bucket: dict[str, list[str]] = defaultdict(list)
    for prefix in (*prefixes, *(S3Prefix(arguments.assets.bucket, text) for text in in_assets)):
        if prefix.prefix not in by_bucket[prefix.bucket]:
            by_bucket[prefix.bucket].append(prefix.prefix)
    return by_bucket
