"""tritonclient over TLS against a running server: http, grpc, both asyncio flavours, compression, and what is beside infer.

usage: triton.py REST_PORT GRPC_PORT CA_FILE; prints one line for each operation, exits 1 at the first that fails."""
import asyncio
import ssl
import sys

import numpy as np
import tritonclient.grpc as grpcclient
import tritonclient.grpc.aio as grpcaio
import tritonclient.http as httpclient
import tritonclient.http.aio as httpaio
from tritonclient.utils import InferenceServerException

rest, grpc, ca = "localhost:" + sys.argv[1], "localhost:" + sys.argv[2], sys.argv[3]
X = np.array([[1, 2, 3, 4.5]], dtype=np.float32)


def check(name, condition):
    if not condition:
        print("FAILED", name)
        sys.exit(1)
    print("ok", name)


def inputs(module, binary=True):
    tensor = module.InferInput("x", list(X.shape), "FP32")
    if module in (httpclient, httpaio):
        tensor.set_data_from_numpy(X, binary_data=binary)
    else:
        tensor.set_data_from_numpy(X)
    return [tensor]


def doubled(result):
    return np.array_equal(result.as_numpy("sum"), 2 * X)


def common(label, client, module):
    check(label + " server live", client.is_server_live())
    check(label + " server ready", client.is_server_ready())
    check(label + " model ready", client.is_model_ready("double"))
    check(label + " absent model not ready", not client.is_model_ready("absent"))
    check(label + " infer", doubled(client.infer("double", inputs(module))))
    check(label + " infer version", doubled(client.infer("double", inputs(module), model_version="1", request_id="7")))
    check(label + " async infer", asynchronous(client, module))
    best = module.InferRequestedOutput("sum", class_count=2)
    top = client.infer("double", inputs(module), outputs=[best]).as_numpy("sum")
    check(label + " classification", top.flatten()[0] == b"9.000000:3")
    words = module.InferInput("x", [2], "BYTES")
    words.set_data_from_numpy(np.array([b"one", b""], dtype=object))
    answer = client.infer("words", [words]).as_numpy("sum")
    check(label + " strings", list(answer) == [b"one", b""])
    try:
        client.infer("absent", inputs(module))
        check(label + " absent model refused", False)
    except InferenceServerException as e:
        check(label + " absent model refused", "SRV-204" in str(e))
    client.unload_model("spare")
    check(label + " unload", not client.is_model_ready("spare"))
    client.load_model("spare")
    check(label + " load", client.is_model_ready("spare"))


def asynchronous(client, module):
    if module is httpclient:
        return doubled(client.async_infer("double", inputs(module)).get_result())
    import queue

    answers = queue.Queue()
    client.async_infer("double", inputs(module), lambda result, error: answers.put((result, error)))
    result, error = answers.get(timeout=30)
    return error is None and doubled(result)


def http():
    client = httpclient.InferenceServerClient(rest, ssl=True, ssl_options={"ca_certs": ca})
    common("http", client, httpclient)
    check("http JSON", doubled(client.infer("double", inputs(httpclient, binary=False))))
    output = httpclient.InferRequestedOutput("sum", binary_data=False)
    check("http JSON output", doubled(client.infer("double", inputs(httpclient), outputs=[output])))
    for algorithm in ("gzip", "deflate"):
        result = client.infer(
            "double",
            inputs(httpclient),
            request_compression_algorithm=algorithm,
            response_compression_algorithm=algorithm,
        )
        check("http " + algorithm, doubled(result))
    check("http server metadata", "statistics" in client.get_server_metadata()["extensions"])
    check("http model metadata", client.get_model_metadata("double")["inputs"][0]["shape"] == [1, 4])
    check("http config", client.get_model_config("double")["max_batch_size"] == 0)
    stats = client.get_inference_statistics("double")["model_stats"][0]
    check("http statistics", stats["inference_count"] >= 1)
    check("http index", {entry["name"] for entry in client.get_model_repository_index()} == {"double", "words", "spare"})
    client.close()


def grpc_blocking():
    client = grpcclient.InferenceServerClient(grpc, ssl=True, root_certificates=ca)
    common("grpc", client, grpcclient)
    for algorithm in ("gzip", "deflate"):
        check("grpc " + algorithm, doubled(client.infer("double", inputs(grpcclient), compression_algorithm=algorithm)))
    check("grpc metadata", client.get_model_metadata("double").inputs[0].datatype == "FP32")
    check("grpc config", client.get_model_config("double").config.input[0].name == "x")
    check("grpc statistics", client.get_inference_statistics("double").model_stats[0].inference_count >= 1)
    check("grpc index", len(client.get_model_repository_index().models) == 3)
    check("grpc shared memory status", len(client.get_system_shared_memory_status().regions) == 0)
    try:
        client.get_trace_settings()
        check("grpc trace refused", False)
    except InferenceServerException as e:
        check("grpc trace refused", "UNIMPLEMENTED" in e.status())
    import queue

    answers = queue.Queue()
    client.start_stream(lambda result, error: answers.put((result, error)))
    for i in range(5):
        client.async_stream_infer("double", inputs(grpcclient), request_id=str(i))
    ids = []
    for _ in range(5):
        result, error = answers.get(timeout=30)
        check("grpc stream answer", error is None and doubled(result))
        ids.append(result.get_response().id)
    client.stop_stream()
    check("grpc stream order", ids == ["0", "1", "2", "3", "4"])
    client.close()


async def aio():
    context = ssl.create_default_context(cafile=ca)
    async with httpaio.InferenceServerClient(rest, ssl=True, ssl_context=context) as client:
        check("http.aio infer", doubled(await client.infer("double", inputs(httpaio))))
        answers = await asyncio.gather(*[client.infer("double", inputs(httpaio)) for _ in range(20)])
        check("http.aio twenty at once", all(doubled(answer) for answer in answers))
    async with grpcaio.InferenceServerClient(grpc, ssl=True, root_certificates=ca) as client:
        check("grpc.aio infer", doubled(await client.infer("double", inputs(grpcaio))))
        answers = await asyncio.gather(*[client.infer("double", inputs(grpcaio)) for _ in range(20)])
        check("grpc.aio twenty at once", all(doubled(answer) for answer in answers))


http()
grpc_blocking()
asyncio.run(aio())
