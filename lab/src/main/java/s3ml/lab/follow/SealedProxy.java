package s3ml.lab.follow;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import s3ml.client.PemText;
import s3ml.lab.emulated.FleetKeys;

/// What an operator adds to an Envoy so that it balances sealed bodies by request: a listener that ends the outer TLS,
/// and a cluster that takes its endpoints and weights from the control plane and speaks TLS to the servers.
///
/// @param keys of its own certificate
/// @param authority PEM file with the service's CA
/// @param port that it listens on
record SealedProxy(FleetKeys keys, Path authority, int port) {
    private static final String NAME = "proxy";

    /// Makes its keys.
    static SealedProxy in(Path folder, X509Certificate authority, int port) throws IOException {
        FleetKeys keys = FleetKeys.make(folder.resolve("proxy-keys"), List.of(NAME));
        Path file = Files.writeString(folder.resolve("service.crt"), PemText.of(authority));
        return new SealedProxy(keys, file, port);
    }

    /// Its own certificate.
    X509Certificate certificate() throws IOException {
        try (InputStream pem = Files.newInputStream(keys.certificate(NAME))) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(pem);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a certificate that was made can be read", e);
        }
    }

    /// Goes on where the static clusters of an Envoy's configuration end.
    ///
    /// @param endpoints the control plane's name for the servers' REST ports
    String yaml(String endpoints) {
        return """
                  - name: sealed
                    type: EDS
                    eds_cluster_config: {service_name: "%s", eds_config: {resource_api_version: V3, ads: {}}}
                    connect_timeout: 1s
                    transport_socket:
                      name: envoy.transport_sockets.tls
                      typed_config:
                        "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
                        sni: localhost
                        common_tls_context:
                          tls_params: {tls_minimum_protocol_version: TLSv1_3, tls_maximum_protocol_version: TLSv1_3}
                          validation_context: {trusted_ca: {filename: "%s"}}
                  listeners:
                  - name: sealed
                    address: {socket_address: {address: 127.0.0.1, port_value: %d}}
                    filter_chains:
                    - transport_socket:
                        name: envoy.transport_sockets.tls
                        typed_config:
                          "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
                          common_tls_context:
                            alpn_protocols: [h2, http/1.1]
                            tls_params: {tls_maximum_protocol_version: TLSv1_3}
                            tls_certificates: [{certificate_chain: {filename: "%s"}, private_key: {filename: "%s"}}]
                      filters:
                      - name: envoy.filters.network.http_connection_manager
                        typed_config:
                          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                          stat_prefix: sealed
                          route_config:
                            virtual_hosts:
                            - {name: all, domains: ["*"], routes: [{match: {prefix: "/"}, route: {cluster: sealed}}]}
                          http_filters:
                          - name: envoy.filters.http.router
                            typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
                """.formatted(endpoints, authority, port, keys.certificate(NAME), keys.key(NAME));
    }
}
