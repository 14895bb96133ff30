"""The detector as an MLServer runtime, by LiteRT (TensorFlow Lite with XNNPACK)."""

import os

from ai_edge_litert.interpreter import Interpreter
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse


class Detector(MLModel):
    async def load(self) -> bool:
        self.interpreter = Interpreter(self.settings.parameters.uri, num_threads=int(os.environ["S3ML_THREADS"]))
        self.interpreter.allocate_tensors()
        self.input = self.interpreter.get_input_details()[0]["index"]
        self.results = self.interpreter.get_output_details()
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        self.interpreter.set_tensor(self.input, self.decode(payload.inputs[0], default_codec=NumpyCodec))
        self.interpreter.invoke()
        outputs = [
            NumpyCodec.encode_output("y%d" % i, self.interpreter.get_tensor(output["index"]))
            for i, output in enumerate(self.results)
        ]
        return InferenceResponse(model_name=self.name, outputs=outputs)
