package s3ml.client.attest;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import s3ml.attest.Appraiser;
import s3ml.attest.Claims;
import s3ml.attest.Collateral;
import s3ml.attest.Digest;
import s3ml.attest.EvidenceBundle;
import s3ml.attest.Examination;
import s3ml.attest.Finding;
import s3ml.attest.Policy;
import s3ml.attest.RaTlsEvidence;
import s3ml.attest.Rejected;
import s3ml.attest.S3mlException;
import s3ml.attest.Trusted;
import s3ml.client.log.HeadMemory;
import s3ml.client.options.JsonOption;
import s3ml.client.verify.DossierFile;
import s3ml.client.verify.Outcome;
import s3ml.client.verify.Part;
import s3ml.client.verify.ServerAppraisal;
import s3ml.client.verify.ServerDossier;
import s3ml.client.verify.ServerProbe;
import s3ml.client.verify.ServerReport;
import s3ml.client.verify.ServerStatement;

/// `s3ml verify`: appraises evidence and says what it proves. Exit status: 0 trusted, 2 rejected (or wrong usage), 3
/// cannot tell: no collateral, no policy, or evidence that cannot be had.
@Command(
        name = "verify",
        description = {
            "Appraise evidence: what it proves, and whether a policy trusts it; or a running model server: its AECS,",
            "certificate, policy, model, log and measurements.",
            "Exit status: 0 trusted, 2 rejected, 3 cannot tell (no policy, no collateral)."
        })
public final class VerifyCommand implements Callable<Integer> {
    private static final Digest INTEL =
            Digest.parse("44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3");

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
    private CollateralOptions collateralOptions = new CollateralOptions();

    @Mixin
    private ServerOptions serverOptions = new ServerOptions();

    @Option(
            names = "--policy",
            paramLabel = "FILE",
            description = {
                "what must be proven; without one the evidence is examined but never trusted.",
                "Of a server: the policy under which its keys may be released"
            })
    private @Nullable Path policyFile;

    @Option(
            names = "--root",
            paramLabel = "FILE|sha256:HEX",
            description = "a root to examine by when there is no policy, in place of Intel's")
    private List<String> roots = new ArrayList<>();

    @Option(names = "--at", paramLabel = "TIME", description = "judge as of 2026-01-31T00:00:00Z, or of unix seconds")
    private @Nullable String at;

    @Mixin
    private JsonOption json = new JsonOption();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final InstantSource clock;

    /// For picocli.
    public VerifyCommand() {
        this(InstantSource.system());
    }

    VerifyCommand(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public Integer call() {
        Judgement judgement;
        try {
            Optional<ServerStatement> server = server();
            if (server.isPresent()) {
                return verifyServer(server.get());
            }
            Optional<ServerDossier> bundle = serverBundle();
            if (bundle.isPresent()) {
                ServerDossier dossier = bundle.get();
                return say(
                        dossier.against(serverOptions.expectations(policyFile).orElse(dossier.expectations())));
            }
            judgement = judge();
        } catch (S3mlException e) {
            judgement = refused(e);
        }
        if (json.wanted()) {
            json.print(judgement.toJson());
        } else {
            judgement.lines().forEach(spec.commandLine().getErr()::println);
        }
        return judgement.outcome().status();
    }

    /// A server that is to be judged by its AECS; empty for anything else, and for a peer that shows evidence of its
    /// own in its certificate.
    private Optional<ServerStatement> server() {
        if (!input.startsWith("https://")) {
            return Optional.empty();
        }
        ServerStatement statement = ServerProbe.ask(URI.create(input));
        return RaTlsEvidence.of(statement.chain().getFirst()).isPresent() ? Optional.empty() : Optional.of(statement);
    }

    private Optional<ServerDossier> serverBundle() {
        if (input.startsWith("https://")) {
            return Optional.empty();
        }
        byte[] content = EvidenceInput.read(Path.of(input));
        return DossierFile.isOne(content) ? Optional.of(DossierFile.parse(content)) : Optional.empty();
    }

    private int verifyServer(ServerStatement server) {
        HeadMemory memory = serverOptions.memory();
        ServerDossier dossier = serverOptions.gather(server, collateralOptions, memory, policyFile, clock);
        ServerReport report = ServerAppraisal.of(dossier, at == null ? dossier.at() : time(at));
        if (report.trusts(Part.AECS) && report.trusts(Part.LOG)) {
            dossier.newestHead().ifPresent(memory::remember);
        }
        return say(report);
    }

    private int say(ServerDossier dossier) {
        return say(ServerAppraisal.of(dossier, at == null ? dossier.at() : time(at)));
    }

    private int say(ServerReport report) {
        Instant now = clock.instant();
        if (json.wanted()) {
            json.print(report.toJson(now));
        } else {
            report.lines(now).forEach(spec.commandLine().getErr()::println);
        }
        return report.outcome().status();
    }

    /// Evidence that is no quote, or not bound to its certificate, is rejected; what cannot be read or fetched is not
    /// judged.
    private static Judgement refused(S3mlException e) {
        boolean evidence = e.code().startsWith("ATT-1")
                || e.code().equals("ATT-501")
                || e.code().equals("CLI-161")
                || e.code().equals("CLI-211");
        Finding finding =
                new Finding(e.code(), "input", "something that can be judged", String.valueOf(e.getMessage()));
        return new Judgement(
                evidence ? Outcome.REJECTED : Outcome.UNKNOWN, Optional.empty(), List.of(finding), List.of());
    }

    private Judgement judge() {
        Instant time = at == null ? null : time(at);
        EvidenceInput evidence = EvidenceInput.of(input);
        if (!evidence.bindingFaults().isEmpty()) {
            return new Judgement(Outcome.REJECTED, Optional.empty(), evidence.bindingFaults(), List.of());
        }
        byte[] quote = evidence.quote().bytes();
        Optional<Collateral> collateral =
                collateralOptions.collateral(quote).or(() -> evidence.bundle().map(EvidenceBundle::collateral));
        Optional<Policy> policy = policyFile == null
                ? evidence.bundle().flatMap(EvidenceBundle::policy)
                : Optional.of(Policy.parse(new String(EvidenceInput.read(policyFile), StandardCharsets.UTF_8)));
        if (collateral.isEmpty()) {
            s3ml.attest.Quote.parse(quote);
            return new Judgement(
                    Outcome.UNKNOWN,
                    Optional.empty(),
                    List.of(new Finding("ATT-110", "collateral", "--collateral or --pccs", "none")),
                    List.of());
        }
        Instant now = clock.instant();
        Instant when =
                time != null ? time : evidence.bundle().map(EvidenceBundle::at).orElse(now);
        return judge(quote, collateral.get(), policy, when, notes(evidence, when, now));
    }

    private Judgement judge(
            byte[] quote, Collateral collateral, Optional<Policy> policy, Instant when, List<String> notes) {
        Appraiser appraiser = new Appraiser(null);
        Set<Digest> trusted = policy.map(Policy::trustedRoots).orElseGet(this::roots);
        Examination examination = appraiser.examine(quote, collateral, trusted, when);
        Optional<Claims> claims = examination.claims();
        if (policy.isEmpty()) {
            if (claims.isEmpty()) {
                return new Judgement(Outcome.REJECTED, claims, examination.findings(), notes);
            }
            Finding none = new Finding("ATT-150", "policy", "--policy with the code to be trusted", "none");
            return new Judgement(Outcome.UNKNOWN, claims, List.of(none), notes);
        }
        return switch (appraiser.appraise(quote, collateral, policy.get(), when)) {
            case Trusted verdict -> new Judgement(Outcome.TRUSTED, Optional.of(verdict.claims()), List.of(), notes);
            case Rejected verdict -> new Judgement(Outcome.REJECTED, claims, verdict.findings(), notes);
        };
    }

    private static List<String> notes(EvidenceInput evidence, Instant when, Instant now) {
        if (evidence.bundle().isEmpty()) {
            return List.of();
        }
        return List.of("Judged as of " + when + ", from a bundle of "
                + evidence.bundle().get().at() + "; today is " + now
                + ". What has expired since then says nothing about today.");
    }

    private Set<Digest> roots() {
        Set<Digest> all = new HashSet<>();
        for (String root : roots) {
            Path file = Path.of(root);
            all.add(
                    root.startsWith("sha256:") && !Files.exists(file)
                            ? fingerprint(root)
                            : Digest.of(EvidenceInput.read(file)));
        }
        return roots.isEmpty() ? Set.of(INTEL) : all;
    }

    private Digest fingerprint(String root) {
        try {
            return Digest.parse(root.substring("sha256:".length()));
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(spec.commandLine(), "--root: " + e.getMessage(), e);
        }
    }

    private Instant time(String text) {
        try {
            return text.chars().allMatch(Character::isDigit)
                    ? Instant.ofEpochSecond(Long.parseLong(text))
                    : Instant.parse(text);
        } catch (DateTimeParseException | NumberFormatException e) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "--at wants a time like 2026-01-31T00:00:00Z, or unix seconds", e);
        }
    }
}
