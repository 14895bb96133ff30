package s3ml.images;

import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// What Gramine and Occlum need to run an image's files in SGX, written from the same list of files.
///
/// Not verified on hardware: the settings follow the manuals (Gramine's manifest syntax, Occlum's `Occlum.yaml` and bom
/// files) and what a JVM is known to need; nobody has run them here.
final class LibraryOs {
    private static final String MARK =
            "# NOT VERIFIED ON HARDWARE: written from the image's list of files; see docs/kubernetes.md\n";

    /// Heap, run-time image, model, tensors and threads of one replica; a power of two, as SGX wants it.
    private static final String ENCLAVE_SIZE = "1G";

    /// The JVM's own threads with the serial collector and one compiler, the I/O loops and the interpreter's.
    private static final int THREADS = 64;

    private LibraryOs() {}

    /// The Gramine manifest.
    static String gramine(Contents contents) {
        String arguments =
                contents.jvm().command().stream().map(LibraryOs::quoted).collect(Collectors.joining(", "));
        return MARK
                + """
                libos.entrypoint = "%s"
                loader.log_level = "error"
                loader.argv = [%s, "/config/%s.json"]
                loader.env.LD_LIBRARY_PATH = "/lib:/lib/x86_64-linux-gnu:/opt/java/lib:/opt/java/lib/server"
                loader.env.LC_ALL = "C.UTF-8"
                # The JVM uses signals to guard pages and asks for its own memory layout.
                sys.enable_sigterm_injection = true
                sys.stack.size = "2M"
                sys.enable_extra_runtime_domain_names_conf = true
                sgx.enclave_size = "%s"
                sgx.max_threads = %d
                sgx.remote_attestation = "dcap"
                sgx.debug = false
                sgx.edmm_enable = false
                # Everything of the image is measured; the configuration and the packages come from the host and are hostile input.
                sgx.trusted_files = [
                %s]
                sgx.allowed_files = ["file:/config/", "file:/packages/", "file:/etc/resolv.conf", "file:/etc/hosts"]
                fs.mounts = [
                  { type = "tmpfs", path = "/tmp" },
                ]
                """.formatted(
                                Contents.JAVA,
                                arguments,
                                contents.name(),
                                ENCLAVE_SIZE,
                                THREADS,
                                contents.files().keySet().stream()
                                        .map(path -> "  \"file:" + path + "\",\n")
                                        .collect(Collectors.joining()));
    }

    /// Occlum's description of the enclave.
    static String occlum(Contents contents) {
        return MARK + """
                resource_limits:
                  kernel_space_heap_size: 64MB
                  kernel_space_heap_max_size: 64MB
                  user_space_size: 1000MB
                  user_space_max_size: 1000MB
                  max_num_of_threads: %d
                process:
                  default_stack_size: 2MB
                  default_heap_size: 32MB
                  default_mmap_size: 900MB
                entry_points:
                  - %s/bin
                env:
                  default:
                    - LC_ALL=C.UTF-8
                    - LD_LIBRARY_PATH=/lib:/lib/x86_64-linux-gnu:/opt/java/lib:/opt/java/lib/server
                  untrusted: []
                metadata:
                  product_id: 1
                  version_number: 1
                  debuggable: false
                feature:
                  enable_edmm: false
                mount:
                  - target: /
                    type: unionfs
                    options:
                      layers:
                        - target: /
                          type: sefs
                          source: ./build/mount/__ROOT
                          options:
                            MAC: ''
                  - target: /tmp
                    type: ramfs
                  - target: /config
                    type: hostfs
                    source: /config
                  - target: /packages
                    type: hostfs
                    source: /packages
                """.formatted(THREADS, Contents.JAVA_HOME);
    }

    /// Occlum's bill of materials: which file of the build goes where. Hashes are Occlum's part when it copies.
    static String bom(Contents contents) {
        StringBuilder text = new StringBuilder(MARK).append("includes: []\ntargets:\n");
        Set<String> folders = new TreeSet<>();
        contents.files().keySet().forEach(path -> folders.add(path.substring(0, path.lastIndexOf('/') + 1)));
        for (String folder : folders) {
            text.append("  - target: ").append(folder).append("\n    copy:\n      - files:\n");
            contents.files().forEach((path, file) -> {
                if (path.substring(0, path.lastIndexOf('/') + 1).equals(folder)) {
                    text.append("          - image").append(path).append('\n');
                }
            });
        }
        return text.toString();
    }

    private static String quoted(String word) {
        return "\"" + word.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}
