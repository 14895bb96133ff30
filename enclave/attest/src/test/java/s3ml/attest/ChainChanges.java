package s3ml.attest;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Certificate chains that are wrong as a whole, made of one that is right.
final class ChainChanges {
    private static final byte[] P_256 = {0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x03, 0x01, 0x07};
    private static final int LONGEST = 3;
    private static final byte[] P_384_TWIN = twin();

    private ChainChanges() {}

    /// The chains, by what is wrong with them; none when `pem` holds no certificates.
    static Map<String, byte[]> of(byte[] pem) {
        List<byte[]> right;
        try {
            right = Pem.blocks(pem, 0, pem.length, "CERTIFICATE");
        } catch (Malformed e) {
            return Map.of();
        }
        Map<String, byte[]> wrong = new LinkedHashMap<>();
        if (right.isEmpty()) {
            return wrong;
        }
        wrong.putAll(disordered(right));
        for (int i = 0; i < right.size(); i++) {
            List<byte[]> longer = new ArrayList<>(right);
            longer.add(right.get(i));
            wrong.put("twice " + i, pem(longer));
            List<byte[]> shorter = new ArrayList<>(right);
            shorter.remove(i);
            // A chain with one too many would be mended.
            if (right.size() <= LONGEST) {
                wrong.put("without " + i, pem(shorter));
            }
            List<byte[]> replaced = new ArrayList<>(right);
            replaced.set(i, P_384_TWIN);
            wrong.put("of another maker and curve " + i, pem(replaced));
            replaced.set(i, onAnotherCurve(right.get(i)));
            wrong.put("on another curve " + i, pem(replaced));
        }
        List<byte[]> foreign = new ArrayList<>(right);
        foreign.addFirst(P_384_TWIN);
        wrong.put("foreign first", pem(foreign));
        return wrong;
    }

    /// The same certificates in every order but the right one; of long chains, which are wrong already, reversed only.
    static Map<String, byte[]> disordered(byte[] pem) throws Malformed {
        return disordered(Pem.blocks(pem, 0, pem.length, "CERTIFICATE"));
    }

    private static Map<String, byte[]> disordered(List<byte[]> right) {
        Map<String, byte[]> orders = new LinkedHashMap<>();
        if (right.size() > LONGEST) {
            orders.put("reversed", pem(right.reversed()));
            return orders;
        }
        permute(right, List.of(), orders);
        orders.values().removeIf(order -> Arrays.equals(order, pem(right)) || inOrder(order));
        return orders;
    }

    private static boolean inOrder(byte[] pem) {
        try {
            return ChainOrder.rootOf("chain", Pem.certificates(pem, 0, pem.length)) != null;
        } catch (Refusal | Malformed e) {
            return false;
        }
    }

    private static void permute(List<byte[]> right, List<Integer> places, Map<String, byte[]> orders) {
        if (places.size() == right.size()) {
            orders.put(
                    "in the order " + places,
                    pem(places.stream().map(right::get).toList()));
            return;
        }
        for (int i = 0; i < right.size(); i++) {
            if (!places.contains(i)) {
                List<Integer> longer = new ArrayList<>(places);
                longer.add(i);
                permute(right, longer, orders);
            }
        }
    }

    private static byte[] pem(List<byte[]> blocks) {
        StringBuilder text = new StringBuilder();
        blocks.forEach(block -> text.append(TestPki.pem(block)));
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    /// The same certificate, but that it says its key is on P-192.
    private static byte[] onAnotherCurve(byte[] der) {
        byte[] changed = der.clone();
        for (int i = 0; i + P_256.length <= changed.length; i++) {
            if (Arrays.equals(changed, i, i + P_256.length, P_256, 0, P_256.length)) {
                changed[i + P_256.length - 1] = 1;
            }
        }
        return changed;
    }

    private static byte[] twin() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp384r1"));
            KeyPair keys = generator.generateKeyPair();
            Instant now = TestPlatform.AT;
            return TestPki.certificate(
                    new TestPki.Subject("Intel SGX PCK Certificate", 9, false, List.of()),
                    keys,
                    "Intel SGX Root CA",
                    keys.getPrivate(),
                    new Instant[] {now, now.plus(Duration.ofDays(1))});
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
