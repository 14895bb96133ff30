package s3ml.attest;

import java.util.List;

/// One level of the vendor's: what a platform must reach, and what is said of those that do.
///
/// @param components security versions of the 16 SGX components, a byte each
/// @param pceSvn version of the provisioning enclave
/// @param tdxComponents security versions of the 16 TDX components; empty for SGX
/// @param statement what the vendor says
record TcbLevel(ByteView components, int pceSvn, ByteView tdxComponents, Statement statement)
        implements Comparable<TcbLevel> {
    /// What the vendor says of a level.
    ///
    /// @param tcbDate seconds since 1970
    record Statement(TcbStatus status, long tcbDate, List<String> advisoryIds) {
        Statement {
            advisoryIds = List.copyOf(advisoryIds);
        }
    }

    /// A level of a quoting enclave or a TDX module, by its version.
    record Simple(int isvSvn, Statement statement) {}

    /// The highest level first, as Intel's library sorts them: a document in another order must not hide a better
    /// match.
    @Override
    public int compareTo(TcbLevel other) {
        int bySgx = other.components.compareTo(components);
        int byPce = Integer.compare(other.pceSvn, pceSvn);
        return bySgx != 0 ? bySgx : byPce != 0 ? byPce : other.tdxComponents.compareTo(tdxComponents);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TcbLevel that && compareTo(that) == 0 && statement.equals(that.statement);
    }

    @Override
    public int hashCode() {
        return 31 * pceSvn + statement.hashCode();
    }

    boolean reachedBy(PckExtension pck) {
        for (int i = 0; i < components.length(); i++) {
            if (pck.component(i) < components.u8(i)) {
                return false;
            }
        }
        return pck.pceSvn() >= pceSvn;
    }

    /// Whether the TDX part of the platform reaches the level. A module of a major version above zero is judged by its
    /// own levels, so that its two version bytes are not compared here.
    boolean reachedBy(ByteView teeTcbSvn) {
        for (int i = teeTcbSvn.u8(1) > 0 ? 2 : 0; i < tdxComponents.length(); i++) {
            if (teeTcbSvn.u8(i) < tdxComponents.u8(i)) {
                return false;
            }
        }
        return true;
    }
}
