package s3ml.sim.loader;

import java.util.HexFormat;
import s3ml.attest.Platform;
import s3ml.attest.ReportData;
import s3ml.attest.SealTo;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.sim.enclave.PlatformConnection;

/// The smallest enclave: shows what its platform gives it, and waits. Started by tests as a process.
final class ProbeEnclave {
    private ProbeEnclave() {}

    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length == 1 && arguments[0].equals("--fail")) {
            System.err.println("the probe fails because it was told to");
            System.exit(3);
        }
        Platform platform = PlatformConnection.fromStandardInput();
        byte[] context = {1};
        System.out.println(Json.write(JsonObject.builder()
                .put("quote", hex(platform.issuer().issue(ReportData.of(new byte[64]))))
                .put("enclaveKey", key(platform, SealTo.ENCLAVE, context))
                .put("signerKey", key(platform, SealTo.SIGNER, context))
                .put("environment", JsonArray.ofStrings(System.getenv().keySet()))
                .build()));
        System.out.flush();
        Thread.currentThread().join();
    }

    private static String key(Platform platform, SealTo to, byte[] context) {
        return platform.sealingKeys().derive(to, context).expose(ProbeEnclave::hex);
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
