package s3ml.protocol;

import s3ml.attest.S3mlException;

/// Host and port of a peer, written `host:port`; an IPv6 address stands in brackets.
///
/// Codes: `PRO-107` a text that is no such address.
///
/// @param host name or address, without brackets
/// @param port 1 to 65535
public record Endpoint(String host, int port) {
    private static final int MAX_PORT = 65_535;

    /// RFC 1035 section 2.3.4.
    private static final int MAX_HOST_CHARS = 255;

    public Endpoint {
        if (host.isEmpty() || host.length() > MAX_HOST_CHARS || port < 1 || port > MAX_PORT) {
            throw new IllegalArgumentException("host must not be empty and port within 1..65535");
        }
    }

    /// Reads `host:port` or `[v6]:port`.
    ///
    /// @throws S3mlException `PRO-107`
    public static Endpoint parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon > 0) {
            String host = text.substring(0, colon);
            boolean bracketed = host.startsWith("[") && host.endsWith("]");
            try {
                int port = Integer.parseInt(text.substring(colon + 1));
                if (bracketed || host.indexOf(':') < 0) {
                    return new Endpoint(bracketed ? host.substring(1, host.length() - 1) : host, port);
                }
            } catch (IllegalArgumentException ignored) {
                // Falls through to the refusal, which names the whole text.
            }
        }
        throw new S3mlException(
                "PRO-107",
                "cannot use the address \"" + text + "\"",
                "it is not host:port",
                "write it as 127.0.0.1:7000");
    }

    @Override
    public String toString() {
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }
}
