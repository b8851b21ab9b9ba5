/** How vtgate treats a session variable (go/vt/sysvars/sysvars.go); all others are refused. */
export type VariableTreatment = "applied" | "swallowed" | "read-only" | "refused";

const applied = new Set(
  (
    "autocommit default_week_format end_markers_in_json eq_range_index_dive_limit explicit_defaults_for_timestamp " +
    "foreign_key_checks group_concat_max_len information_schema_stats_expiry innodb_lock_wait_timeout " +
    "max_heap_table_size max_seeks_for_key max_tmp_tables min_examined_row_limit optimizer_prune_level " +
    "optimizer_search_depth optimizer_switch range_alloc_block_size range_optimizer_max_mem_size read_buffer_size " +
    "read_rnd_buffer_size show_create_table_verbosity sort_buffer_size sql_big_selects sql_mode sql_notes " +
    "sql_quote_show_create sql_safe_updates sql_select_limit sql_warnings time_zone tmp_table_size " +
    "transaction_isolation unique_checks updatable_views_with_limit"
  ).split(" "),
);

/** Vitess's own session settings, those it ignores, and those it only compares with the shard's value. */
const swallowed = new Set(
  (
    "client_found_rows skip_query_plan_cache tx_read_only transaction_read_only transaction_mode ddl_strategy workload " +
    "session_uuid migration_context enable_system_settings read_after_write_gtid read_after_write_timeout " +
    "session_track_gtids query_timeout transaction_timeout " +
    "big_tables bulk_insert_buffer_size debug default_storage_engine default_tmp_storage_engine innodb_strict_mode " +
    "innodb_table_locks join_buffer_size lc_messages long_query_time low_priority_updates net_buffer_length " +
    "sql_buffer_result wait_timeout " +
    "binlog_format block_encryption_mode character_set_client character_set_connection character_set_database " +
    "character_set_filesystem character_set_results character_set_server collation_connection collation_database " +
    "collation_server completion_type div_precision_increment interactive_timeout lc_time_names lock_wait_timeout " +
    "max_allowed_packet max_error_count max_execution_time max_join_size max_length_for_sort_data max_sort_length " +
    "net_read_timeout net_retry_count net_write_timeout session_track_schema session_track_state_change " +
    "session_track_system_variables session_track_transaction_info sql_auto_is_null"
  ).split(" "),
);

export function treatmentOf(variable: string): VariableTreatment {
  if (applied.has(variable)) return "applied";
  if (swallowed.has(variable)) return "swallowed";
  return ["version", "version_comment", "socket"].includes(variable) ? "read-only" : "refused";
}
