package s3ml.agent.doctor;

/// What one check found.
///
/// @param check short name that stays
/// @param state whether a process of ours would run
/// @param code stable, area `AGT-2xx`; empty when all is well
/// @param what the state, or what is wrong and why, with its numbers
/// @param next what to do; empty when all is well
record Finding(String check, State state, String code, String what, String next) {
    /// How bad it is.
    enum State {
        /// As it should be.
        OK,
        /// It would run, but worse than it could, or something could not be found out.
        WARN,
        /// It would not run.
        FAIL
    }

    static Finding ok(String check, String what) {
        return new Finding(check, State.OK, "", what, "");
    }

    static Finding warn(String check, String code, String what, String next) {
        return new Finding(check, State.WARN, code, what, next);
    }

    static Finding fail(String check, String code, String what, String next) {
        return new Finding(check, State.FAIL, code, what, next);
    }

    /// A line for people.
    String line() {
        String told = code.isEmpty() ? what : code + ": " + what + "; " + next;
        return String.format(
                "%-5s %-10s %s",
                state == State.FAIL ? "FAIL" : state.name().toLowerCase(java.util.Locale.ROOT), check, told);
    }

    /// A member of the JSON document.
    String json() {
        return "{\"check\":" + quoted(check) + ",\"state\":"
                + quoted(state.name().toLowerCase(java.util.Locale.ROOT)) + ",\"code\":" + quoted(code) + ",\"what\":"
                + quoted(what) + ",\"next\":" + quoted(next) + "}";
    }

    /// Texts hold what kernel files and servers said, so everything that JSON reserves is escaped.
    private static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < 0x20 || Character.isSurrogate(c) || c == 0x7f) {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }
}
