"""Each operation of the Open Inference Protocol by tritonclient: http, grpc, and both asyncio flavours.

usage: triton.py REST_PORT GRPC_PORT CA_FILE; prints CLIENT, PROTOCOL, OPERATION and OUTCOME, split by tabs."""
import asyncio
import inspect
import queue
import re
import ssl
import sys

import ml_dtypes
import numpy as np
import tritonclient.grpc as grpcclient
import tritonclient.grpc.aio as grpcaio
import tritonclient.http as httpclient
import tritonclient.http.aio as httpaio

rest, grpc, ca = "localhost:" + sys.argv[1], "localhost:" + sys.argv[2], sys.argv[3]
X = np.array([[1, 2, 3, 4.5]], dtype=np.float32)
HALF = np.array([1.5, -2], dtype=np.float16)
BRAIN = np.array([1.5, -2], dtype=ml_dtypes.bfloat16)
WORDS = np.array([b"one", b""], dtype=object)


async def value(call):
    result = call()
    return await result if inspect.isawaitable(result) else result


async def row(client, protocol, operation, call):
    try:
        outcome = "yes" if await value(call) else "wrong answer"
    except Exception as e:  # whatever a client makes of a refusal is what the table shows
        code = re.search(r"SRV-\d+", str(e))
        outcome = "refused " + code.group() if code else "failed: " + " ".join(str(e).split())[:80]
    print(client, protocol, operation, outcome, sep="\t", flush=True)


def tensor(module, name, array, datatype, **how):
    made = module.InferInput(name, list(array.shape), datatype)
    made.set_data_from_numpy(array, **how)
    return [made]


async def common(label, protocol, client, module):
    is_rest = protocol == "REST"

    async def do(operation, call):
        await row(label, protocol, operation, call)

    async def infer(model="double", inputs=None, **more):
        return await value(lambda: client.infer(model, inputs or tensor(module, "x", X, "FP32"), **more))

    async def doubled(**more):
        return np.array_equal((await infer(**more)).as_numpy("sum"), 2 * X)

    async def same(model, array, datatype):
        answer = (await infer(model, tensor(module, "x", array, datatype))).as_numpy("sum")
        return answer.tolist() == array.tolist()

    async def classes():
        best = (await infer(outputs=[module.InferRequestedOutput("sum", class_count=2)])).as_numpy("sum")
        return best.flatten()[0] == b"9.000000:3"

    async def unloaded():
        await value(lambda: client.unload_model("spare"))
        return not await value(lambda: client.is_model_ready("spare"))

    async def loaded():
        await value(lambda: client.load_model("spare"))
        return await value(lambda: client.is_model_ready("spare"))

    async def metadata():
        found = await value(lambda: client.get_model_metadata("double"))
        return (found["inputs"][0]["datatype"] if is_rest else found.inputs[0].datatype) == "FP32"

    async def config():
        found = await value(lambda: client.get_model_config("double"))
        return (found["input"][0]["name"] if is_rest else found.config.input[0].name) == "x"

    async def statistics(model):
        found = await value(lambda: client.get_inference_statistics(model))
        found = found["model_stats"] if is_rest else found.model_stats
        return (found[0]["inference_count"] if is_rest else found[0].inference_count) >= 0

    async def index():
        found = await value(lambda: client.get_model_repository_index())
        return len(found if is_rest else found.models) == 5

    async def server():
        found = await value(lambda: client.get_server_metadata())
        return "statistics" in (found["extensions"] if is_rest else found.extensions)

    async def none(call):
        found = await value(call)
        return len(found if is_rest else found.regions) == 0

    async def done(call):
        await value(call)
        return True

    async def many():
        if hasattr(client, "async_infer"):
            if is_rest:
                pending = [client.async_infer("double", tensor(module, "x", X, "FP32")) for _ in range(8)]
                return all(np.array_equal(one.get_result().as_numpy("sum"), 2 * X) for one in pending)
            answers = queue.Queue()
            for _ in range(8):
                client.async_infer(
                    "double", tensor(module, "x", X, "FP32"), lambda result, error: answers.put((result, error))
                )
            return all(answers.get(timeout=30)[1] is None for _ in range(8))
        return all(await asyncio.gather(*[doubled() for _ in range(8)]))

    async def stream():
        if inspect.iscoroutinefunction(client.is_server_live):
            async def requests():
                for i in range(5):
                    yield {"model_name": "double", "inputs": tensor(module, "x", X, "FP32"), "request_id": str(i)}

            return [r.get_response().id async for r, e in client.stream_infer(requests())] == list("01234")
        answers = queue.Queue()
        client.start_stream(lambda result, error: answers.put((result, error)))
        for i in range(5):
            client.async_stream_infer("double", tensor(module, "x", X, "FP32"), request_id=str(i))
        ids = [answers.get(timeout=30)[0].get_response().id for _ in range(5)]
        client.stop_stream()
        return ids == list("01234")

    await do("server live", client.is_server_live)
    await do("server ready", client.is_server_ready)
    await do("model ready", lambda: client.is_model_ready("double"))
    await do("server metadata", server)
    await do("model metadata", metadata)
    await do("model configuration", config)
    await do("infer, raw tensors", doubled)
    if is_rest:
        plain = module.InferInput("x", list(X.shape), "FP32")
        plain.set_data_from_numpy(X, binary_data=False)
        output = module.InferRequestedOutput("sum", binary_data=False)
        await do("infer, tensors in JSON or typed", lambda: doubled(inputs=[plain], outputs=[output]))
    await do("infer, version and request id", lambda: doubled(model_version="1", request_id="7"))
    await do("infer, priority and timeout", lambda: doubled(priority=1, timeout=20_000_000))
    await do("infer, FP16", lambda: same("half", HALF, "FP16"))
    await do("infer, BF16", lambda: same("brain", BRAIN, "BF16"))
    await do("infer, BYTES", lambda: same("words", WORDS, "BYTES"))
    await do("infer, classification", classes)
    for algorithm in ("gzip", "deflate"):
        how = {"compression_algorithm": algorithm}
        if is_rest:
            how = {"request_compression_algorithm": algorithm, "response_compression_algorithm": algorithm}
        await do("infer, " + algorithm, lambda: doubled(**how))
    await do("infer, eight at once", many)
    if not is_rest:
        await do("infer, stream", stream)
    await do("infer, absent model", lambda: infer("absent"))
    await do("statistics of a model", lambda: statistics("double"))
    await do("statistics of all", lambda: statistics(""))
    await do("repository index", index)
    await do("unload", unloaded)
    await do("load", loaded)
    await do("system shared memory, status", lambda: none(client.get_system_shared_memory_status))
    await do("system shared memory, register", lambda: done(lambda: client.register_system_shared_memory("r", "/r", 8)))
    await do("system shared memory, unregister", lambda: done(client.unregister_system_shared_memory))
    await do("CUDA shared memory, status", lambda: none(client.get_cuda_shared_memory_status))
    await do("CUDA shared memory, register", lambda: done(lambda: client.register_cuda_shared_memory("r", b"", 0, 8)))
    await do("CUDA shared memory, unregister", lambda: done(client.unregister_cuda_shared_memory))
    await do("trace settings", lambda: done(client.get_trace_settings))
    await do("log settings", lambda: done(client.get_log_settings))


async def main():
    blocking = httpclient.InferenceServerClient(rest, ssl=True, ssl_options={"ca_certs": ca}, concurrency=8)
    await common("tritonclient", "REST", blocking, httpclient)
    blocking.close()
    calls = grpcclient.InferenceServerClient(grpc, ssl=True, root_certificates=ca)
    await common("tritonclient", "gRPC", calls, grpcclient)
    calls.close()
    context = ssl.create_default_context(cafile=ca)
    async with httpaio.InferenceServerClient(rest, ssl=True, ssl_context=context) as client:
        await common("tritonclient aio", "REST", client, httpaio)
    async with grpcaio.InferenceServerClient(grpc, ssl=True, root_certificates=ca) as client:
        await common("tritonclient aio", "gRPC", client, grpcaio)


asyncio.run(main())
