"""The kserve client over TLS against a running server: REST v2 (JSON, binary) and gRPC.

usage: kserve_client.py REST_PORT GRPC_PORT CA_FILE; prints one line for each operation, exits 1 at the first that fails."""
import asyncio
import ssl
import sys

import numpy as np
from kserve import InferenceGRPCClient, InferenceRESTClient, InferInput, InferRequest
from kserve.inference_client import RESTConfig
from kserve.protocol.infer_type import RequestedOutput

rest, grpc, ca = "https://localhost:" + sys.argv[1], "localhost:" + sys.argv[2], sys.argv[3]
X = np.array([[1, 2, 3, 4.5]], dtype=np.float32)


def check(name, condition):
    if not condition:
        print("FAILED", name)
        sys.exit(1)
    print("ok", name)


def request(binary):
    tensor = InferInput("x", list(X.shape), "FP32")
    tensor.set_data_from_numpy(X, binary_data=binary)
    outputs = [RequestedOutput("sum", parameters={"binary_data": True})] if binary else None
    return InferRequest("double", [tensor], request_outputs=outputs)


async def main():
    client = InferenceRESTClient(RESTConfig(protocol="v2", verify=ssl.create_default_context(cafile=ca)))
    check("rest live", await client.is_server_live(rest))
    check("rest ready", await client.is_server_ready(rest))
    check("rest model ready", await client.is_model_ready(rest, "double"))
    for binary in (False, True):
        response = await client.infer(rest, request(binary), model_name="double")
        check("rest infer binary=" + str(binary), np.array_equal(response.outputs[0].as_numpy(), 2 * X))
    with open(ca, "rb") as file:
        import grpc as grpclib

        credentials = grpclib.ssl_channel_credentials(file.read())
    client = InferenceGRPCClient(grpc, creds=credentials, use_ssl=True)
    check("grpc live", await client.is_server_live())
    check("grpc ready", await client.is_server_ready())
    check("grpc model ready", await client.is_model_ready("double"))
    response = await client.infer(request(True))
    check("grpc infer", np.array_equal(response.outputs[0].as_numpy(), 2 * X))


asyncio.run(main())
