package s3ml.aecs.admin;

import com.google.protobuf.ByteString;
import s3ml.aecs.Refusals;
import s3ml.aecs.registry.Registry;
import s3ml.aecs.registry.Versioned;
import s3ml.aecs.state.StateView;
import s3ml.wire.aecs.state.AecsRecord;
import s3ml.wire.aecs.state.ServiceRecord;

/// Who may do what.
final class Roles {
    private Roles() {}

    /// Refuses unless an AECS admin signed.
    static void aecsAdmin(StateView view, Command command) {
        if (!isAecsAdmin(view, command)) {
            throw Refusals.notAllowed(command.action(), "an AECS admin");
        }
    }

    static boolean isAecsAdmin(StateView view, Command command) {
        return Registry.aecs(view).value().getAdminsList().stream().anyMatch(command.signers()::contains);
    }

    /// Refuses unless as many AECS admins signed as the threshold says.
    static void aecsAdmins(AecsRecord record, Command command) {
        long signed = record.getAdminsList().stream()
                .filter(command.signers()::contains)
                .count();
        if (signed < record.getThreshold()) {
            throw Refusals.notAllowed(
                    command.action(), record.getThreshold() + " AECS admins together (" + signed + " signed)");
        }
    }

    /// The service, if its admin signed.
    static Versioned<ServiceRecord> serviceAdmin(StateView view, Command command, String name) {
        Versioned<ServiceRecord> service = find(view, command, name);
        if (!command.signers().contains(service.value().getAdminKey())) {
            throw Refusals.notAllowed(command.action(), "the admin of service \"" + name + "\"");
        }
        return service;
    }

    /// The service, if its admin or an AECS admin signed.
    static Versioned<ServiceRecord> eitherAdmin(StateView view, Command command, String name) {
        Versioned<ServiceRecord> service = find(view, command, name);
        if (!command.signers().contains(service.value().getAdminKey()) && !isAecsAdmin(view, command)) {
            throw Refusals.notAllowed(command.action(), "the admin of service \"" + name + "\" or an AECS admin");
        }
        return service;
    }

    /// One service's admin learns nothing of others, not even that they exist.
    private static Versioned<ServiceRecord> find(StateView view, Command command, String name) {
        return Registry.service(view, name).orElseThrow(() -> {
            boolean mayKnow = isAecsAdmin(view, command);
            return mayKnow
                    ? Refusals.notFound("service \"" + name + "\"")
                    : Refusals.notAllowed(command.action(), "the admin of service \"" + name + "\"");
        });
    }

    /// Refuses (`AECS-243`) when the object changed since the admin saw it.
    static void unchanged(String what, long actual, Command command) {
        if (command.expectedVersion() != actual) {
            throw Refusals.conflict(what, command.expectedVersion(), actual);
        }
    }

    static ByteString bytes(byte[] bytes) {
        return ByteString.copyFrom(bytes);
    }
}
