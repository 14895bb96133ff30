// Reads the protobuf messages of an AECS from their bytes. What is hashed must be the bytes that came, so the console
// passes those on and the page reads them itself.

const VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5;
const utf8 = new TextDecoder('utf-8', {fatal: true});

/** Field number -> values in order: numbers for varints, Uint8Array for bytes. Throws on anything malformed. */
export function fields(bytes) {
  const all = new Map();
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      if (at >= bytes.length || shift > 63n) throw new Error('a number ends too early');
      const byte = bytes[at++];
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) break;
    }
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new Error('a number is too large');
    return Number(value);
  };
  const take = size => {
    if (at + size > bytes.length) throw new Error('a field ends too early');
    at += size;
    return bytes.subarray(at - size, at);
  };
  while (at < bytes.length) {
    const key = varint();
    const type = key % 8, number = Math.floor(key / 8);
    let value;
    if (type === VARINT) value = varint();
    else if (type === BYTES) value = take(varint());
    else if (type === FIXED64) value = take(8);
    else if (type === FIXED32) value = take(4);
    else throw new Error('an unknown kind of field');
    if (!all.has(number)) all.set(number, []);
    all.get(number).push(value);
  }
  return all;
}

const EMPTY = new Uint8Array(0);
const last = (all, number, otherwise) => all.get(number)?.at(-1) ?? otherwise;

export function head(bytes) {
  const all = fields(bytes);
  return {size: last(all, 1, 0), root: last(all, 2, EMPTY), at: last(all, 3, 0), signature: last(all, 4, EMPTY)};
}

export function proof(bytes) {
  const all = fields(bytes);
  return {head: head(last(all, 1, EMPTY)), consistency: all.get(2) ?? [], entry: last(all, 3, EMPTY), inclusion: all.get(4) ?? []};
}

export function page(bytes) {
  const all = fields(bytes);
  return {head: head(last(all, 1, EMPTY)), entries: all.get(2) ?? []};
}

export function attested(bytes) {
  const all = fields(bytes);
  const claims = last(all, 2, EMPTY);
  const inside = fields(claims);
  return {
    evidence: last(all, 1, EMPTY), claims, nonce: last(inside, 1, EMPTY), identity: last(inside, 2, EMPTY),
    tlsKey: last(inside, 3, EMPTY), instance: last(inside, 4, EMPTY), admins: last(inside, 5, EMPTY),
  };
}

const KINDS = ['unknown', 'released', 'renewed', 'commanded', 'replica joined', 'recovered', 'created'];

export function entry(bytes) {
  const all = fields(bytes);
  return {
    kind: KINDS[last(all, 1, 0)] ?? 'unknown', at: last(all, 2, 0), service: last(all, 3, EMPTY), lease: last(all, 4, EMPTY),
    measurement: last(all, 5, EMPTY), policy: last(all, 6, EMPTY), epoch: last(all, 7, 0), simulated: last(all, 8, 0) === 1,
    command: last(all, 9, EMPTY), admin: last(all, 10, EMPTY), action: utf8.decode(last(all, 11, EMPTY)),
  };
}

/** What a DCAP quote says about itself. Reading is not appraising: no signature in it is checked here. */
export function quote(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint16(0, true);
  const tdx = version === 5 ? view.getUint16(48, true) !== 1 : version === 4 && view.getUint32(4, true) === 0x81;
  const body = version === 5 ? 54 : 48;
  const part = (offset, size) => {
    if (body + offset + size > bytes.length) throw new Error('the quote ends too early');
    return bytes.subarray(body + offset, body + offset + size);
  };
  return tdx
    ? {version, tee: 'TDX', name: 'MRTD', measurement: part(136, 48), reportData: part(520, 64)}
    : {version, tee: 'SGX', name: 'MRENCLAVE', measurement: part(64, 32), reportData: part(320, 64)};
}

export const hex = bytes => Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
export const unhex = digits => Uint8Array.from(digits.match(/../g) ?? [], pair => parseInt(pair, 16));
export const equal = (a, b) => a.length === b.length && a.every((byte, index) => byte === b[index]);

export function join(...parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
