"""What a contract's query may call: one list, by which the run refuses with Spark and `lint` and the program with sqlglot.

Each function answers from its arguments alone, always the same: none reads a clock, a file, the environment or the session,
and none draws at random. None runs other code or raises what it is given, and none makes a long value of a short one.
"""

from collections.abc import Mapping
from types import MappingProxyType

# By name, how many arguments: 255 stands for any number of them.
ALLOWED_FUNCTIONS = """
    count:0-255 count_if:1 sum:1 try_sum:1 avg:1 mean:1 try_avg:1 min:1 max:1 min_by:2 max_by:2 mode:1 median:1
    percentile:2-3 percentile_approx:2-3 approx_percentile:2-3 approx_count_distinct:1-2 collect_set:1
    stddev:1 std:1 stddev_samp:1 stddev_pop:1 variance:1 var_samp:1 var_pop:1 skewness:1 kurtosis:1
    corr:2 covar_pop:2 covar_samp:2 bool_and:1 every:1 bool_or:1 some:1 bit_and:1 bit_or:1 bit_xor:1
    row_number:0 rank:0-255 dense_rank:0-255 percent_rank:0-255 cume_dist:0 ntile:0-1 lag:1-3 lead:1-3

    coalesce:1-255 ifnull:2 nvl:2 nvl2:3 nullif:2 nullifzero:1 zeroifnull:1 if:3 isnull:1 isnotnull:1 isnan:1 nanvl:2
    greatest:2-255 least:2-255 decode:2-255 equal_null:2

    abs:1 sign:1 signum:1 positive:1 negative:1 ceil:1-2 ceiling:1-2 floor:1-2 round:1-2 bround:1-2 mod:2 pmod:2
    sqrt:1 cbrt:1 exp:1 ln:1 log:1-2 log10:1 log2:1 log1p:1 expm1:1 pow:2 power:2 hypot:2 degrees:1 radians:1 pi:0 e:0
    sin:1 cos:1 tan:1 asin:1 acos:1 atan:1 atan2:2 sinh:1 cosh:1 tanh:1 factorial:1 width_bucket:4 bit_count:1
    try_add:2 try_subtract:2 try_multiply:2 try_divide:2 try_mod:2 hex:1 unhex:1 bin:1 conv:3

    length:1 len:1 char_length:1 character_length:1 octet_length:1 bit_length:1 lower:1 lcase:1 upper:1 ucase:1 initcap:1
    trim:1 btrim:1-2 ltrim:1 rtrim:1 left:2 right:2 substr:2-3 substring:2-3 substring_index:3 split_part:3
    concat:1-255 concat_ws:2-255 replace:2-3 translate:3 reverse:1 overlay:3-4 ascii:1 chr:1
    instr:2 locate:2-3 position:2-3 contains:2 startswith:2 endswith:2 like:2 ilike:2 levenshtein:2-3 soundex:1
    regexp:2 regexp_like:2 rlike:2 regexp_count:2 regexp_extract:2-3 regexp_extract_all:2-3 regexp_instr:2-3
    regexp_replace:3-4 regexp_substr:2 split:2-3 find_in_set:2 is_valid_utf8:1
    md5:1 sha:1 sha1:1 sha2:2 crc32:1 hash:1-255 xxhash64:1-255
    get_json_object:2 json_array_length:1 json_object_keys:1 parse_url:2-3 try_parse_url:2-3 url_decode:1 url_encode:1
    base64:1 unbase64:1 luhn_check:1

    cast:1 string:1 int:1 bigint:1 smallint:1 tinyint:1 boolean:1 double:1 float:1 date:1 timestamp:1
    to_number:2 try_to_number:2 to_char:2 to_varchar:2
    to_date:1-2 try_to_date:1-2 to_timestamp:1-2 try_to_timestamp:1-2 make_date:3 date_format:2 date_trunc:2 trunc:2
    date_add:2 date_sub:2 dateadd:2-3 datediff:2-3 date_diff:2-3 add_months:2 months_between:2-3 last_day:1 next_day:2
    extract:1 date_part:2 datepart:2 year:1 quarter:1 month:1 weekofyear:1 day:1 dayofmonth:1 dayofweek:1
    weekday:1 dayofyear:1 dayname:1 monthname:1 hour:1 minute:1 second:1 unix_date:1 date_from_unix_date:1
    unix_seconds:1 unix_millis:1 unix_micros:1 timestamp_seconds:1 timestamp_millis:1 timestamp_micros:1

    array:0-255 size:1 cardinality:1 array_size:1 array_contains:2 array_distinct:1 array_max:1 array_min:1 array_position:2
    array_sort:1-2 sort_array:1-2 array_join:2-3 array_except:2 array_intersect:2 array_union:2 arrays_overlap:2
    array_compact:1 array_remove:2 slice:3 element_at:2 try_element_at:2 get:2 flatten:1 exists:2 forall:2 filter:2
    transform:2 aggregate:3-4 reduce:3-4 zip_with:3 struct:1-255 named_struct:2-255 map:0-255 map_keys:1 map_values:1
    map_contains_key:2 str_to_map:1-3
"""


def _parse_entry(entry: str) -> tuple[str, tuple[int, int]]:
    name, _, number = entry.partition(":")
    least, _, most = number.partition("-")
    return name, (int(least), int(most or least))


FUNCTIONS: Mapping[str, tuple[int, int]] = MappingProxyType(
    dict(_parse_entry(entry) for entry in ALLOWED_FUNCTIONS.split())
)
"""Names in lower case, each with the least and the largest number of its arguments."""
