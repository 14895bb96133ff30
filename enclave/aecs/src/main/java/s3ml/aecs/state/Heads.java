package s3ml.aecs.state;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import s3ml.protocol.Signatures;
import s3ml.wire.aecs.state.Head;
import s3ml.wire.aecs.state.SignedHead;

/// Signs heads and reads them back, with the identity that derives from the root secret.
final class Heads {
    private static final String DOMAIN = "s3ml state head v1";
    /// A head has some 40 hashes of 32 bytes at most.
    private static final int MAX_BYTES = 8 * 1024;

    private final RootSecret root;
    private final ByteString instanceId;

    Heads(RootSecret root) {
        this.root = root;
        this.instanceId = ByteString.copyFrom(root.instanceId());
    }

    ByteString instanceId() {
        return instanceId;
    }

    ByteString sign(Head head) {
        byte[] bytes = head.toByteArray();
        return SignedHead.newBuilder()
                .setHead(ByteString.copyFrom(bytes))
                .setSignature(
                        ByteString.copyFrom(Signatures.sign(root.identity().getPrivate(), DOMAIN, bytes)))
                .build()
                .toByteString();
    }

    Head verify(byte[] signedHead) {
        if (signedHead.length > MAX_BYTES) {
            throw Faults.head("it has " + signedHead.length + " bytes");
        }
        try {
            SignedHead signed = SignedHead.parseFrom(signedHead);
            byte[] bytes = signed.getHead().toByteArray();
            if (!Signatures.verify(
                    root.identity().getPublic(), signed.getSignature().toByteArray(), DOMAIN, bytes)) {
                throw Faults.head("its signature is not by the identity of this AECS");
            }
            Head head = Head.parseFrom(bytes);
            if (!head.getInstanceId().equals(instanceId)) {
                throw Faults.head("it belongs to another AECS");
            }
            return head;
        } catch (InvalidProtocolBufferException e) {
            throw Faults.head("it is no SignedHead message");
        }
    }
}
