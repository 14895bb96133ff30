"""The detector in Triton's Python backend, by LiteRT (TensorFlow Lite with XNNPACK)."""

import os
import sys

# The backend's interpreter is Debian's, which does not know the virtual environment.
sys.path.insert(0, os.environ["S3ML_SITE_PACKAGES"])

import triton_python_backend_utils as backend  # noqa: E402
from ai_edge_litert.interpreter import Interpreter  # noqa: E402


class TritonPythonModel:
    def initialize(self, args):
        file = os.path.join(args["model_repository"], args["model_version"], "model.tflite")
        self.interpreter = Interpreter(file, num_threads=int(os.environ["S3ML_THREADS"]))
        self.interpreter.allocate_tensors()
        self.input = self.interpreter.get_input_details()[0]["index"]
        # The most dimensions first, as config.pbtxt declares them: boxes, then classes and scores, then their count.
        self.outputs = sorted(self.interpreter.get_output_details(), key=lambda output: -len(output["shape"]))

    def execute(self, requests):
        responses = []
        for request in requests:
            self.interpreter.set_tensor(self.input, backend.get_input_tensor_by_name(request, "x").as_numpy())
            self.interpreter.invoke()
            tensors = [
                backend.Tensor("y%d" % i, self.interpreter.get_tensor(output["index"]))
                for i, output in enumerate(self.outputs)
            ]
            responses.append(backend.InferenceResponse(tensors))
        return responses
