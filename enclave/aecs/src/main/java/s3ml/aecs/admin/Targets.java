package s3ml.aecs.admin;

import s3ml.wire.aecs.AdminCommand;

/// Which service a command is about.
final class Targets {
    private Targets() {}

    /// The service's name; empty for commands about the AECS itself.
    static String service(AdminCommand command) {
        return switch (command.getActionCase()) {
            case CREATE_SERVICE -> command.getCreateService().getService();
            case SET_POLICY -> command.getSetPolicy().getService();
            case PUT_MODEL_KEY -> command.getPutModelKey().getService();
            case REMOVE_MODEL_KEY -> command.getRemoveModelKey().getService();
            case SHOW_SERVICE -> command.getShowService().getService();
            case PUT_CONFIGURATION -> command.getPutConfiguration().getService();
            case REMOVE_SERVICE -> command.getRemoveService().getService();
            case CHECK_POLICY -> command.getCheckPolicy().getService();
            case RAISE_EPOCH -> command.getRaiseEpoch().getService();
            case REVOKE_MEASUREMENT -> command.getRevokeMeasurement().getService();
            case END_LEASE -> command.getEndLease().getService();
            case CREATE_SECRET -> command.getCreateSecret().getService();
            case ROTATE_SECRET -> command.getRotateSecret().getService();
            case REMOVE_SECRET -> command.getRemoveSecret().getService();
            case LIST_SECRETS -> command.getListSecrets().getService();
            case LIST_DENIALS -> command.getListDenials().getService();
            case ROTATE_SERVICE_KEYS -> command.getRotateServiceKeys().getService();
            case SET_SERVICE_NAMES -> command.getSetServiceNames().getService();
            case SET_SERVICE_ADMIN -> command.getSetServiceAdmin().getService();
            case LIST_SERVICES,
                    SET_REPLICA_POLICY,
                    REPLACE_ADMINS,
                    MAKE_RECOVERY_SHARES,
                    SHOW_AECS,
                    EXPORT_BACKUP,
                    ACTION_NOT_SET -> "";
        };
    }
}
