package s3ml.server.rest;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;
import s3ml.server.engine.RequestRefused;

/// An answer to be written.
///
/// @param body handed over to the writer
/// @param headers beside content type and length
public record RestReply(int status, String contentType, ByteBuf body, Map<String, String> headers) {
    static final String JSON = "application/json";
    static final String BINARY = "application/octet-stream";

    public RestReply {
        headers = Map.copyOf(headers);
    }

    /// Success with nothing to say.
    static RestReply empty() {
        return new RestReply(200, JSON, Unpooled.EMPTY_BUFFER, Map.of());
    }

    static RestReply json(int status, JsonValue value) {
        byte[] text = Json.write(value).getBytes(StandardCharsets.UTF_8);
        return new RestReply(status, JSON, Unpooled.wrappedBuffer(text), Map.of());
    }

    /// `{"error": "SRV-...: ..."}`, which every client of the protocol knows how to show.
    static RestReply refusal(RequestRefused refused) {
        RestReply reply = json(
                refused.fault().httpStatus(),
                JsonObject.builder()
                        .put("error", String.valueOf(refused.getMessage()))
                        .build());
        return switch (refused.fault()) {
            case OVERLOADED -> reply.withHeader("retry-after", Long.toString(refused.retryAfterSeconds()));
            case UNAUTHENTICATED -> reply.withHeader("www-authenticate", "Bearer realm=\"s3ml\"");
            default -> reply;
        };
    }

    RestReply withHeader(String name, String value) {
        Map<String, String> more = new java.util.HashMap<>(headers);
        more.put(name, value);
        return new RestReply(status, contentType, body, more);
    }

    /// As it is written; the body goes with it.
    ///
    /// @param stays whether another request may follow on the connection
    FullHttpResponse response(boolean stays) {
        FullHttpResponse response =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), body);
        response.headers().set(HttpHeaderNames.CONTENT_TYPE, contentType);
        response.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
        headers.forEach(response.headers()::set);
        if (!stays) {
            response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
        return response;
    }
}
