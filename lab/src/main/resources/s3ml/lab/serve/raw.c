/* TensorFlow Lite alone in a loop, by its C API with XNNPACK: what no server can be faster than.
 *
 * usage: raw MODEL THREADS SECONDS     prints {"perSecond": R, "p50Ms": T, "residentMb": M}
 * The declarations are those of tensorflow/lite/c/c_api.h and xnnpack_delegate.h that the native library was built with. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct TfLiteModel TfLiteModel;
typedef struct TfLiteInterpreter TfLiteInterpreter;
typedef struct TfLiteInterpreterOptions TfLiteInterpreterOptions;
typedef struct TfLiteTensor TfLiteTensor;
typedef struct TfLiteDelegate TfLiteDelegate;

/* 56 bytes in this version; the library fills in the defaults, the number of threads comes first. */
typedef struct {
  int32_t num_threads;
  unsigned char rest[52];
} TfLiteXNNPackDelegateOptions;

TfLiteModel *TfLiteModelCreateFromFile(const char *path);
TfLiteInterpreterOptions *TfLiteInterpreterOptionsCreate(void);
void TfLiteInterpreterOptionsSetNumThreads(TfLiteInterpreterOptions *options, int32_t threads);
void TfLiteInterpreterOptionsAddDelegate(TfLiteInterpreterOptions *options, TfLiteDelegate *delegate);
TfLiteInterpreter *TfLiteInterpreterCreate(const TfLiteModel *model, const TfLiteInterpreterOptions *options);
int TfLiteInterpreterAllocateTensors(TfLiteInterpreter *interpreter);
int TfLiteInterpreterInvoke(TfLiteInterpreter *interpreter);
int32_t TfLiteInterpreterGetInputTensorCount(const TfLiteInterpreter *interpreter);
TfLiteTensor *TfLiteInterpreterGetInputTensor(const TfLiteInterpreter *interpreter, int32_t index);
void *TfLiteTensorData(const TfLiteTensor *tensor);
size_t TfLiteTensorByteSize(const TfLiteTensor *tensor);
TfLiteXNNPackDelegateOptions TfLiteXNNPackDelegateOptionsDefault(void);
TfLiteDelegate *TfLiteXNNPackDelegateCreate(const TfLiteXNNPackDelegateOptions *options);

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double resident_mb(void) {
  long kilobytes = 0;
  char line[256];
  FILE *status = fopen("/proc/self/status", "r");
  while (status != NULL && fgets(line, sizeof line, status) != NULL) {
    if (sscanf(line, "VmRSS: %ld", &kilobytes) == 1) break;
  }
  if (status != NULL) fclose(status);
  return kilobytes / 1024.0;
}

static int failed(const char *what) {
  fprintf(stderr, "raw: %s failed\n", what);
  return 1;
}

int main(int count, char **words) {
  if (count != 4) return failed("usage: raw MODEL THREADS SECONDS");
  int threads = atoi(words[2]);
  double seconds = atof(words[3]);
  TfLiteModel *model = TfLiteModelCreateFromFile(words[1]);
  if (model == NULL) return failed("reading the model");
  TfLiteInterpreterOptions *options = TfLiteInterpreterOptionsCreate();
  TfLiteInterpreterOptionsSetNumThreads(options, threads);
  TfLiteXNNPackDelegateOptions xnnpack = TfLiteXNNPackDelegateOptionsDefault();
  xnnpack.num_threads = threads;
  TfLiteInterpreterOptionsAddDelegate(options, TfLiteXNNPackDelegateCreate(&xnnpack));
  TfLiteInterpreter *interpreter = TfLiteInterpreterCreate(model, options);
  if (interpreter == NULL || TfLiteInterpreterAllocateTensors(interpreter) != 0) return failed("building the interpreter");
  for (int i = 0; i < TfLiteInterpreterGetInputTensorCount(interpreter); i++) {
    TfLiteTensor *input = TfLiteInterpreterGetInputTensor(interpreter, i);
    memset(TfLiteTensorData(input), 0, TfLiteTensorByteSize(input));
  }
  for (double end = now() + seconds / 10; now() < end;) {
    if (TfLiteInterpreterInvoke(interpreter) != 0) return failed("running the model");
  }
  size_t done = 0, room = 1024;
  double *took = malloc(room * sizeof *took);
  double began = now(), before = began;
  while (before < began + seconds && took != NULL) {
    if (TfLiteInterpreterInvoke(interpreter) != 0) return failed("running the model");
    double after = now();
    if (done == room) took = realloc(took, (room *= 2) * sizeof *took);
    if (took == NULL) break;
    took[done++] = after - before;
    before = after;
  }
  if (took == NULL || done == 0) return failed("allocating memory");
  double per_second = done / (before - began);
  qsort(took, done, sizeof *took, ascending);
  printf("{\"perSecond\":%.3f,\"p50Ms\":%.4f,\"residentMb\":%.1f}\n", per_second, 1000 * took[done / 2], resident_mb());
  return 0;
}
