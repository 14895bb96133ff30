package s3ml.aecs.admin;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import s3ml.aecs.Aecs;
import s3ml.aecs.Refusals;
import s3ml.aecs.registry.Limits;
import s3ml.aecs.registry.Registry;
import s3ml.aecs.registry.Versioned;
import s3ml.aecs.state.StateChange;
import s3ml.attest.Measurement;
import s3ml.attest.Policy;
import s3ml.attest.S3mlException;
import s3ml.wire.aecs.CheckPolicy;
import s3ml.wire.aecs.CommandResult;
import s3ml.wire.aecs.EndLease;
import s3ml.wire.aecs.RaiseEpoch;
import s3ml.wire.aecs.RevokeMeasurement;
import s3ml.wire.aecs.SetPolicy;
import s3ml.wire.aecs.state.LeaseRecord;
import s3ml.wire.aecs.state.ServiceRecord;

/// Commands about who gets keys: policies and their epochs, revocation, the end of a lease.
///
/// Each of them also renews the keys that replicas share, so that who loses access does not get the next ones.
final class PolicyActions {
    private final Aecs aecs;
    private final PolicyCheck check;

    PolicyActions(Aecs aecs) {
        this.aecs = aecs;
        this.check = new PolicyCheck(aecs);
    }

    Function<StateChange, CommandResult.Builder> set(Command command, SetPolicy wish) {
        Policy policy = parsed(wish.getPolicyJson());
        return change -> {
            ServiceRecord service = atEpoch(change, command, wish.getService());
            long epoch = service.getPolicyEpoch() + 1;
            ServiceRecord updated = aecs.serviceKeys().rotate(service, aecs.now(), true, true).toBuilder()
                    .setPolicyJson(wish.getPolicyJson())
                    .setPolicyDigest(Roles.bytes(policy.digest().bytes()))
                    .setPolicyEpoch(epoch)
                    .build();
            Registry.putService(change, updated);
            return CommandResult.newBuilder().setVersion(epoch);
        };
    }

    static Policy parsed(ByteString json) {
        if (json.size() > Limits.POLICY_BYTES) {
            throw Refusals.limit("bytes in a policy", Limits.POLICY_BYTES);
        }
        if (!json.isValidUtf8()) {
            throw Refusals.unacceptable("the policy", "it is not UTF-8");
        }
        try {
            return Policy.parse(json.toStringUtf8());
        } catch (S3mlException e) {
            throw Refusals.unacceptable("the policy", String.valueOf(e.getMessage()));
        }
    }

    CommandResult.Builder check(Command command, CheckPolicy wish) {
        parsed(wish.getPolicyJson());
        ServiceRecord service = aecs.state()
                .read(view ->
                        Roles.serviceAdmin(view, command, wish.getService()).value());
        List<LeaseRecord> leases = aecs.state().read(view -> Registry.leases(view, wish.getService()));
        return CommandResult.newBuilder()
                .setVersion(service.getPolicyEpoch())
                .setEffect(check.effect(service, leases, wish.getPolicyJson()));
    }

    Function<StateChange, CommandResult.Builder> raise(Command command, RaiseEpoch wish) {
        return change -> {
            ServiceRecord service = atEpoch(change, command, wish.getService());
            long epoch = service.getPolicyEpoch() + 1;
            ServiceRecord.Builder updated = aecs.serviceKeys().rotate(service, aecs.now(), true, true).toBuilder()
                    .setPolicyEpoch(epoch);
            if (wish.getNow()) {
                updated.setMinimumEpoch(epoch);
            }
            Registry.putService(change, updated.build());
            return CommandResult.newBuilder().setVersion(epoch);
        };
    }

    private static ServiceRecord atEpoch(StateChange change, Command command, String name) {
        ServiceRecord service = Roles.serviceAdmin(change, command, name).value();
        Roles.unchanged("the policy of service \"" + name + "\"", service.getPolicyEpoch(), command);
        return service;
    }

    Function<StateChange, CommandResult.Builder> revoke(Command command, RevokeMeasurement wish) {
        int size = wish.getMeasurement().size();
        if (size != Measurement.SGX_BYTES && size != Measurement.TDX_BYTES) {
            throw Refusals.unacceptable("the measurement", "it has " + size + " bytes, not 32 or 48");
        }
        return change -> {
            Versioned<ServiceRecord> service = Roles.serviceAdmin(change, command, wish.getService());
            Roles.unchanged("service \"" + wish.getService() + "\"", service.version(), command);
            List<ByteString> revoked = new ArrayList<>(service.value().getRevokedMeasurementsList());
            revoked.remove(wish.getMeasurement());
            if (!wish.getLift()) {
                if (revoked.size() >= Limits.REVOKED_MEASUREMENTS) {
                    throw Refusals.limit("revoked measurements", Limits.REVOKED_MEASUREMENTS);
                }
                revoked.add(wish.getMeasurement());
            }
            ServiceRecord updated = aecs.serviceKeys().rotate(service.value(), aecs.now(), true, true).toBuilder()
                    .clearRevokedMeasurements()
                    .addAllRevokedMeasurements(revoked)
                    .build();
            return CommandResult.newBuilder().setVersion(Registry.putService(change, updated));
        };
    }

    Function<StateChange, CommandResult.Builder> endLease(Command command, EndLease wish) {
        return change -> {
            Roles.serviceAdmin(change, command, wish.getService());
            LeaseRecord lease = Registry.lease(change, wish.getService(), wish.getSerial())
                    .orElseThrow(() -> Refusals.notFound("lease \"" + wish.getSerial() + "\""));
            Registry.putLease(change, lease.toBuilder().setEnded(true).build());
            return CommandResult.newBuilder();
        };
    }
}
