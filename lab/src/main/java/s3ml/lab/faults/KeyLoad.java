package s3ml.lab.faults;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import s3ml.attest.S3mlException;
import s3ml.client.admin.AdminClient;
import s3ml.client.log.HeadMemory;
import s3ml.client.log.LogClient;
import s3ml.client.log.SavedLog;
import s3ml.protocol.AecsChannel;
import s3ml.protocol.KeyReleaseClient;
import s3ml.protocol.Lease;
import s3ml.wire.aecs.CommandResult;
import s3ml.wire.aecs.LogEntry;
import s3ml.wire.aecs.LogReceipt;
import s3ml.wire.aecs.PutConfiguration;
import s3ml.wire.aecs.ServiceSummary;
import s3ml.wire.aecs.SetPolicy;
import s3ml.wire.aecs.ShowService;

/// Writes and releases on attested replicas: one admin who counts upwards in a service's configuration, one command
/// after the other by compare-and-set, and an enclave that asks for keys without a pause. Every answer is kept with its
/// receipt.
final class KeyLoad implements AutoCloseable {
    private static final String SERVICE = "load";
    private static final String COUNT = "count";

    private final AecsReplicas replicas;
    private final Path folder;
    /// What was acknowledged, by its index in the transparency log.
    private final Map<Long, LogEntry> receipts = new ConcurrentHashMap<>();
    private final Set<String> refusals = ConcurrentHashMap.newKeySet();
    private final LoadThreads threads = new LoadThreads();
    private volatile long counted;
    private final AtomicLong released = new AtomicLong();

    KeyLoad(AecsReplicas replicas, Path folder) {
        this.replicas = replicas;
        this.folder = folder;
        try (AecsChannel channel = replicas.channel()) {
            AdminClient admin = new AdminClient(channel, replicas.admin());
            admin.execute(command -> command.getCreateServiceBuilder()
                    .setService(SERVICE)
                    .setServiceAdminKey(admin.publicKey())
                    .addNames("load.example"));
            ByteString policy = ByteString.copyFromUtf8(replicas.server().policy());
            admin.execute(command -> command.setSetPolicy(
                    SetPolicy.newBuilder().setService(SERVICE).setPolicyJson(policy)));
        }
    }

    /// What came of a load.
    ///
    /// @param acknowledged commands and leases that were answered
    /// @param lost of them, those whose entry is not in the log or whose effect is gone
    /// @param duplicates commands and leases that stand in the log twice
    record Outcome(long acknowledged, long lost, long duplicates) {}

    KeyLoad start() {
        threads.start("writes", this::writes);
        threads.start("releases", this::releases);
        return this;
    }

    /// Codes and messages of what was refused or failed so far.
    Set<String> refusals() {
        return Set.copyOf(refusals);
    }

    void forgetRefusals() {
        refusals.clear();
    }

    long acknowledged() {
        return receipts.size();
    }

    long released() {
        return released.get();
    }

    /// Waits until `more` further writes and as many releases were answered; false if that takes longer.
    boolean progresses(int more, int seconds) {
        long writes = counted + more;
        long leases = released.get() + more;
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        while (System.nanoTime() < end) {
            if (counted >= writes && released.get() >= leases) {
                return true;
            }
            LoadThreads.pause(20);
        }
        return false;
    }

    private void writes() {
        try (AecsChannel channel = replicas.channel()) {
            AdminClient admin = new AdminClient(channel, replicas.admin());
            while (!threads.stopping()) {
                try {
                    ServiceSummary seen = show(admin);
                    long version = seen.getConfigurationVersion();
                    long count = Long.parseLong(seen.getConfigurationOrDefault(COUNT, "0"));
                    while (!threads.stopping()) {
                        count++;
                        version = write(admin, version, count);
                        counted = count;
                    }
                } catch (S3mlException e) {
                    note(e);
                }
            }
        }
    }

    private static ServiceSummary show(AdminClient admin) {
        return admin.execute(command ->
                        command.setShowService(ShowService.newBuilder().setService(SERVICE)))
                .getServices(0);
    }

    private long write(AdminClient admin, long version, long count) {
        CommandResult result = admin.execute(command -> command.setExpectedVersion(version)
                .setPutConfiguration(
                        PutConfiguration.newBuilder().setService(SERVICE).putEntries(COUNT, Long.toString(count))));
        keep(result.getReceipt());
        return result.getVersion();
    }

    private void releases() {
        try (AecsChannel channel = replicas.channel()) {
            KeyReleaseClient client = new KeyReleaseClient(channel, replicas.server());
            while (!threads.stopping()) {
                try (Lease lease = client.release(SERVICE)) {
                    keep(lease.receipt());
                    released.incrementAndGet();
                } catch (S3mlException e) {
                    note(e);
                }
            }
        }
    }

    private void keep(LogReceipt receipt) {
        try {
            receipts.put(receipt.getIndex(), LogEntry.parseFrom(receipt.getEntry()));
        } catch (com.google.protobuf.InvalidProtocolBufferException e) {
            throw new IllegalStateException("a receipt without an entry", e);
        }
    }

    private void note(S3mlException e) {
        refusals.add(String.valueOf(e.getMessage()));
        LoadThreads.pause(50);
    }

    /// Ends the load and compares what was answered with the whole log, which is verified, and with the service.
    Outcome finish() {
        threads.close();
        Map<Long, LogEntry> log = new HashMap<>();
        try (AecsChannel channel = replicas.channel()) {
            Path saved = folder.resolve("whole.log");
            new LogClient(channel, HeadMemory.open(folder.resolve("heads.json"))).save(saved);
            SavedLog.verify(saved, log::put);
            long held = Long.parseLong(
                    show(new AdminClient(channel, replicas.admin())).getConfigurationOrDefault(COUNT, "0"));
            long lost = receipts.entrySet().stream()
                    .filter(kept -> !kept.getValue().equals(log.get(kept.getKey())))
                    .count();
            return new Outcome(receipts.size(), lost + Math.max(0, counted - held), duplicates(log));
        }
    }

    private static long duplicates(Map<Long, LogEntry> log) {
        Set<ByteString> seen = new HashSet<>();
        return log.values().stream()
                .map(entry -> entry.getLeaseSha256().concat(entry.getCommandSha256()))
                .filter(name -> !name.isEmpty() && !seen.add(name))
                .count();
    }

    @Override
    public void close() {
        threads.close();
    }
}
