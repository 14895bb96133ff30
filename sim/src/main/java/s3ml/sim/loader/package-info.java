/// The loader of the simulated platform: starts an enclave as a child process from a private copy of its files,
/// measures exactly what it starts ([s3ml.sim.loader.EnclaveMeasurement]), and answers that process, and no other, with
/// quotes and sealing keys ([s3ml.sim.loader.Loader] is the entry; [s3ml.sim.loader.PlatformProcess] runs it as a
/// process).
///
/// What a processor would enforce is promised only by this process and by the file permissions of its folder: any
/// program of the same user can lie to it.
@NullMarked
package s3ml.sim.loader;

import org.jspecify.annotations.NullMarked;
