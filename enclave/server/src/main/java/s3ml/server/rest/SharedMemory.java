package s3ml.server.rest;

import java.util.List;
import s3ml.attest.json.JsonArray;
import s3ml.server.engine.Fault;
import s3ml.server.engine.RequestRefused;

/// `/v2/systemsharedmemory` and `/v2/cudasharedmemory`: answered as by a server to which nobody has registered a
/// region, because memory that is shared with the host would leave the enclave.
final class SharedMemory {
    private SharedMemory() {}

    /// @param path below the kind of memory
    static RestReply handle(List<String> path) {
        boolean region = path.size() == 3 && path.getFirst().equals("region");
        String action = path.isEmpty() ? "" : path.getLast();
        if (path.size() == 1 && action.equals("status")) {
            return RestReply.json(200, new JsonArray(List.of()));
        }
        if (region && action.equals("status")) {
            throw new RequestRefused(
                    Fault.NO_SUCH_REGION, "there is no shared memory region " + RequestRefused.quoted(path.get(1)));
        }
        // Clients unregister everything before they begin.
        if ((region || path.size() == 1) && action.equals("unregister")) {
            return RestReply.empty();
        }
        if (region && action.equals("register")) {
            throw new RequestRefused(Fault.NOT_OFFERED, "shared memory would leave the enclave");
        }
        throw RestApi.noSuchPath();
    }
}
