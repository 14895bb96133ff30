// What the page asks of an AECS, and what it checks itself before it shows it.
import {attested, entry, equal, hex, page, proof, quote, unhex} from './wire.js';
import {extended, included, sha256, signed, GrowingTree} from './merkle.js';

/** What one request may ask for. */
const PAGE = 256;
/** Entries that the page reads for its tables; the whole log is read on request only. */
const NEWEST = 1024;
const STORED = 's3ml-log-';

async function bytes(path) {
  const answer = await fetch('/api/aecs/' + path);
  if (!answer.ok) throw new Error((await answer.json()).message);
  return new Uint8Array(await answer.arrayBuffer());
}

export class Aecs {
  configured(session) {
    this.target = session.aecs;
    this.counted = session.counters;
  }

  /** Why nothing can be shown; empty when something can. */
  get absent() {
    if (this.target === undefined) return 'Asking the console…';
    if (!this.target) return 'This console was started without --aecs, so it knows no AECS.';
    if (!globalThis.crypto?.subtle) {
      return 'This page was opened over plain HTTP from another machine. Browsers then give no SHA-256, so nothing can be checked: '
        + 'open it over HTTPS or from the machine itself.';
    }
    return '';
  }

  /**
   * Asks the AECS who it is and for its log's head, and checks both. Each check is {ok: true|false|null, words}, and refusal: what to
   * say, and do, when it fails.
   */
  async look() {
    const nonce = crypto.getRandomValues(new Uint8Array(32));
    const said = attested(await bytes('attest?nonce=' + hex(nonce)));
    const evidence = quote(said.evidence);
    const key = STORED + hex(said.instance);
    const before = remembered(key);
    const answer = await this.extension(before?.size ?? 0);
    const covers = equal(evidence.reportData.subarray(0, 32), await sha256(said.claims));
    const head = answer.head;
    const checks = [
      {ok: equal(said.nonce, nonce), words: 'its answer holds the nonce that this page made just now',
        refusal: 'This answer holds another nonce than the one this page made: it was made before, and somebody shows it again.'},
      {ok: covers, words: 'its quote covers that answer: nonce, identity key, TLS key',
        refusal: 'The quote does not cover this answer: what the AECS says of itself was changed, or another quote was put beside it.'},
      {ok: null, words: 'the quote itself is not appraised here: whether a CPU made it, only ./s3ml verify tells'},
      {ok: await signed(head, said.identity), words: `the log's head of ${head.size} entries is signed by the identity key in that answer`,
        refusal: 'The head of this log is not signed by this AECS: it was changed, or somebody else made it.'},
    ];
    if (before) {
      checks.push({ok: before.identity === hex(said.identity), words: 'the identity key is the one that this browser saw first',
        refusal: `Another identity key answers for this AECS than the one this browser saw first, ${before.identity}.`});
      checks.push({ok: await extended(before.size, unhex(before.root), head.size, head.root, answer.consistency),
        words: `the log begins with the ${before.size} entries that this browser saw before`,
        refusal: 'This log does not extend the one this browser saw: it was rolled back, forked or rewritten. '
          + `Remembered: ${before.size} entries, root ${before.root}. Shown now: ${head.size} entries, root ${hex(head.root)}. `
          + 'Keep both: they are the evidence.'});
    } else {
      checks.push({ok: null, words: 'this browser never saw this AECS before: it remembers its identity and its log from now on'});
    }
    const holds = checks.every(check => check.ok !== false);
    if (holds) localStorage.setItem(key, JSON.stringify({size: head.size, root: hex(head.root), identity: hex(said.identity), at: head.at}));
    this.seen = {said, evidence, head, before, checks, holds};
    return this.seen;
  }

  /** A log that is shorter than the remembered one has no proof; its head alone then shows that. */
  async extension(known) {
    const now = proof(await bytes('proof?known=0'));
    return known === 0 || now.head.size < known ? now : proof(await bytes('proof?known=' + known));
  }

  /** The newest entries, newest first, as {index, bytes, entry}; they stand under no proof yet. */
  async newest(count = NEWEST) {
    const size = this.seen.head.size;
    const first = Math.max(0, size - count);
    const all = [];
    for (let at = first; at < size; at += PAGE) {
      const got = page(await bytes(`entries?first=${at}&count=${Math.min(PAGE, size - at)}`));
      got.entries.forEach((raw, index) => all.push({index: at + index, bytes: raw, entry: entry(raw)}));
    }
    return all.reverse();
  }

  /** Whether the entry that is shown stands in the log, under a head that extends the seen one. */
  async prove(shown) {
    const answer = proof(await bytes(`proof?known=${this.seen.head.size}&entry=${shown.index}`));
    const seen = this.seen.head;
    if (!equal(answer.entry, shown.bytes)) return {ok: false, words: 'REFUSED: another entry stands there than the one shown'};
    if (!await signed(answer.head, this.seen.said.identity)) return {ok: false, words: 'REFUSED: the head is not signed by this AECS'};
    if (!await extended(seen.size, seen.root, answer.head.size, answer.head.root, answer.consistency)) {
      return {ok: false, words: 'REFUSED: the log does not extend the one this page saw'};
    }
    if (!await included(answer.entry, shown.index, answer.head.size, answer.inclusion, answer.head.root)) {
      return {ok: false, words: 'REFUSED: the path does not lead to the signed root'};
    }
    return {ok: true, words: `proven: ${answer.inclusion.length} hashes lead to the signed root of ${answer.head.size} entries`};
  }

  /** Reads every entry and compares the root over them with the signed one. */
  async whole(progress) {
    const head = this.seen.head;
    const tree = new GrowingTree();
    while (tree.size < head.size) {
      const got = page(await bytes(`entries?first=${tree.size}&count=${Math.min(PAGE, head.size - tree.size)}`));
      if (got.entries.length === 0) return {ok: false, words: `REFUSED: the AECS gave ${tree.size} entries instead of ${head.size}`};
      for (const raw of got.entries) await tree.add(raw);
      progress(tree.size, head.size);
    }
    const same = equal(await tree.root(), head.root);
    return {ok: same, words: same ? `proven: all ${head.size} entries give the signed root` : 'REFUSED: the entries do not give the signed root'};
  }

  async counters() {
    const answer = await fetch('/api/aecs/counters');
    const document = await answer.json();
    if (!answer.ok) throw new Error(document.message);
    return document;
  }
}

function remembered(key) {
  try {
    const known = JSON.parse(localStorage.getItem(key));
    return known && Number.isSafeInteger(known.size) ? known : null;
  } catch {
    return null;
  }
}
