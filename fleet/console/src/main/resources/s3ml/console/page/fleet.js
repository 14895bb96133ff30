// The fleet as the page knows it: what came last of each host and model, what follows from it, and a short memory.

/** Ticks that a host's curves show. */
export const REMEMBERED = 120;
/** Older than this a report counts for nothing, as in the policy. */
const STALE_MILLIS = 5000;

/** Worst first; the word is what people read, the class gives shape and colour. */
export const STATES = {
  paging: {rank: 0, word: 'paging', why: 'pages more than its models bear'},
  slow: {rank: 1, word: 'slow', why: 'a replica misses its objective'},
  silent: {rank: 2, word: 'silent', why: 'no usable report'},
  reduced: {rank: 3, word: 'reduced', why: 'gets less than its full load'},
  calm: {rank: 4, word: 'calm', why: 'full load, nothing over a limit'},
};

class History {
  constructor() {
    this.values = new Float32Array(REMEMBERED * 2);
    this.count = 0;
  }

  add(paging, weight) {
    const at = (this.count++ % REMEMBERED) * 2;
    this.values[at] = paging;
    this.values[at + 1] = weight;
  }

  /** Calls back with (paging, weight), oldest first. */
  each(visit) {
    const size = Math.min(this.count, REMEMBERED);
    for (let i = this.count - size; i < this.count; i++) {
      const at = (i % REMEMBERED) * 2;
      visit(this.values[at], this.values[at + 1]);
    }
  }
}

export class Fleet {
  constructor() {
    this.hosts = new Map();
    this.models = new Map();
    this.attainment = new Map();
    this.at = 0;
    this.leader = true;
    this.updates = 0;
  }

  /** Takes in one message of the feed. */
  apply(message) {
    if (message.whole) {
      const names = new Set(message.hosts.map(host => host.host));
      for (const name of this.hosts.keys()) if (!names.has(name)) this.hosts.delete(name);
      this.models.clear();
    }
    for (const model of message.models) this.models.set(model.model, model);
    for (const name of message.gone) this.hosts.delete(name);
    for (const host of message.hosts) {
      const known = this.hosts.get(host.host);
      host.history = known ? known.history : new History();
      this.hosts.set(host.host, host);
      signals(host, this.models);
    }
    this.at = Date.parse(message.at) || 0;
    this.leader = message.leader;
    this.updates++;
    for (const host of this.hosts.values()) {
      host.state = state(host, this.at);
      host.history.add(host.contention ?? 0, host.weight);
    }
    this.attain();
  }

  /** Which share of the requests arrives at replicas that keep their model's objective. */
  attain() {
    const now = new Map();
    for (const model of this.models.keys()) now.set(model, {arrivals: 0, within: 0, active: 0, parked: 0, judged: 0});
    for (const host of this.hosts.values()) {
      for (const replica of host.replicas) {
        const sum = now.get(replica.model);
        if (!sum) continue;
        if (replica.active) sum.active++;
        else sum.parked++;
        if (host.state === 'silent' || !(replica.p99 > 0)) continue;
        const arrivals = replica.arrivals || 0;
        sum.arrivals += arrivals;
        sum.judged++;
        if (replica.p99 <= this.models.get(replica.model).objective) sum.within += arrivals;
      }
    }
    for (const [model, sum] of now) {
      const before = this.attainment.get(model) ?? {sinceOpened: 0, ticks: 0};
      sum.share = sum.arrivals > 0 ? sum.within / sum.arrivals : NaN;
      const counts = Number.isFinite(sum.share) ? 1 : 0;
      sum.sinceOpened = before.sinceOpened + (counts ? sum.share : 0);
      sum.ticks = before.ticks + counts;
      this.attainment.set(model, sum);
    }
    for (const model of this.attainment.keys()) if (!now.has(model)) this.attainment.delete(model);
  }
}

/** The policy's signals, worked out again from what the host reported. */
function signals(host, models) {
  let threshold = Infinity;
  let latency = NaN;
  host.active = 0;
  for (const replica of host.replicas) {
    const model = models.get(replica.model);
    if (replica.active) {
      host.active++;
      if (model && model.threshold > 0) threshold = Math.min(threshold, model.threshold);
    }
    if (model && replica.p99 > 0) latency = Math.max(latency || 0, replica.p99 / model.objective);
  }
  host.threshold = threshold;
  host.latency = latency;
  host.contention = host.paging ? Math.min(host.paging.loaded ?? NaN, host.paging.evicted ?? NaN) : NaN;
  host.used = host.paging && host.paging.total > 0 ? 1 - host.paging.free / host.paging.total : NaN;
}

function state(host, at) {
  if (!host.reportedAt || at - host.reportedAt > STALE_MILLIS) return 'silent';
  if (host.contention > host.threshold) return 'paging';
  if (host.latency > 1) return 'slow';
  if (host.weight < 0.999 || host.active < host.replicas.length) return 'reduced';
  return 'calm';
}
