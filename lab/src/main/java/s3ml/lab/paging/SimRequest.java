package s3ml.lab.paging;

/// One request on its way.
///
/// @param model index of its model
/// @param sentAt nanoseconds
record SimRequest(int model, long sentAt) {}
