package s3ml.client.attest;

import java.util.HexFormat;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import s3ml.attest.Quote;
import s3ml.attest.QuoteBody;
import s3ml.attest.SgxReport;
import s3ml.attest.TdReport;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;
import s3ml.client.options.JsonOption;

/// `s3ml quote`: prints a quote field by field. Nothing of it is verified.
@Command(name = "quote", description = "Print a quote field by field, without judging it.")
public final class QuoteCommand implements Callable<Integer> {
    private static final HexFormat HEX = HexFormat.of();

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "show this help")
    @SuppressWarnings("UnusedVariable")
    private boolean help;

    @Parameters(
            paramLabel = "QUOTE|CERT|BUNDLE|URL",
            description = "a file of any of these kinds, or https://HOST:PORT")
    private String input = "";

    @Mixin
    private JsonOption json = new JsonOption();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /// For picocli.
    public QuoteCommand() {}

    @Override
    public Integer call() {
        JsonObject fields = fields(Quote.parse(EvidenceInput.of(input).quote().bytes()));
        if (json.wanted()) {
            json.print(fields);
            return 0;
        }
        print(fields, "");
        return 0;
    }

    private void print(JsonObject fields, String indent) {
        fields.members().forEach((name, value) -> {
            if (value instanceof JsonObject part) {
                spec.commandLine().getErr().println(indent + name);
                print(part, indent + "  ");
            } else {
                String text = Json.write(value).replace("\"", "");
                spec.commandLine().getErr().println(String.format("%s%-26s %s", indent, name, text));
            }
        });
    }

    private static JsonObject fields(Quote quote) {
        return JsonObject.builder()
                .put(
                        "header",
                        JsonObject.builder()
                                .put("version", quote.version())
                                .put("tee", quote.teeType().name())
                                .put("qeSvn", quote.qeSvn())
                                .put("pceSvn", quote.pceSvn())
                                .put("userData", HEX.formatHex(quote.userData()))
                                .build())
                .put("body", body(quote.body()))
                .put(
                        "signature",
                        JsonObject.builder()
                                .put("attestationKey", HEX.formatHex(quote.attestationKey()))
                                .put("authenticationData", HEX.formatHex(quote.authenticationData()))
                                .put("certificationDataType", quote.certificationDataType())
                                .put("certificationDataBytes", quote.certificationData().length)
                                .put("qeReport", body(quote.qeReport()))
                                .build())
                .put("trailingBytes", quote.trailingBytes())
                .build();
    }

    private static JsonObject body(QuoteBody body) {
        return switch (body) {
            case SgxReport report -> sgx(report);
            case TdReport report -> tdx(report);
        };
    }

    private static JsonObject sgx(SgxReport report) {
        return JsonObject.builder()
                .put("cpuSvn", HEX.formatHex(report.cpuSvn()))
                .put("miscSelect", String.format("%08x", report.miscSelect()))
                .put("attributes", HEX.formatHex(report.attributes()))
                .put("debug", report.debug())
                .put("mrEnclave", report.mrEnclave().hex())
                .put("mrSigner", report.mrSigner().hex())
                .put("configId", HEX.formatHex(report.configId()))
                .put("isvProdId", report.isvProdId())
                .put("isvSvn", report.isvSvn())
                .put("configSvn", report.configSvn())
                .put("isvExtProdId", HEX.formatHex(report.isvExtProdId()))
                .put("isvFamilyId", HEX.formatHex(report.isvFamilyId()))
                .put("reportData", report.reportData().hex())
                .build();
    }

    private static JsonObject tdx(TdReport report) {
        JsonObject.Builder out = JsonObject.builder()
                .put("teeTcbSvn", HEX.formatHex(report.teeTcbSvn()))
                .put("mrSeam", report.mrSeam().hex())
                .put("mrSignerSeam", report.mrSignerSeam().hex())
                .put("seamAttributes", HEX.formatHex(report.seamAttributes()))
                .put("tdAttributes", HEX.formatHex(report.tdAttributes()))
                .put("debug", report.debug())
                .put("xfam", HEX.formatHex(report.xfam()))
                .put("mrTd", report.mrTd().hex())
                .put("mrConfigId", report.mrConfigId().hex())
                .put("mrOwner", report.mrOwner().hex())
                .put("mrOwnerConfig", report.mrOwnerConfig().hex());
        for (int i = 0; i < 4; i++) {
            out.put("rtmr" + i, report.rtmr(i).hex());
        }
        out.put("reportData", report.reportData().hex());
        report.currentTeeTcbSvn().ifPresent(svn -> out.put("currentTeeTcbSvn", HEX.formatHex(svn)));
        report.mrServiceTd().ifPresent(digest -> out.put("mrServiceTd", digest.hex()));
        return out.build();
    }
}
