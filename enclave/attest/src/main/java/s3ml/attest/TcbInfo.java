package s3ml.attest;

import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;

/// The vendor's TCB information of one kind of platform (Intel PCS API: versions 2 for SGX, 3 for SGX and TDX), read
/// from a document whose signature is verified elsewhere. Immutable.
///
/// @param tee what it is about
/// @param head issue, expiry and evaluation number
/// @param fmspc kind of platform, 6 bytes
/// @param pceId provisioning enclave, 2 bytes
/// @param levels highest first, at least one
/// @param modules TDX modules by major version; the one of version 0 is the module before that scheme
record TcbInfo(TeeType tee, Head head, ByteView fmspc, ByteView pceId, List<TcbLevel> levels, List<TdxModule> modules) {
    private static final int MOST_LEVELS = 256;
    private static final int COMPONENTS = 16;
    private static final String TIME_FORM = "0000-00-00T00:00:00Z";

    /// @param issued seconds since 1970
    /// @param nextUpdate seconds since 1970
    record Head(long issued, long nextUpdate, long evaluationDataNumber) {
        static Head read(JsonObject object) throws Malformed {
            return new Head(
                    seconds(object.string("issueDate")),
                    seconds(object.string("nextUpdate")),
                    natural(object, "tcbEvaluationDataNumber", Integer.MAX_VALUE));
        }
    }

    /// A TDX module that the vendor names.
    ///
    /// @param id `TDX_01` and so on, in upper case; empty for the module before that scheme
    record TdxModule(String id, ByteView mrSigner, ByteView attributes, List<TcbLevel.Simple> levels) {}

    static TcbInfo read(JsonObject object) throws Malformed {
        long version = object.number("version");
        if (version != 2 && version != 3) {
            throw new Malformed("version " + version + "; 2 and 3 are known");
        }
        TeeType tee = version == 2 ? TeeType.SGX : tee(object.string("id"));
        natural(object, "tcbType", Integer.MAX_VALUE);
        List<JsonObject> levelObjects = bounded(object.array("tcbLevels"));
        List<TcbLevel> levels = new ArrayList<>(levelObjects.size());
        for (JsonObject level : levelObjects) {
            levels.add(level(level, version, tee));
        }
        Collections.sort(levels);
        return new TcbInfo(
                tee,
                Head.read(object),
                hex(object.string("fmspc"), 6),
                hex(object.string("pceId"), 2),
                List.copyOf(levels),
                tee == TeeType.TDX ? modules(object) : List.of());
    }

    private static TeeType tee(String id) throws Malformed {
        return switch (id) {
            case "SGX" -> TeeType.SGX;
            case "TDX" -> TeeType.TDX;
            default -> throw new Malformed("id \"" + shorten(id) + "\"; SGX and TDX are known");
        };
    }

    private static TcbLevel level(JsonObject level, long version, TeeType tee) throws Malformed {
        JsonObject tcb = level.object("tcb");
        byte[] components = new byte[COMPONENTS];
        if (version == 2) {
            for (int i = 0; i < COMPONENTS; i++) {
                components[i] = (byte) natural(tcb, String.format(Locale.ROOT, "sgxtcbcomp%02dsvn", i + 1), 0xff);
            }
        } else {
            components = components(tcb.array("sgxtcbcomponents"));
        }
        byte[] tdx = tee == TeeType.TDX ? components(tcb.array("tdxtcbcomponents")) : new byte[0];
        return new TcbLevel(
                ByteView.of(components),
                natural(tcb, "pcesvn", 0xffff),
                ByteView.of(tdx),
                statement(level, OF_PLATFORMS));
    }

    private static byte[] components(JsonArray array) throws Malformed {
        List<JsonObject> objects = array.objects();
        if (objects.size() != COMPONENTS) {
            throw new Malformed(objects.size() + " components, not 16");
        }
        byte[] components = new byte[COMPONENTS];
        for (int i = 0; i < COMPONENTS; i++) {
            components[i] = (byte) natural(objects.get(i), "svn", 0xff);
        }
        return components;
    }

    private static final Set<TcbStatus> OF_PLATFORMS = EnumSet.complementOf(
            EnumSet.of(TcbStatus.TD_RELAUNCH_ADVISED, TcbStatus.TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED));
    private static final Set<TcbStatus> SIMPLE =
            EnumSet.of(TcbStatus.UP_TO_DATE, TcbStatus.OUT_OF_DATE, TcbStatus.REVOKED);

    private static TcbLevel.Statement statement(JsonObject level, Set<TcbStatus> known) throws Malformed {
        String text = level.string("tcbStatus");
        Optional<TcbStatus> status = TcbStatus.parse(text).filter(known::contains);
        if (status.isEmpty()) {
            throw new Malformed("unknown status \"" + shorten(text) + "\"");
        }
        List<String> advisories =
                level.optionalArray("advisoryIDs").map(JsonArray::strings).orElse(List.of());
        return new TcbLevel.Statement(status.get(), seconds(level.string("tcbDate")), advisories);
    }

    private static List<TdxModule> modules(JsonObject object) throws Malformed {
        List<TdxModule> modules = new ArrayList<>();
        modules.add(module("", object.object("tdxModule"), List.of()));
        Optional<JsonArray> identities = object.optionalArray("tdxModuleIdentities");
        if (identities.isPresent()) {
            for (JsonObject identity : bounded(identities.get())) {
                String id = identity.string("id").toUpperCase(Locale.ROOT);
                modules.add(module(id, identity, simpleLevels(identity.array("tcbLevels"))));
            }
        }
        return List.copyOf(modules);
    }

    private static TdxModule module(String id, JsonObject module, List<TcbLevel.Simple> levels) throws Malformed {
        hex(module.string("attributesMask"), 8);
        return new TdxModule(id, hex(module.string("mrsigner"), 48), hex(module.string("attributes"), 8), levels);
    }

    /// The levels of a module or a quoting enclave, highest first.
    static List<TcbLevel.Simple> simpleLevels(JsonArray array) throws Malformed {
        List<TcbLevel.Simple> levels = new ArrayList<>();
        for (JsonObject level : bounded(array)) {
            levels.add(new TcbLevel.Simple(natural(level.object("tcb"), "isvsvn", 0xffff), statement(level, SIMPLE)));
        }
        levels.sort((one, other) -> Integer.compare(other.isvSvn(), one.isvSvn()));
        return List.copyOf(levels);
    }

    private static List<JsonObject> bounded(JsonArray array) throws Malformed {
        List<JsonObject> objects = array.objects();
        if (objects.isEmpty() || objects.size() > MOST_LEVELS) {
            throw new Malformed(objects.size() + " levels; 1 to " + MOST_LEVELS + " are read");
        }
        return objects;
    }

    static int natural(JsonObject object, String member, int most) throws Malformed {
        long number = object.number(member);
        if (number < 0 || number > most) {
            throw new Malformed(member + " is " + number + ", not 0 to " + most);
        }
        return (int) number;
    }

    static ByteView hex(String text, int bytes) throws Malformed {
        if (text.length() != 2 * bytes) {
            throw new Malformed("\"" + shorten(text) + "\" does not have " + 2 * bytes + " hexadecimal digits");
        }
        try {
            return ByteView.of(HexFormat.of().parseHex(text));
        } catch (IllegalArgumentException e) {
            throw new Malformed("\"" + shorten(text) + "\" is not hexadecimal");
        }
    }

    /// A time like `2026-01-31T00:00:00Z`, and in no other form, as seconds since 1970.
    static long seconds(String text) throws Malformed {
        boolean formed = text.length() == TIME_FORM.length();
        for (int i = 0; formed && i < TIME_FORM.length(); i++) {
            char expected = TIME_FORM.charAt(i);
            char actual = text.charAt(i);
            formed = expected == '0' ? actual >= '0' && actual <= '9' : actual == expected;
        }
        if (!formed) {
            throw new Malformed("\"" + shorten(text) + "\" is not a time like 2026-01-31T00:00:00Z");
        }
        try {
            return LocalDateTime.of(
                            decimal(text, 0, 4),
                            decimal(text, 5, 7),
                            decimal(text, 8, 10),
                            decimal(text, 11, 13),
                            decimal(text, 14, 16),
                            decimal(text, 17, 19))
                    .toEpochSecond(ZoneOffset.UTC);
        } catch (DateTimeException e) {
            throw new Malformed("\"" + text + "\" is not a time");
        }
    }

    private static int decimal(String text, int from, int to) {
        return Integer.parseInt(text, from, to, 10);
    }

    private static String shorten(String text) {
        return text.length() <= 40 ? text : text.substring(0, 40) + "…";
    }
}
