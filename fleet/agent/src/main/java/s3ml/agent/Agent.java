package s3ml.agent;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// A running agent: one thread samples, publishes and reports.
final class Agent implements AutoCloseable {
    private final HostSampler sampler;
    private final Exporter exporter;
    private final Optional<ReportStream> stream;
    private final Duration interval;
    private final CountDownLatch ending = new CountDownLatch(1);
    private final Thread thread;

    private Agent(HostSampler sampler, Exporter exporter, Optional<ReportStream> stream, Duration interval) {
        this.sampler = sampler;
        this.exporter = exporter;
        this.stream = stream;
        this.interval = interval;
        this.thread = Thread.ofVirtual().name("sampler").unstarted(this::run);
    }

    static Agent start(AgentConfig config) throws IOException {
        Exporter exporter = Exporter.start(config.metrics());
        try {
            Optional<ReportStream> stream =
                    config.control().map(address -> ReportStream.connect(address, config.interval()));
            Agent agent = new Agent(new HostSampler(config), exporter, stream, config.interval());
            Runtime.getRuntime().addShutdownHook(new Thread(agent.ending::countDown));
            agent.thread.start();
            return agent;
        } catch (RuntimeException failed) {
            exporter.close();
            throw failed;
        }
    }

    private void run() {
        boolean ended = false;
        while (!ended) {
            long now = System.nanoTime();
            HostSampler.Sample sample =
                    sampler.sample(now, stream.map(ReportStream::scrapes).orElse(List.of()));
            exporter.publish(sample);
            stream.ifPresent(open -> open.offer(sample, now));
            Duration pause = stream.map(ReportStream::interval).orElse(interval);
            try {
                ended = ending.await(pause.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException interrupted) {
                ended = true;
            }
        }
    }

    int metricsPort() {
        return exporter.port();
    }

    String sourceName() {
        return sampler.sourceName();
    }

    /// Reports answered by the control plane.
    long reportsAnswered() {
        return stream.map(ReportStream::answered).orElse(0L);
    }

    void awaitEnd() throws InterruptedException {
        ending.await();
    }

    @Override
    public void close() {
        ending.countDown();
        try {
            thread.join(Duration.ofSeconds(2));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        stream.ifPresent(ReportStream::close);
        exporter.close();
    }
}
