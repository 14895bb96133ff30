package s3ml.aecs.registry;

import java.net.InetAddress;
import java.util.regex.Pattern;

/// Which names may become parts of record names, certificates and messages.
public final class Names {
    /// Services and tenants: a DNS label, because they end up in host names and file names.
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    /// Models, versions and secrets.
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

    private static final Pattern DNS =
            Pattern.compile("(\\*\\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
    private static final int MAX_DNS = 253;

    private Names() {}

    public static boolean isLabel(String name) {
        return LABEL.matcher(name).matches();
    }

    public static boolean isWord(String name) {
        return WORD.matcher(name).matches();
    }

    /// Whether it is an IP address as text, rather than a DNS name.
    public static boolean isAddress(String name) {
        if (IPV4.matcher(name).matches() || name.contains(":")) {
            try {
                // A literal: no resolver is asked.
                return InetAddress.ofLiteral(name) != null;
            } catch (IllegalArgumentException e) {
                return false;
            }
        }
        return false;
    }

    /// Whether it can stand in a certificate.
    public static boolean isHost(String name) {
        return isAddress(name)
                || (name.length() <= MAX_DNS
                        && DNS.matcher(name).matches()
                        && !IPV4.matcher(name).matches());
    }

    /// The bytes of an address.
    public static byte[] address(String literal) {
        return InetAddress.ofLiteral(literal).getAddress();
    }
}
