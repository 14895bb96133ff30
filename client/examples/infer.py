#!/usr/bin/env python3
"""Asks a model server by standard TLS, with the certificate authority that `s3ml trust` wrote after it attested the AECS.

usage: infer.py HOST:PORT SERVICE-ca.pem MODEL

Sends one FP32 tensor of zeros in the model's own shape over the Open Inference Protocol v2 (REST, binary tensor
extension) and prints the outputs' names and shapes. Needs nothing but Python's standard library. The certificate must name
HOST, so use one of the names in SERVICE.json; the Java library checks those names whatever address it dials.
"""

import http.client
import json
import ssl
import struct
import sys


def main() -> None:
    address, authority, model = sys.argv[1:4]
    host, port = address.rsplit(":", 1)
    # Only this authority: a certificate of the public web is worth nothing here.
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    tls.minimum_version = ssl.TLSVersion.TLSv1_3
    tls.load_verify_locations(authority)
    server = http.client.HTTPSConnection(host, int(port), context=tls, timeout=30)

    server.request("GET", f"/v2/models/{model}")
    tensor = json.loads(answer(server))["inputs"][0]
    shape = [max(1, dimension) for dimension in tensor["shape"]]
    count = 1
    for dimension in shape:
        count *= dimension
    data = struct.pack(f"<{count}f", *([0.0] * count))
    header = json.dumps(
        {
            "parameters": {"binary_data_output": True},
            "inputs": [
                {
                    "name": tensor["name"],
                    "datatype": "FP32",
                    "shape": shape,
                    "parameters": {"binary_data_size": len(data)},
                }
            ],
        }
    ).encode()
    server.request(
        "POST",
        f"/v2/models/{model}/infer",
        body=header + data,
        headers={"Inference-Header-Content-Length": str(len(header)), "Content-Type": "application/octet-stream"},
    )
    response = server.getresponse()
    body = response.read()
    if response.status != 200:
        sys.exit(f"HTTP {response.status}: {body.decode(errors='replace')}")
    length = int(response.headers.get("Inference-Header-Content-Length", len(body)))
    for output in json.loads(body[:length])["outputs"]:
        print(output["name"], output["datatype"], output["shape"])


def answer(server: http.client.HTTPSConnection) -> bytes:
    response = server.getresponse()
    body = response.read()
    if response.status != 200:
        sys.exit(f"HTTP {response.status}: {body.decode(errors='replace')}")
    return body


if __name__ == "__main__":
    main()
