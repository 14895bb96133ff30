package s3ml.agent;

/// Cumulative paging counters of a host at one moment. Pages are 4 KiB. [#UNKNOWN] where a source cannot tell.
///
/// @param loadedBack pages loaded back (ELDU) since some moment in the past
/// @param evicted pages evicted (EWB) since some moment in the past
/// @param freePages free now
/// @param totalPages usable pages of the host
record PagingCounters(long loadedBack, long evicted, long freePages, long totalPages) {
    static final long UNKNOWN = -1;
}
