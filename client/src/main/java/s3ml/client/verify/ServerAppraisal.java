package s3ml.client.verify;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import s3ml.attest.Appraiser;
import s3ml.attest.Claims;
import s3ml.attest.Digest;
import s3ml.attest.Policy;
import s3ml.protocol.ServiceTrust;

/// Judges a dossier: a pure function of what is in it and a time.
///
/// Codes of findings beyond those of [Appraiser], `PRO-13x` and `PRO-18x`:
///
/// | code | meaning |
/// | --- | --- |
/// | `CLI-201` | the server's certificate was not issued by the service's authority |
/// | `CLI-202` | a certificate is not valid at this time |
/// | `CLI-203` | the certificate is for none of the service's names |
/// | `CLI-204` | another service than the expected one |
/// | `CLI-205` | the service runs under another policy than the expected one |
/// | `CLI-206` | the expected model is not among the service's |
/// | `CLI-207` | the receipt is not that of a release of keys to this service |
/// | `CLI-208` | the keys were released under another policy than the service has |
/// | `CLI-209` | a measurement is not among the published ones |
/// | `CLI-212` | the witness signed for another AECS, or with another key |
/// | `CLI-214` | nobody trusted vouches for this part |
public final class ServerAppraisal {
    private ServerAppraisal() {}

    /// The verdict.
    ///
    /// @param at the time to judge by
    public static ServerReport of(ServerDossier dossier, Instant at) {
        Map<Part, PartVerdict> verdicts = new EnumMap<>(Part.class);
        Appraiser appraiser = new Appraiser(null);
        AecsJudge.Result aecs = AecsJudge.judge(appraiser, dossier, at);
        Optional<Claims> claims = claims(appraiser, dossier, at);
        Optional<ServiceTrust> trust = aecs.trust();
        verdicts.put(Part.SERVER, ServerJudge.judge(dossier, trust, at));
        verdicts.put(Part.AECS, aecs.verdict());
        verdicts.put(Part.LOG, LogJudge.judge(dossier, trust));
        verdicts.put(Part.REFERENCE_VALUES, ReferenceJudge.judge(dossier, claims));
        return new ServerReport(dossier, at, verdicts, claims, expiries(dossier, claims, trust));
    }

    /// What the evidence of the AECS says if it is genuine, whatever the policy thinks of it.
    private static Optional<Claims> claims(Appraiser appraiser, ServerDossier dossier, Instant at) {
        Set<Digest> roots =
                dossier.expectations().aecsPolicy().map(Policy::trustedRoots).orElse(Set.of());
        return dossier.aecs()
                .flatMap(aecs -> aecs.collateral()
                        .flatMap(collateral -> appraiser
                                .examine(aecs.answer().getAecs().getEvidence().toByteArray(), collateral, roots, at)
                                .claims()));
    }

    /// Until when each thing holds on which the verdict rests.
    private static List<ServerReport.Expiry> expiries(
            ServerDossier dossier, Optional<Claims> claims, Optional<ServiceTrust> trust) {
        List<ServerReport.Expiry> all = new ArrayList<>();
        all.add(new ServerReport.Expiry(
                "the server's certificate",
                dossier.server().leaf().getNotAfter().toInstant()));
        trust.ifPresent(known -> all.add(new ServerReport.Expiry(
                "the service's authority", known.caCertificate().getNotAfter().toInstant())));
        claims.ifPresent(
                known -> all.add(new ServerReport.Expiry("the vendor's statements (collateral)", known.validUntil())));
        return all;
    }
}
