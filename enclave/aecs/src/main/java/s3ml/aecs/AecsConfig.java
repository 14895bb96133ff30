package s3ml.aecs;

import java.net.URI;
import java.nio.file.Path;
import java.security.PublicKey;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import s3ml.aecs.etcd.EtcdConfig;
import s3ml.protocol.Endpoint;

/// The configuration of one AECS process, checked. It comes from the host and so decides nothing about trust once an
/// AECS exists: admins and policies are then in the sealed state, and the durations have hard bounds.
///
/// @param listen where gRPC is served
/// @param store where records are kept
/// @param rootFile where the sealed root secret waits for a restart
/// @param bootstrap how a new AECS begins; used only while there is none
/// @param pccs base address of the PCCS that serves collateral
/// @param times lifetimes of what is given out
/// @param replicas the other replicas of the same AECS
/// @param witnesses who remembers the log outside of it
/// @param traceFile where spans of calls go whose callers record them; empty: nowhere
public record AecsConfig(
        Listen listen,
        Store store,
        Path rootFile,
        Bootstrap bootstrap,
        URI pccs,
        Times times,
        Replicas replicas,
        Witnesses witnesses,
        Optional<Path> traceFile) {
    /// The most replicas that know each other.
    public static final int MAX_PEERS = 15;
    /// Each is asked in turn at a start, so they bound how long one takes.
    public static final int MAX_WITNESSES = 8;

    public AecsConfig {
        Objects.requireNonNull(listen, "listen");
        Objects.requireNonNull(store, "store");
        Objects.requireNonNull(rootFile, "rootFile");
        Objects.requireNonNull(bootstrap, "bootstrap");
        Objects.requireNonNull(pccs, "pccs");
        Objects.requireNonNull(times, "times");
        Objects.requireNonNull(replicas, "replicas");
        Objects.requireNonNull(witnesses, "witnesses");
        Objects.requireNonNull(traceFile, "traceFile");
    }

    /// A configuration without witnesses and spans.
    public AecsConfig(
            Listen listen, Store store, Path rootFile, Bootstrap bootstrap, URI pccs, Times times, Replicas replicas) {
        this(listen, store, rootFile, bootstrap, pccs, times, replicas, Witnesses.NONE, Optional.empty());
    }

    /// Where the AECS listens.
    ///
    /// @param address an IP address
    /// @param port 0 = the system chooses
    /// @param metricsPort port of Prometheus metrics and health by plain HTTP; empty = none, 0 = the system chooses
    /// @param peerCallsPerSecond what one peer may ask, 1 to 1,000,000; twice as much at once
    public record Listen(String address, int port, Optional<Integer> metricsPort, int peerCallsPerSecond) {
        /// Far above what an honest machine asks, far below what keeps an AECS busy.
        public static final int PEER_CALLS_PER_SECOND = 2_000;

        public Listen(String address, int port, Optional<Integer> metricsPort) {
            this(address, port, metricsPort, PEER_CALLS_PER_SECOND);
        }
    }

    /// Where records are kept.
    public sealed interface Store {}

    /// One SQLite file.
    public record SqliteStore(Path file) implements Store {}

    /// An etcd cluster; all keys begin with `prefix`.
    ///
    /// @param tls the files with which it is spoken to by TLS; empty = plain text
    public record EtcdStore(List<Endpoint> endpoints, String prefix, Optional<EtcdConfig.Tls> tls) implements Store {
        public EtcdStore {
            endpoints = List.copyOf(endpoints);
        }
    }

    /// The other replicas.
    ///
    /// @param peers empty for an AECS that runs alone
    /// @param acceptSigner whether the root may come from a replica of another measurement by the same signer (a
    /// rolling upgrade); the AECS's evidence then says so
    public record Replicas(List<Endpoint> peers, boolean acceptSigner) {
        public Replicas {
            peers = List.copyOf(peers);
        }
    }

    /// The witnesses of the transparency log. At a start each is asked for the newest head it signed, and storage that
    /// is behind it is refused; while the AECS runs they are shown each new head.
    ///
    /// @param all empty = nobody is asked
    /// @param needed how many of them must answer at a start, 0 to their number; 0 = a start goes on without any, with
    /// a warning
    public record Witnesses(List<Witness> all, int needed) {
        /// Nobody is asked.
        public static final Witnesses NONE = new Witnesses(List.of(), 0);

        public Witnesses {
            all = List.copyOf(all);
            if (needed < 0 || needed > all.size()) {
                throw new IllegalArgumentException(needed + " of " + all.size() + " witnesses cannot be needed");
            }
        }
    }

    /// One witness (`s3ml log witness`).
    ///
    /// @param publicKey the key that it prints when it starts
    public record Witness(Endpoint address, PublicKey publicKey) {}

    /// How a new AECS begins.
    ///
    /// @param admins SubjectPublicKeyInfo (DER, base64) of its first admins
    /// @param threshold how many of them replace the set and recover the root
    /// @param create whether to make a new AECS when the store is empty and no peer answers; always so without peers
    public record Bootstrap(List<String> admins, int threshold, boolean create) {
        public Bootstrap {
            admins = List.copyOf(admins);
        }
    }

    /// Lifetimes.
    ///
    /// @param lease how long keys may be used without a fresh appraisal, 1 s to 24 h
    /// @param challenge how long a nonce may be used, 1 s to 5 min
    /// @param ticketKeys how long a TLS ticket key encrypts, 1 min to 7 days
    /// @param hpkeKeys how long an HPKE key is announced, 1 min to 90 days
    public record Times(Duration lease, Duration challenge, Duration ticketKeys, Duration hpkeKeys) {
        /// The defaults: an hour, a minute, a day, a week.
        public static final Times DEFAULT =
                new Times(Duration.ofHours(1), Duration.ofMinutes(1), Duration.ofDays(1), Duration.ofDays(7));
    }
}
