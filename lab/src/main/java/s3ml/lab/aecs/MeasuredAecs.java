package s3ml.lab.aecs;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import s3ml.aecs.Aecs;
import s3ml.aecs.AecsConfigLoader;
import s3ml.aecs.AecsProcess;
import s3ml.aecs.AuditLog;
import s3ml.attest.Platform;
import s3ml.sim.platform.SimulatedPlatform;

/// An AECS in a process of its own, as the lab measures it. Its audit lines are made but go nowhere.
final class MeasuredAecs {
    private MeasuredAecs() {}

    /// Serves until it is killed.
    ///
    /// @param arguments the platform's folder, the configuration file
    public static void main(String[] arguments) throws InterruptedException {
        InstantSource clock = InstantSource.system();
        SimulatedPlatform platform = SimulatedPlatform.open(Path.of(arguments[0]), clock);
        LabEnclave enclave = new LabEnclave(platform, "aecs");
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        try (AecsProcess process = AecsProcess.start(
                new Platform(enclave, enclave),
                AecsConfigLoader.load(Path.of(arguments[1])),
                LabEnclave.collateral(platform),
                new Aecs.Context(clock, new SecureRandom(), new AuditLog(nowhere, clock, true)))) {
            System.out.println(process.port());
            System.out.flush();
            Thread.currentThread().join();
        }
    }
}
