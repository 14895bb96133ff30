// Who the AECS says it is, which of that this page has checked, what it let in and what it refused.
import {el, fault, mark, table, time, text} from './dom.js';
import {hex} from './wire.js';

const EVERY_MILLIS = 5000;

export class AttestationView {
  title = 'Attestation';

  constructor({aecs}) {
    this.aecs = aecs;
    this.body = el('div');
    this.counts = el('div');
    this.accepted = el('div');
    this.first = null;
    this.node = el('div', {}, el('h1', {}, 'Attestation'), this.body, el('h2', {}, 'Let in'), this.accepted,
      el('h2', {}, 'Calls and refusals'), this.counts);
    this.timer = setInterval(() => this.count(), EVERY_MILLIS);
    this.look();
  }

  leave() {
    clearInterval(this.timer);
  }

  update() {}

  async look() {
    this.count();
    if (this.aecs.absent) {
      this.body.replaceChildren(el('p', {}, this.aecs.absent));
      return;
    }
    try {
      const seen = await this.aecs.look();
      this.body.replaceChildren(...identity(seen, this.aecs.target));
      this.accepted.replaceChildren(...admitted(await this.aecs.newest()));
    } catch (failed) {
      this.body.replaceChildren(fault(failed.message));
    }
  }

  async count() {
    if (!this.aecs.counted) {
      text(this.counts, 'This console was started without --aecs-metrics, so it knows no counters of the AECS.');
      return;
    }
    try {
      const now = await this.aecs.counters();
      this.first ??= now;
      this.counts.replaceChildren(...calls(now, this.first));
    } catch (failed) {
      this.counts.replaceChildren(fault(failed.message));
    }
  }
}

/** What to say of each check that failed. */
export function refusals(checks) {
  return checks.filter(({ok}) => ok === false).map(({refusal}) => fault(refusal));
}

export function checkList(checks) {
  return el('ul', {class: 'checks'}, ...checks.map(({ok, words}) =>
    el('li', {}, mark(ok === null ? 'unknown' : ok ? 'yes' : 'no', ok === null ? 'not known' : ok ? 'checked' : 'REFUSED'), ': ' + words)));
}

function identity({said, evidence, checks, holds}, target) {
  const facts = [['Address', target], ['Instance', hex(said.instance)], [`${evidence.name} in its quote`, hex(evidence.measurement)],
    ['Quote', `${evidence.tee}, version ${evidence.version}`], ['Digest of its TLS key', hex(said.tlsKey)], ['Digest of its admins', hex(said.admins)]];
  const rows = el('tbody', {}, ...facts.map(([name, value]) => el('tr', {}, el('th', {scope: 'row'}, name), el('td', {class: 'hash'}, value))));
  return [
    ...refusals(checks),
    ...(holds ? [] : [fault('What this AECS says does not hold together. Keep this page; compare with a witness before anybody trusts it.')]),
    el('h2', {}, 'Checked in this page'), checkList(checks), el('h2', {}, 'What the AECS says of itself'),
    table('The AECS', [['What'], ['Value']], rows).box,
  ];
}

function admitted(entries) {
  const groups = new Map();
  for (const {entry} of entries) {
    if (entry.kind !== 'released' && entry.kind !== 'renewed') continue;
    const key = [hex(entry.measurement), hex(entry.policy), entry.simulated].join();
    const group = groups.get(key) ?? {entry, released: 0, renewed: 0};
    group[entry.kind]++;
    groups.set(key, group);
  }
  if (groups.size === 0) return [el('p', {}, 'The newest entries of the log hold no release of keys.')];
  const rows = el('tbody', {}, ...[...groups.values()].map(({entry, released, renewed}) => el('tr', {},
    el('th', {scope: 'row', class: 'hash'}, hex(entry.measurement)), el('td', {}, entry.simulated ? mark('unknown', 'SIMULATED') : mark('yes', 'hardware')),
    el('td', {class: 'hash'}, hex(entry.policy).slice(0, 16)), el('td', {class: 'number'}, String(released)),
    el('td', {class: 'number'}, String(renewed)), el('td', {}, time(entry.at)))));
  return [el('p', {class: 'muted'}, `By the newest ${entries.length} entries of the log: the AECS's own verdicts, which it wrote down when it gave keys.`),
    table('Measurements that got keys', [['Measurement'], ['Evidence'], ['Policy (commitment)'], ['Released', 'number'], ['Renewed', 'number'], ['Last']], rows).box];
}

function calls({calls: all, gauges}, first) {
  const before = new Map(first.calls.map(call => [call.call + ' ' + call.code, call.count]));
  const rows = el('tbody', {}, ...all.map(({call, code, count}) => {
    const fine = code === 'OK' || code === 'ok' || code === '';
    return el('tr', {}, el('th', {scope: 'row'}, call), el('td', {}, mark(fine ? 'yes' : 'no', fine ? 'done' : 'refused ' + code)),
      el('td', {class: 'number'}, String(count)), el('td', {class: 'number'}, String(count - (before.get(call + ' ' + code) ?? 0))));
  }));
  return [el('p', {class: 'muted'}, 'By the AECS\'s metrics page, since it started. Leases recorded now: ' + (gauges.leases ?? '–')
    + '. Which enclave was refused and for which claim, only the admin of its service is told: ./s3ml enclave.'),
  table('Calls by outcome', [['Call'], ['Outcome'], ['Count', 'number'], ['Since opened', 'number']], rows).box];
}
