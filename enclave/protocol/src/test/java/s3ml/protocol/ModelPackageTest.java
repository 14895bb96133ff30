package s3ml.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.attest.Digest;
import s3ml.attest.S3mlException;
import s3ml.attest.SecretBytes;

final class ModelPackageTest {
    private static final int SEGMENT = 65_536;
    private static final int SEALED_SEGMENT = SEGMENT + 16;
    private static final int MODEL_BYTES = 3 * SEGMENT + 777;
    private static final ModelPackageWriter.Title TITLE =
            new ModelPackageWriter.Title("detector", "1", List.of("ball", "cube"));

    private final ModelPackageWriter writer = new ModelPackageWriter(new SecureRandom());
    private final SecretBytes key = writer.newKey();

    @TempDir
    private Path folder;

    private Path model;
    private Path file;
    private byte[] content;
    private ModelPackageWriter.Packed packed;

    @BeforeEach
    void pack() throws IOException {
        content = new byte[MODEL_BYTES];
        new SplittableRandom(7).nextBytes(content);
        model = Files.write(folder.resolve("model.tflite"), content);
        file = folder.resolve("detector-1.s3mlpkg");
        packed = writer.pack(model, TITLE, key, file);
    }

    @Test
    void a_package_opens_to_the_model_that_was_packed() {
        try (ModelPackageReader reader = ModelPackageReader.open(file, key, packed.manifestDigest());
                Arena arena = Arena.ofConfined()) {
            MemorySegment opened = reader.load(arena);

            assertThat(opened.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(content);
            assertThat(opened.address() % ModelPackageReader.MODEL_ALIGNMENT).isZero();
            assertThat(reader.manifest()).isEqualTo(packed.manifest());
            assertThat(reader.manifest().modelDigest()).isEqualTo(Digest.of(content));
            assertThat(reader.manifest().labels()).containsExactly("ball", "cube");
        }
    }

    @Test
    void segments_open_in_any_order() {
        try (ModelPackageReader reader = ModelPackageReader.open(file, key);
                Arena arena = Arena.ofConfined()) {
            MemorySegment last = arena.allocate(777);
            MemorySegment second = arena.allocate(SEGMENT);

            reader.readSegment(3, last);
            reader.readSegment(1, second);

            assertThat(last.toArray(ValueLayout.JAVA_BYTE))
                    .isEqualTo(Arrays.copyOfRange(content, 3 * SEGMENT, MODEL_BYTES));
            assertThat(second.toArray(ValueLayout.JAVA_BYTE))
                    .isEqualTo(Arrays.copyOfRange(content, SEGMENT, 2 * SEGMENT));
        }
    }

    @Test
    void models_of_one_byte_and_of_whole_segments_are_packed_too() throws IOException {
        for (int size : new int[] {1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 2 * SEGMENT}) {
            byte[] small = Arrays.copyOf(content, size);
            Path target = folder.resolve("small.s3mlpkg");
            writer.pack(Files.write(folder.resolve("small"), small), TITLE, key, target);

            try (ModelPackageReader reader = ModelPackageReader.open(target, key);
                    Arena arena = Arena.ofConfined()) {
                assertThat(reader.load(arena).toArray(ValueLayout.JAVA_BYTE)).isEqualTo(small);
            }
        }
    }

    @Test
    void the_file_is_laid_out_as_documented() throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int manifestBytes = ByteBuffer.wrap(bytes).getInt(8);

        assertThat(new String(bytes, 0, 8, StandardCharsets.US_ASCII)).isEqualTo("S3MLPKG1");
        assertThat(Digest.of(Arrays.copyOfRange(bytes, 12, 12 + manifestBytes))).isEqualTo(packed.manifestDigest());
        assertThat(bytes).hasSize(12 + manifestBytes + 32 + MODEL_BYTES + 4 * 16);
    }

    @Test
    void the_same_model_packed_twice_gives_other_bytes() throws IOException {
        Path again = folder.resolve("again.s3mlpkg");

        writer.pack(model, TITLE, key, again);

        int start = segments();
        assertThat(Arrays.copyOfRange(Files.readAllBytes(again), start, start + 100))
                .isNotEqualTo(Arrays.copyOfRange(Files.readAllBytes(file), start, start + 100));
    }

    @Test
    void every_flipped_bit_of_the_header_is_refused() throws IOException {
        byte[] intact = Files.readAllBytes(file);

        for (int position = 0; position < segments(); position++) {
            byte[] changed = intact.clone();
            changed[position] ^= (byte) (1 << (position % 8));
            Files.write(file, changed);

            assertThatThrownBy(() -> ModelPackageReader.open(file, key))
                    .as("byte %d", position)
                    .isInstanceOf(S3mlException.class)
                    .hasMessageStartingWith("PRO-11");
        }
    }

    @Test
    void a_flipped_bit_in_the_manifest_is_a_wrong_tag_or_with_a_lease_another_manifest() throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int letter = new String(bytes, 0, 200, StandardCharsets.ISO_8859_1).indexOf("detector");
        bytes[letter] ^= 1;
        Files.write(file, bytes);

        assertRefused("PRO-113", () -> ModelPackageReader.open(file, key));
        assertRefused("PRO-114", () -> ModelPackageReader.open(file, key, packed.manifestDigest()));
    }

    @Test
    void another_packages_key_is_refused() {
        assertRefused("PRO-113", () -> ModelPackageReader.open(file, writer.newKey()));
    }

    @Test
    void a_flipped_bit_in_a_segment_is_named_with_its_segment() throws IOException {
        for (int segment = 0; segment < 4; segment++) {
            for (int offset : new int[] {0, 300, 777 + 15}) {
                pack();
                byte[] bytes = Files.readAllBytes(file);
                bytes[segments() + segment * SEALED_SEGMENT + offset] ^= 0x40;
                Files.write(file, bytes);

                assertThatThrownBy(this::load)
                        .isInstanceOf(S3mlException.class)
                        .hasMessageStartingWith("PRO-115")
                        .hasMessageContaining("segment " + segment + " ");
            }
        }
    }

    @Test
    void swapped_segments_are_named() throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        byte[] swapped = bytes.clone();
        int start = segments();
        System.arraycopy(bytes, start, swapped, start + 2 * SEALED_SEGMENT, SEALED_SEGMENT);
        System.arraycopy(bytes, start + 2 * SEALED_SEGMENT, swapped, start, SEALED_SEGMENT);
        Files.write(file, swapped);

        assertThatThrownBy(this::load)
                .isInstanceOf(S3mlException.class)
                .hasMessageStartingWith("PRO-116")
                .hasMessageContaining("in the place of segment 0 stands segment 2");
    }

    @Test
    void segments_of_another_package_under_the_same_key_are_refused() throws IOException {
        Path other = folder.resolve("other.s3mlpkg");
        writer.pack(model, TITLE, key, other);
        byte[] bytes = Files.readAllBytes(file);
        byte[] others = Files.readAllBytes(other);
        System.arraycopy(others, segments(), bytes, segments(), SEALED_SEGMENT);
        Files.write(file, bytes);

        assertRefused("PRO-115", this::load);
    }

    @Test
    void every_truncation_is_refused() throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int[] lengths = {0, 7, 8, 11, 12, 100, segments() - 1, segments(), segments() + SEALED_SEGMENT, bytes.length - 1
        };

        for (int length : lengths) {
            Files.write(file, Arrays.copyOf(bytes, length));
            assertRefused("PRO-117", () -> ModelPackageReader.open(file, key));
        }
    }

    @Test
    void a_file_cut_after_it_was_opened_is_refused() throws IOException {
        byte[] bytes = Files.readAllBytes(file);

        try (ModelPackageReader reader = ModelPackageReader.open(file, key);
                Arena arena = Arena.ofConfined()) {
            Files.write(file, Arrays.copyOf(bytes, bytes.length - 1));

            assertRefused("PRO-117", () -> reader.load(arena));
        }
    }

    @Test
    void trailing_bytes_are_refused() throws IOException {
        byte[] bytes = Files.readAllBytes(file);

        Files.write(file, Arrays.copyOf(bytes, bytes.length + 1));
        assertRefused("PRO-118", () -> ModelPackageReader.open(file, key));
        Files.write(file, Arrays.copyOf(bytes, bytes.length + SEALED_SEGMENT));
        assertRefused("PRO-118", () -> ModelPackageReader.open(file, key));
    }

    @Test
    void a_file_of_another_kind_and_an_oversized_manifest_are_refused() throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[8] = 0x7f;
        Path image = Files.write(folder.resolve("image"), new byte[1000]);
        Files.write(file, bytes);

        assertRefused("PRO-110", () -> ModelPackageReader.open(image, key));
        assertRefused("PRO-111", () -> ModelPackageReader.open(file, key));
        assertRefused("PRO-121", () -> ModelPackageReader.open(folder.resolve("absent"), key));
    }

    @Test
    void an_empty_model_is_not_packed_and_leaves_nothing_behind() throws IOException {
        Path empty = Files.write(folder.resolve("empty"), new byte[0]);
        Path target = folder.resolve("empty.s3mlpkg");

        assertRefused("PRO-120", () -> writer.pack(empty, TITLE, key, target));

        assertThat(target).doesNotExist();
        assertThat(folder.resolve("empty.s3mlpkg.part")).doesNotExist();
    }

    @Test
    void names_and_labels_out_of_bounds_are_refused() {
        assertRefused("PRO-112", () -> new ModelPackageWriter.Title("", "1", List.of()));
        assertRefused("PRO-112", () -> new ModelPackageWriter.Title("../x", "1", List.of()));
        assertRefused("PRO-112", () -> new ModelPackageWriter.Title("a".repeat(129), "1", List.of()));
        assertRefused("PRO-112", () -> new ModelPackageWriter.Title("a", "1/2", List.of()));
        assertRefused("PRO-112", () -> new ModelPackageWriter.Title("a", "1", List.of("x".repeat(257))));
        assertRefused("PRO-112", () -> new ModelPackageWriter.Title("a", "1", List.of("line\nbreak")));
    }

    @Test
    void inspecting_needs_no_key() {
        ModelPackageReader.Inspection inspection = ModelPackageReader.inspect(file);

        assertThat(inspection.manifest()).isEqualTo(packed.manifest());
        assertThat(inspection.manifestDigest()).isEqualTo(packed.manifestDigest());
    }

    private int segments() throws IOException {
        return 12 + ByteBuffer.wrap(Files.readAllBytes(file)).getInt(8) + 32;
    }

    private void load() {
        try (ModelPackageReader reader = ModelPackageReader.open(file, key);
                Arena arena = Arena.ofConfined()) {
            reader.load(arena);
        }
    }

    private static void assertRefused(String code, org.assertj.core.api.ThrowableAssert.ThrowingCallable action) {
        assertThatThrownBy(action).isInstanceOf(S3mlException.class).hasMessageStartingWith(code);
    }
}
