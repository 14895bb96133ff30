// The log's arithmetic (RFC 6962, RFC 9162 section 2.1), done in the page by the browser's own SHA-256.
import {equal, join} from './wire.js';

const LEAF = Uint8Array.of(0), NODE = Uint8Array.of(1);

export async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

export const leaf = entry => sha256(join(LEAF, entry));
export const node = (left, right) => sha256(join(NODE, left, right));

const half = value => Math.floor(value / 2);
const odd = value => value % 2 === 1;

/** Whether the path leads from the entry at `index` to the root of `size` entries. */
export async function included(entry, index, size, path, root) {
  if (index >= size) return false;
  let at = index, last = size - 1, hash = await leaf(entry);
  for (const beside of path) {
    if (last === 0 || beside.length !== 32) return false;
    if (odd(at) || at === last) {
      hash = await node(beside, hash);
      while (!odd(at) && at !== 0) {
        at = half(at);
        last = half(last);
      }
    } else {
      hash = await node(hash, beside);
    }
    at = half(at);
    last = half(last);
  }
  return last === 0 && equal(hash, root);
}

/** Whether the log of `size` entries begins with the log of `oldSize`. */
export async function extended(oldSize, oldRoot, size, root, proof) {
  if (oldSize > size) return false;
  if (oldSize === size) return proof.length === 0 && equal(oldRoot, root);
  if (oldSize === 0) return proof.length === 0;
  const path = [...proof];
  let at = oldSize - 1, last = size - 1;
  while (odd(at)) {
    at = half(at);
    last = half(last);
  }
  const seed = at === 0 ? oldRoot : path.shift();
  if (!seed || seed.length !== 32) return false;
  let older = seed, newer = seed;
  for (const beside of path) {
    if (last === 0 || beside.length !== 32) return false;
    if (odd(at) || at === last) {
      older = await node(beside, older);
      newer = await node(beside, newer);
      while (!odd(at) && at !== 0) {
        at = half(at);
        last = half(last);
      }
    } else {
      newer = await node(newer, beside);
    }
    at = half(at);
    last = half(last);
  }
  return last === 0 && equal(older, oldRoot) && equal(newer, root);
}

/** The root over entries that come one after the other. */
export class GrowingTree {
  constructor() {
    this.peaks = [];
    this.size = 0;
  }

  async add(entry) {
    let hash = await leaf(entry);
    for (let bits = this.size; odd(bits); bits = half(bits)) hash = await node(this.peaks.pop(), hash);
    this.peaks.push(hash);
    this.size++;
  }

  async root() {
    if (this.peaks.length === 0) return sha256(new Uint8Array(0));
    let hash = this.peaks.at(-1);
    for (let i = this.peaks.length - 2; i >= 0; i--) hash = await node(this.peaks[i], hash);
    return hash;
  }
}

const DOMAIN = new TextEncoder().encode('s3ml log head v1\0');

/** Whether the head is signed by the identity (SubjectPublicKeyInfo, P-256). */
export async function signed(head, identity) {
  const numbers = new DataView(new ArrayBuffer(16));
  numbers.setBigUint64(0, BigInt(head.size));
  numbers.setBigUint64(8, BigInt(head.at));
  const said = join(DOMAIN, new Uint8Array(numbers.buffer), head.root);
  try {
    const key = await crypto.subtle.importKey('spki', identity, {name: 'ECDSA', namedCurve: 'P-256'}, false, ['verify']);
    return await crypto.subtle.verify({name: 'ECDSA', hash: 'SHA-256'}, key, flat(head.signature), said);
  } catch {
    return false;
  }
}

/** A DER signature as the two numbers of 32 bytes that browsers take. */
function flat(der) {
  const number = at => {
    if (der[at] !== 2) throw new Error('no number');
    const value = der.subarray(at + 2, at + 2 + der[at + 1]);
    const bare = value[0] === 0 ? value.subarray(1) : value;
    if (bare.length > 32) throw new Error('too long');
    const padded = new Uint8Array(32);
    padded.set(bare, 32 - bare.length);
    return {padded, next: at + 2 + der[at + 1]};
  };
  const r = number(2), s = number(r.next);
  return join(r.padded, s.padded);
}
