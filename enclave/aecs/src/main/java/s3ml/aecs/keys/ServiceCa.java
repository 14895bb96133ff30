package s3ml.aecs.keys;

import com.google.protobuf.ByteString;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.bc.BcX509ExtensionUtils;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import s3ml.aecs.registry.Names;
import s3ml.protocol.NativeCrypto;
import s3ml.protocol.Signatures;

/// Issues certificates: the CA of a service, the short-lived ones of its replicas, and self-signed ones. ECDSA P-256.
///
/// Whatever rests on simulated evidence says so in its subject.
public final class ServiceCa {
    /// Clocks of clients may be this far behind.
    private static final Duration SKEW = Duration.ofMinutes(5);

    private static final Duration CA_LIFETIME = Duration.ofDays(3650);
    private static final int MAX_COMMON_NAME = 64;
    private static final String SIMULATED = "S3ML SIMULATED (not a TEE)";
    private static final String REAL = "S3ML";

    private ServiceCa() {}

    /// A private key (PKCS #8) and its certificate (DER).
    public record Issued(ByteString privateKey, ByteString certificate) {}

    /// The CA of a service.
    ///
    /// @param serial positive
    /// @param simulated whether this AECS itself runs on a simulated platform
    public static Issued createCa(String service, BigInteger serial, Instant now, boolean simulated) {
        KeyPair pair = Signatures.generate();
        X500Name name = name("CA of " + service, simulated);
        X509v3CertificateBuilder builder = builder(name, serial, now.minus(SKEW), now.plus(CA_LIFETIME), name, pair);
        add(builder, Extension.basicConstraints, true, new BasicConstraints(0));
        add(builder, Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
        return signed(builder, pair.getPrivate(), pair);
    }

    /// A replica's certificate for TLS, with a fresh key.
    ///
    /// @param ca the service's CA
    /// @param names DNS names and addresses
    /// @param validity until the end of the replica's lease
    public static Issued issue(Issued ca, List<String> names, BigInteger serial, Validity validity) {
        X509CertificateHolder issuer = holder(ca.certificate().toByteArray());
        KeyPair pair = Signatures.generate();
        X500Name subject = name(names.getFirst(), validity.simulated());
        X509v3CertificateBuilder builder = builder(
                issuer.getSubject(),
                serial,
                validity.from().minus(SKEW),
                validity.until().plus(SKEW),
                subject,
                pair);
        leafExtensions(builder, names);
        add(
                builder,
                Extension.authorityKeyIdentifier,
                false,
                new BcX509ExtensionUtils().createAuthorityKeyIdentifier(issuer));
        return signed(builder, Signatures.privateKey(ca.privateKey().toByteArray()), pair);
    }

    /// A self-signed certificate with its key, as applications that bring their own trust expect.
    public static Issued selfSigned(String commonName, List<String> names, BigInteger serial, Validity validity) {
        KeyPair pair = Signatures.generate();
        X500Name name = name(commonName, validity.simulated());
        X509v3CertificateBuilder builder =
                builder(name, serial, validity.from().minus(SKEW), validity.until(), name, pair);
        if (!names.isEmpty()) {
            leafExtensions(builder, names);
        }
        return signed(builder, pair.getPrivate(), pair);
    }

    /// When a certificate is valid, and whether it rests on simulated evidence.
    public record Validity(Instant from, Instant until, boolean simulated) {}

    /// What a self-signed certificate says of its holder.
    record Said(String commonName, List<String> names, Duration validity) {}

    static Said said(byte[] certificate) {
        X509CertificateHolder holder = holder(certificate);
        String commonName = IETFUtils.valueToString(
                holder.getSubject().getRDNs(BCStyle.CN)[0].getFirst().getValue());
        List<String> names = new ArrayList<>();
        GeneralNames alternatives =
                GeneralNames.fromExtensions(holder.getExtensions(), Extension.subjectAlternativeName);
        if (alternatives != null) {
            for (GeneralName name : alternatives.getNames()) {
                names.add(text(name));
            }
        }
        Duration validity = Duration.between(
                holder.getNotBefore().toInstant().plus(SKEW),
                holder.getNotAfter().toInstant());
        return new Said(commonName, names, validity);
    }

    private static String text(GeneralName name) {
        if (name.getTagNo() == GeneralName.iPAddress) {
            byte[] address = ASN1OctetString.getInstance(name.getName()).getOctets();
            try {
                return InetAddress.getByAddress(address).getHostAddress();
            } catch (UnknownHostException e) {
                throw new IllegalStateException("an address in our own certificate has a wrong length", e);
            }
        }
        return name.getName().toString();
    }

    private static void leafExtensions(X509v3CertificateBuilder builder, List<String> names) {
        add(builder, Extension.basicConstraints, true, new BasicConstraints(false));
        add(builder, Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
        add(builder, Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
        GeneralName[] alternatives = names.stream().map(ServiceCa::alternative).toArray(GeneralName[]::new);
        add(builder, Extension.subjectAlternativeName, false, new GeneralNames(alternatives));
    }

    private static GeneralName alternative(String name) {
        return Names.isAddress(name)
                ? new GeneralName(GeneralName.iPAddress, new DEROctetString(Names.address(name)))
                : new GeneralName(GeneralName.dNSName, name);
    }

    private static X500Name name(String commonName, boolean simulated) {
        String shortened = commonName.substring(0, Math.min(commonName.length(), MAX_COMMON_NAME));
        return new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(BCStyle.O, simulated ? SIMULATED : REAL)
                .addRDN(BCStyle.CN, shortened)
                .build();
    }

    private static X509v3CertificateBuilder builder(
            X500Name issuer, BigInteger serial, Instant from, Instant until, X500Name subject, KeyPair pair) {
        SubjectPublicKeyInfo key =
                SubjectPublicKeyInfo.getInstance(pair.getPublic().getEncoded());
        X509v3CertificateBuilder builder =
                new X509v3CertificateBuilder(issuer, serial, Date.from(from), Date.from(until), subject, key);
        add(builder, Extension.subjectKeyIdentifier, false, new BcX509ExtensionUtils().createSubjectKeyIdentifier(key));
        return builder;
    }

    private static void add(
            X509v3CertificateBuilder builder, ASN1ObjectIdentifier oid, boolean critical, ASN1Encodable value) {
        try {
            builder.addExtension(oid, critical, value);
        } catch (CertIOException e) {
            throw new IllegalStateException("an extension of fixed form cannot be encoded", e);
        }
    }

    private static Issued signed(X509v3CertificateBuilder builder, PrivateKey signer, KeyPair subject) {
        try {
            ContentSigner content = new JcaContentSignerBuilder("SHA256withECDSA")
                    .setProvider(NativeCrypto.provider())
                    .build(signer);
            return new Issued(
                    ByteString.copyFrom(subject.getPrivate().getEncoded()),
                    ByteString.copyFrom(builder.build(content).getEncoded()));
        } catch (OperatorCreationException | java.io.IOException e) {
            throw new IllegalStateException("a P-256 key cannot sign a certificate", e);
        }
    }

    private static X509CertificateHolder holder(byte[] der) {
        try {
            return new X509CertificateHolder(der);
        } catch (java.io.IOException e) {
            throw new IllegalStateException("the service's CA certificate cannot be read", e);
        }
    }
}
