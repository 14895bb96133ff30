package s3ml.aecs.admin;

import java.util.Optional;
import java.util.function.Function;
import s3ml.aecs.Aecs;
import s3ml.aecs.Refusals;
import s3ml.aecs.release.Denials;
import s3ml.aecs.state.StateChange;
import s3ml.aecs.trust.LogBook;
import s3ml.wire.aecs.AdminCommand;
import s3ml.wire.aecs.CommandResult;

/// From a verified command to what it does in a transaction.
final class Actions {
    private final ServiceActions services;
    private final PolicyActions policies;
    private final SecretActions secrets;
    private final AecsActions aecsItself;
    private final Listings listings;

    Actions(Aecs aecs, LogBook logBook, Denials denials) {
        this.services = new ServiceActions(aecs);
        this.policies = new PolicyActions(aecs);
        this.secrets = new SecretActions(aecs);
        this.aecsItself = new AecsActions(aecs);
        this.listings = new Listings(aecs, logBook, denials);
    }

    /// The result of a command that only looks; empty for one that changes something, and so belongs into the log.
    Optional<CommandResult.Builder> look(Command command) {
        AdminCommand what = command.command();
        return switch (what.getActionCase()) {
            case SHOW_SERVICE -> Optional.of(listings.service(command, what.getShowService()));
            case LIST_SERVICES -> Optional.of(listings.services(command));
            case LIST_SECRETS -> Optional.of(listings.secrets(command, what.getListSecrets()));
            case LIST_DENIALS -> Optional.of(listings.denials(command, what.getListDenials()));
            case SHOW_AECS -> Optional.of(listings.aecs(command));
            case CHECK_POLICY -> Optional.of(policies.check(command, what.getCheckPolicy()));
            default -> Optional.empty();
        };
    }

    /// What the command does. Slow preparation happens here, before the transaction; the function itself can run twice.
    Function<StateChange, CommandResult.Builder> of(Command command) {
        AdminCommand what = command.command();
        return switch (what.getActionCase()) {
            case CREATE_SERVICE -> services.create(command, what.getCreateService());
            case REMOVE_SERVICE -> services.remove(command, what.getRemoveService());
            case PUT_MODEL_KEY -> services.putModel(command, what.getPutModelKey());
            case REMOVE_MODEL_KEY -> services.removeModel(command, what.getRemoveModelKey());
            case PUT_CONFIGURATION -> services.putConfiguration(command, what.getPutConfiguration());
            case ROTATE_SERVICE_KEYS -> services.rotateKeys(command, what.getRotateServiceKeys());
            case SET_SERVICE_NAMES -> services.setNames(command, what.getSetServiceNames());
            case SET_SERVICE_ADMIN -> services.setAdmin(command, what.getSetServiceAdmin());
            case SET_POLICY -> policies.set(command, what.getSetPolicy());
            case RAISE_EPOCH -> policies.raise(command, what.getRaiseEpoch());
            case REVOKE_MEASUREMENT -> policies.revoke(command, what.getRevokeMeasurement());
            case END_LEASE -> policies.endLease(command, what.getEndLease());
            case CREATE_SECRET -> secrets.create(command, what.getCreateSecret());
            case ROTATE_SECRET -> secrets.rotate(command, what.getRotateSecret());
            case REMOVE_SECRET -> secrets.remove(command, what.getRemoveSecret());
            case SET_REPLICA_POLICY -> aecsItself.setReplicaPolicy(command, what.getSetReplicaPolicy());
            case REPLACE_ADMINS -> aecsItself.replaceAdmins(command, what.getReplaceAdmins());
            case MAKE_RECOVERY_SHARES -> aecsItself.makeShares(command, what.getMakeRecoveryShares());
            case SHOW_SERVICE, LIST_SERVICES, LIST_SECRETS, LIST_DENIALS, SHOW_AECS, CHECK_POLICY ->
                throw new IllegalArgumentException(command.action() + " changes nothing");
            case EXPORT_BACKUP -> throw Refusals.malformed("a backup is asked for by Admin.Backup");
            case ACTION_NOT_SET -> throw Refusals.malformed("the command names no action this AECS knows");
        };
    }
}
