"""What the kserve client has of the Open Inference Protocol, by REST and gRPC.

usage: kserve_client.py REST_PORT GRPC_PORT CA_FILE; prints CLIENT, PROTOCOL, OPERATION and OUTCOME, split by tabs."""
import asyncio
import re
import ssl
import sys

import grpc as grpclib
import numpy as np
from kserve import InferenceGRPCClient, InferenceRESTClient, InferInput, InferRequest
from kserve.inference_client import RESTConfig
from kserve.protocol.infer_type import RequestedOutput

rest, grpc, ca = "https://localhost:" + sys.argv[1], "localhost:" + sys.argv[2], sys.argv[3]
X = np.array([[1, 2, 3, 4.5]], dtype=np.float32)


async def row(protocol, operation, call):
    try:
        outcome = "yes" if await call() else "wrong answer"
    except Exception as e:  # whatever a client makes of a refusal is what the table shows
        code = re.search(r"SRV-\d+", str(e))
        outcome = "refused " + code.group() if code else "failed: " + " ".join(str(e).split())[:80]
    print("kserve", protocol, operation, outcome, sep="\t", flush=True)


def request(binary, model="double"):
    tensor = InferInput("x", list(X.shape), "FP32")
    tensor.set_data_from_numpy(X, binary_data=binary)
    outputs = [RequestedOutput("sum", parameters={"binary_data": True})] if binary else None
    return InferRequest(model, [tensor], request_outputs=outputs)


def doubled(response):
    return np.array_equal(response.outputs[0].as_numpy(), 2 * X)


async def main():
    client = InferenceRESTClient(RESTConfig(protocol="v2", verify=ssl.create_default_context(cafile=ca)))
    await row("REST", "server live", lambda: client.is_server_live(rest))
    await row("REST", "server ready", lambda: client.is_server_ready(rest))
    await row("REST", "model ready", lambda: client.is_model_ready(rest, "double"))

    async def by_rest(binary, model="double"):
        return doubled(await client.infer(rest, request(binary, model), model_name=model))

    await row("REST", "infer, raw tensors", lambda: by_rest(True))
    await row("REST", "infer, tensors in JSON or typed", lambda: by_rest(False))
    await row("REST", "infer, absent model", lambda: by_rest(False, "absent"))

    with open(ca, "rb") as file:
        credentials = grpclib.ssl_channel_credentials(file.read())
    calls = InferenceGRPCClient(grpc, creds=credentials, use_ssl=True)
    await row("gRPC", "server live", calls.is_server_live)
    await row("gRPC", "server ready", calls.is_server_ready)
    await row("gRPC", "model ready", lambda: calls.is_model_ready("double"))

    async def by_grpc(binary, model="double"):
        return doubled(await calls.infer(request(binary, model)))

    await row("gRPC", "infer, raw tensors", lambda: by_grpc(True))
    await row("gRPC", "infer, tensors in JSON or typed", lambda: by_grpc(False))
    await row("gRPC", "infer, absent model", lambda: by_grpc(True, "absent"))


asyncio.run(main())
